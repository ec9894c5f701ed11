"""The rules as a table that a shop's owner reads."""

from dataclasses import replace
from datetime import UTC, datetime

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
