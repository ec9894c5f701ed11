"""The rules as a table that a shop's owner reads."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from actions.policy import Policy
from actions.policy.limits import LIMITED, OPTIONAL, Limit
from actions.policy.rules import LANGUAGES
from actions.policy.schema import RULES
from actions.policy.table import measure, render_table


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [20, 139, 140])
def test_every_rule_is_told_within_the_width(policy: Policy, language: str, width: int) -> None:
    """Wide or narrow, in each language, no line runs over and no rule is left out."""
    lines = list(render_table(policy, language=language, width=width))
    assert all(measure(line) <= width for line in lines)
    assert all(any(line.startswith(rule) for line in lines) for rule in RULES)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", ["签收后7天", "顾客", "退货", "《消费者权益保护法》第25条", "转人工决定"]),
        (
            "zh-Hant",
            [
                "簽收後7天",
                "顧客",
                "退貨",
                "《消費者權益保護法》第25條",
                "由專人決定",
                "365（壓縮機 1095、馬達 1095）天",
                "第2–3天10元",
            ],
        ),
        (
            "en",
            [
                "7 days from signing",
                "customer",
                "a return",
                "Consumer Law 25",
                "a person decides",
                "day 1: 5",
                "loss of use 5 %",
            ],
        ),
    ],
)
def test_the_table_tells_what_the_file_says(policy: Policy, language: str, said: list[str]) -> None:
    """Deadline, remedies, who pays and the law come from the rules themselves."""
    text = "\n".join(render_table(policy, language=language, width=80))
    assert all("".join(words.split()) in "".join(text.split()) for words in said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "发补偿券 (issue_voucher): 2 次，合计 50 元"),
        ("zh-Hant", "修改訂單 (change_order): 3 次"),
        ("en", "send again (resend): a person always confirms"),
    ],
)
def test_the_daily_limits_stand_below_the_rules(policy: Policy, language: str, said: str) -> None:
    """With every kind of command there is; none a day means that a person always confirms."""
    closed = replace(policy, limits={**policy.limits, "resend": Limit(0)})
    lines = list(render_table(closed, language=language, width=80))
    assert said in [line.strip() for line in lines]
    assert all(any(f"({kind})" in line for line in lines) for kind in (*LIMITED, *OPTIONAL))


def test_each_version_has_its_own_days(policy: Policy) -> None:
    """From the beginning to the day before the next; then from that day on."""
    (first,) = policy.versions
    later = replace(first, name="2", effective_at=datetime(2026, 12, 31, 16, tzinfo=UTC))  # 1 January in Shanghai
    text = "\n".join(render_table(replace(policy, versions=(first, later)), language="en", width=80))
    assert "to 2026-12-31" in text
    assert "from 2027-01-01" in text


def test_a_version_ends_the_day_before_the_next_where_clocks_change(policy: Policy) -> None:
    """New York goes forward on 14 March 2027: that day has 23 hours, and is the last of the first version."""
    (first,) = policy.versions
    later = replace(first, name="2", effective_at=datetime(2027, 3, 15, 4, tzinfo=UTC))  # 0:00 in summer time
    there = replace(policy, zone=ZoneInfo("America/New_York"), versions=(first, later))
    assert "to 2027-03-14" in "\n".join(render_table(there, language="en", width=80))


@pytest.mark.parametrize(
    ("language", "extended", "said"),
    [
        ("en", True, "Days are counted in Asia/Shanghai, from the day after. A period set by law"),
        ("zh-Hans", False, "天数按 Asia/Shanghai 时间、从次日起算。"),
        ("zh-Hant", True, "遇休息日順延至次一工作日"),
    ],
)
def test_how_days_are_counted_stands_below_the_rules(policy: Policy, language: str, extended: bool, said: str) -> None:
    """The zone, and what becomes of a last day that is a day off."""
    lines = render_table(replace(policy, holiday_extension=extended), language=language, width=300)
    (told,) = [line for line in lines if "Asia/Shanghai" in line]
    assert said in told
    assert extended == ("順延" in told or "by law" in told)


@pytest.mark.parametrize(
    ("rule", "field", "said"),
    [
        ("return.no_reason", "sealed_kinds", "unwanted, in good order; – with the inner seal whole"),
        ("return.excluded", "kinds", "unwanted, and –; confirmed when ordering, else a person"),
    ],
)
def test_a_rule_without_kinds_says_so(policy: Policy, rule: str, field: str, said: str) -> None:
    """Nothing is left out of a sentence without a mark."""
    (version,) = policy.versions
    changed = replace(version.rules[rule], **{field: frozenset()})
    without = replace(policy, versions=(replace(version, rules={**version.rules, rule: changed}),))
    assert said in "\n".join(render_table(without, language="en", width=130))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["without stock, a return instead of the exchange", "or three times the loss"]),
        ("zh-Hans", ["无货可换时改为退货", "或损失的三倍"]),
        ("zh-Hant", ["無貨可換時改為退貨", "或損失的三倍"]),
    ],
)
def test_the_table_tells_what_stands_in_for_a_remedy(policy: Policy, language: str, said: list[str]) -> None:
    """What a customer gets who cannot have an exchange, and the other measure of a loss."""
    text = "\n".join(render_table(policy, language=language, width=400))
    assert all(words in text for words in said)
