"""Reading and checking the policy file."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from actions.policy import Policy, PolicyError, decide, load_default_policy, load_policy
from actions.policy.limits import Limit, Used, is_within
from actions.policy.loader import DEFAULT_FILE
from tests.unit.actions.policy_cases import case

DEFAULT = DEFAULT_FILE.read_text(encoding="utf-8")


def write(folder: Path, old: str, new: str) -> Path:
    """Write the default policy with one place changed."""
    assert old in DEFAULT
    path = folder / "policy.yml"
    path.write_text(DEFAULT.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "field", "clause"),
    [
        ("days: 7\n        payer: customer", "days: 6\n        payer: customer", "return.no_reason.days", "Law 25"),
        ("days: 15\n", "days: 14\n", "fault.exchange.days", "Three guarantees 10"),
        ("electronics: 365", "electronics: 364", "warranty.repair.days_by_kind", "Three guarantees 11"),
        ("[made_to_order,", "[clothing, made_to_order,", "return.excluded.kinds", "Consumer Law 25"),
        ('least: "500.00"', 'least: "499.99"', "fake.least", "Consumer Law 55"),
        ("repairs: 2", "repairs: 3", "warranty.failed.repairs", "Three guarantees 11"),
        ("days: 3\n", "days: three\n", "late.voucher.days", None),
        ("payer: customer", "payer: [customer]", "return.no_reason.payer", None),
        ("clauses: [§1.2, §4.2]", "clauses: §1.2", "late.voucher.clauses", None),
        ("晚了{late_days}", "晚了{late_days:d}", "late.voucher.texts.accept", None),
        ("没有更低", "没有更低{late}", "price.protection.texts.refuse", None),  # a fact of another rule
        ("我这边还没有签收记录，期限", "我这边{start}没有签收，期限", "return.no_reason.texts.unsigned", None),
        ("hours: 48 #", "minutes: 48 #", "transit.damage.hours", None),
        ("zone: Asia/Shanghai", "zone: Mars/Olympus", "zone", None),
        ("holidays: CN", "holidays: XX", "holidays", None),
        ("您{told}提出时已经过了期限，没法", "您{today}提出时已经过了期限，没法", "return.no_reason.texts.late", None),
        ('[3, "10.00"]', '[1, "10.00"]', "late.voucher.steps", None),
        ('{count: 2, amount: "50.00"}', '{amount: "50.00"}', "limits.issue_voucher", None),
        ('{count: 2, amount: "50.00"}', "{count: many}", "limits.issue_voucher", None),
        ('{count: 2, amount: "50.00"}', "{count: 2, amount: lots}", "limits.issue_voucher", None),
        ('{count: 2, amount: "50.00"}', "{count: 2, sum: 5}", "limits.issue_voucher", None),
        ('{count: 2, amount: "50.00"}', '{count: 2, amount: "50.001"}', "limits.issue_voucher", None),
        # What is left out is taken away, too.
        ("compressor: 1095, ", "", "warranty.repair.days_by_part", "Three guarantees 11"),
        (
            "        days_by_part: {compressor: 1095, motor: 1095}\n",
            "",
            "warranty.repair.days_by_part",
            "Three guarantees 11",
        ),
        ("clauses: [§1.2, §4.2]", "clauses: []", "late.voucher.clauses", None),
        ('least: "5.00"', 'least: "5.001"', "compensation.least", None),
        ('version: "1"', "version:", "versions[0].version", None),
        ("effective_from: null", "effective_from: 2026-01-01", "versions[0].effective_from", None),
        ("effective_from: null", "effective_from: soon", "versions[0].effective_from", None),
        ("effective_from: null", "effective_from: 2026-02-30", "versions[0].effective_from", None),  # no such day
        ("effective_from: null", "effective_from: 0001-01-01", "versions[0].effective_from", None),
        ("days: 15\n", f"days: {'9' * 5000}\n", "fault.exchange.days", None),  # more than Python counts
        ("days: 15\n", f"days: 0x{'f' * 5000}\n", "fault.exchange.days", None),
        ("motor: 1095}", "motor: 1095, battery: 364}", "warranty.repair.days_by_part", "Three guarantees 11"),
        ("evidence: [photo]", 'evidence: [photo, ""]', "fault.return.evidence", None),
        ("  resend: {count", "  send_again: {count", "limits.send_again", None),
        ("  resend: {count", "  send_again: {count", "limits.resend", None),  # and the one left out
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, field: str, clause: str | None) -> None:
    """File, line, field, value and, where a right is taken away, the clause."""
    path = write(tmp_path, old, new)
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    fault = next(fault for fault in error.value.faults if fault.field == field)
    assert str(path) == fault.file
    assert (clause or "") in (fault.clause or "")


def test_a_fault_names_its_line(tmp_path: Path) -> None:
    """The line is the one to edit."""
    path = write(tmp_path, "hours: 48 # own", "hours: soon # own")
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    (fault,) = error.value.faults
    assert "hours: soon" in path.read_text(encoding="utf-8").splitlines()[fault.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("days: 15\n", "days: !!int fifteen\n", "fifteen"),
        ("days: 15\n", "days: !!float fifteen\n", "fifteen"),
        ("days: 15\n", "days: !!bool fifteen\n", "fifteen"),
        ("days: 15\n", "days: !!binary fifteen\n", "not known here"),
        ("days: 15\n", "days: !!omap fifteen\n", "not known here"),
        ("days: 15\n", "days: !!map fifteen\n", "not known here"),
        ("days: 15\n", "days: !!python/name:os.system [fifteen]\n", "not known here"),
        ("days: 15\n", "days: !!int [15]\n", "not known here"),
        ("days: 15\n", "days: &days {<<: *days}\n", "itself"),
        ("days: 15\n", "days: 15 \0\n", "character"),
        ("days: 15\n", "days: [15\n", "expected"),
    ],
)
def test_what_cannot_be_read_names_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    """A value that is none of its kind, a character that no text has, a bracket left open."""
    path = write(tmp_path, old, new)
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    (fault,) = error.value.faults
    written = DEFAULT[: DEFAULT.index(old)].count("\n") + 1
    assert fault.line in (written, written + 1)  # the reader notices an open bracket a line later
    assert says in str(fault)


def test_a_file_in_another_encoding_names_its_line(tmp_path: Path) -> None:
    """Such as an editor of old saves it."""
    path = tmp_path / "policy.yml"
    path.write_bytes(DEFAULT.encode("gb18030"))
    with pytest.raises(PolicyError, match="UTF-8") as error:
        load_policy(path)
    (fault,) = error.value.faults
    assert not DEFAULT.splitlines()[fault.line - 1].isascii()


def test_names_that_stand_for_names_are_not_written_out(tmp_path: Path) -> None:
    """Ten of ten of ten of ...: a file of a few lines would fill the memory if a fault quoted all of it."""
    grown = "".join(f"x{at + 1}: &x{at + 1} [{', '.join([f'*x{at}'] * 10)}]\n" for at in range(12))
    path = tmp_path / "policy.yml"
    path.write_text(f"{DEFAULT}x0: &x0 [x]\n{grown}round: &round [*round]\n", encoding="utf-8")
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    assert {"x0", "x12", "round"} <= {fault.field for fault in error.value.faults}
    assert all(len(str(fault)) < 500 for fault in error.value.faults)


@pytest.mark.parametrize("end", ["twice: *x12\ntwice: *x12\n", "? *x12\n: 1\n"])
def test_nor_where_a_key_is_wrong(tmp_path: Path, end: str) -> None:
    """A key that stands twice is told without what stands at it; a key is a word."""
    grown = "".join(f"x{at + 1}: &x{at + 1} [{', '.join([f'*x{at}'] * 10)}]\n" for at in range(12))
    path = tmp_path / "policy.yml"
    path.write_text(f"{DEFAULT}x0: &x0 [x]\n{grown}{end}", encoding="utf-8")
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    (fault,) = error.value.faults
    assert "key" in fault.reason
    assert len(str(fault)) < 500


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """Nobody corrects a file one run at a time."""
    path = write(tmp_path, "days: 15\n", "days: 1\n")
    path.write_text(path.read_text(encoding="utf-8").replace("zone: Asia/Shanghai", "zone: nowhere"), encoding="utf-8")
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    assert [fault.field for fault in error.value.faults] == ["zone", "fault.exchange.days"]


def test_a_limit_is_read_with_its_count_and_its_money(tmp_path: Path) -> None:
    """As it is written; without an amount, any."""
    limits = load_policy(write(tmp_path, '{count: 2, amount: "50.00"}', '{count: 4, amount: "75.50"}')).limits
    assert limits["issue_voucher"] == Limit(4, Decimal("75.50"))
    assert limits["change_order"].amount is None


def test_a_file_from_before_limits_has_the_products_own(tmp_path: Path) -> None:
    """It still starts, and the bot is not let loose."""
    start, end = DEFAULT.index("limits:\n"), DEFAULT.index("versions:\n")
    path = tmp_path / "policy.yml"
    path.write_text(DEFAULT[:start] + DEFAULT[end:], encoding="utf-8")
    assert load_policy(path).limits == load_default_policy().limits


def test_money_for_a_lost_parcel_is_paid_back_alone_only_where_the_file_says_so(tmp_path: Path) -> None:
    """A file from before there was such a command loads as it is, and a person confirms each."""
    named = load_policy(write(tmp_path, "limits:\n", 'limits:\n  refund: {count: 1, amount: "100.00"}\n')).limits
    assert is_within(named, "refund", used=Used(), amount=Decimal("100.00"))
    assert not is_within(named, "refund", used=Used(), amount=Decimal("100.01"))
    assert not is_within(load_default_policy().limits, "refund", used=Used(), amount=Decimal("0.01"))


def test_a_file_from_before_a_text_came_does_without_it(tmp_path: Path) -> None:
    """Its own words say what is open."""
    start, end = (
        DEFAULT.index("          refund: # added"),
        DEFAULT.index("          refuse:\n", DEFAULT.index("# added")),
    )
    path = tmp_path / "policy.yml"
    path.write_text(DEFAULT[:start] + DEFAULT[end:], encoding="utf-8")
    late = case(reason="late_delivery", request="compensation", delivered_at=None, signed_at=None)
    told = decide(late, load_policy(path)).explanation["en"]
    assert "you get ¥10 for the delay. (By" in told


@pytest.mark.parametrize(
    ("used", "amount", "within"),
    [
        (Used(), "50.00", True),  # exactly what is allowed
        (Used(), "50.01", False),
        (Used(1, Decimal("30.00")), "20.00", True),
        (Used(1, Decimal("30.00")), "20.01", False),
        (Used(2, Decimal("1.00")), "1.00", False),  # two a day
    ],
)
def test_a_limit_holds_to_the_last_cent(policy: Policy, used: Used, amount: str, within: bool) -> None:
    """Two vouchers a day, 50 yuan together."""
    assert within is is_within(policy.limits, "issue_voucher", used=used, amount=Decimal(amount))


def test_what_has_no_limit_is_never_settled_alone(policy: Policy) -> None:
    """A kind that the file does not know goes to a person."""
    assert not is_within(policy.limits, "burn_down", used=Used(), amount=Decimal(0))


@pytest.mark.parametrize("content", ["[1, 2", "- a\n", "", "a: 1\na: 2\n", "a:\n\t- 1\n", "[" * 3000])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str) -> None:
    """Broken YAML is a fault like any other."""
    path = tmp_path / "policy.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PolicyError):
        load_policy(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """So is none."""
    with pytest.raises(PolicyError):
        load_policy(tmp_path / "none.yml")


def write_versions(folder: Path, *days: str) -> Path:
    """Write the default policy with a further version from each day on; in the nth a return has n more days."""
    rules = DEFAULT[DEFAULT.index("    rules:\n") :]
    text = DEFAULT
    for at, day in enumerate(days, start=1):
        better = rules.replace("days: 7\n        payer: customer", f"days: {7 + at}\n        payer: shop", 1)
        named = better.replace("&", f"&new{at}_").replace("*", f"*new{at}_")
        text += f'  - version: "{at + 1}"\n    effective_from: {day}\n{named}'
    path = folder / "policy.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        # Signed on Tuesday the 10th of November: 7 days end with the 17th, 8 with the 18th, 9 with the 19th.
        ({"paid_at": "2026-11-05 23:59:59.999999"}, 18),
        ({"paid_at": "2026-11-06 00:00"}, 19),  # in force from its first instant
        ({"paid_at": "2026-11-08 23:59:59"}, 19),
        ({"paid_at": "2026-11-09 00:00"}, 20),
        ({"paid_at": "2020-01-01 00:00"}, 18),  # the first holds from the beginning
        # Not known when it was paid: no later than it left, or came, or was told of.
        ({"paid_at": None, "dispatched_at": "2026-11-05 10:00"}, 18),
        ({"paid_at": None, "dispatched_at": "2026-11-06 18:00"}, 19),
        ({"paid_at": None, "dispatched_at": None, "delivered_at": None}, 20),
    ],
)
def test_the_version_at_payment_holds(tmp_path: Path, changes: dict[str, object], until: int) -> None:
    """A later version does not reach back to what was bought before, nor does an earlier one reach on."""
    policy = load_policy(write_versions(tmp_path, "2026-11-06", '"2026-11-09"'))
    decision = decide(case(at="2026-11-12 09:00", **changes), policy)
    assert f"2026-11-{until}T00:00:00+08:00" == decision.to_json()["until"]


def test_a_version_is_a_copy_of_the_one_above(tmp_path: Path) -> None:
    """Whoever copies the rules to change a number need not rename the marks in them."""
    path = tmp_path / "policy.yml"
    rules = DEFAULT[DEFAULT.index("    rules:\n") :].replace("发错是我们的问题", "寄错是我们的问题", 1)
    path.write_text(f'{DEFAULT}  - version: "2"\n    effective_from: 2026-11-06\n{rules}', encoding="utf-8")
    first, second = load_policy(path).versions
    assert "发错" in first.rules["wrong.item"].texts["instead"]["zh-Hans"]
    assert "寄错" in second.rules["wrong.item"].texts["instead"]["zh-Hans"]


@pytest.mark.parametrize("day", ["soon", "2026-02-30", "2026-13-01", "2026-12-01T00:00:00Z", "9999-12-31", "[2026]"])
def test_a_day_that_is_none_is_one_fault(tmp_path: Path, day: str) -> None:
    """Told once, at its line, and not again as missing."""
    path = write_versions(tmp_path, day)
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    (fault,) = error.value.faults
    assert ("versions[1].effective_from", "is not a day like 2027-01-31") == (fault.field, fault.reason)
    assert f"effective_from: {day}" in path.read_text(encoding="utf-8").splitlines()[fault.line - 1]


@pytest.mark.parametrize("days", [("2026-11-09", "2026-11-06"), ("2026-11-06", "2026-11-06"), ("2026-11-06", "null")])
def test_versions_follow_one_another(tmp_path: Path, days: tuple[str, ...]) -> None:
    """One that begins before the one above it, with it, or never, is a fault with its line."""
    path = write_versions(tmp_path, *days)
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    (fault,) = error.value.faults
    assert fault.field == "versions[2].effective_from"
    assert f"effective_from: {days[1]}" in path.read_text(encoding="utf-8").splitlines()[fault.line - 1]


def test_without_holiday_extension_the_last_day_stands(tmp_path: Path) -> None:
    """The setting turns Civil Code 203 off: Saturday stays Saturday."""
    policy = load_policy(write(tmp_path, "holiday_extension: true", "holiday_extension: false"))
    decision = decide(case(signed_at="2026-11-14 10:00", at="2026-11-15 10:00"), policy)
    assert decision.to_json()["until"] == "2026-11-22T00:00:00+08:00"


# What people call the right is a name, and no count.
_NAMED = re.compile("不适用七天无理由退货|不適用七天無理由退貨|不支持七天无理由退货|不支援七天無理由退貨")
_COUNTED = re.compile(r"([0-9]+|[一二三四五六七八九十]+) *(天|日|小时|小時)|([0-9]+|three|seven|thirty)[ -](day|hour)")


def test_no_text_counts_days_by_itself(policy: Policy) -> None:
    """Whoever changes `days` or `hours` changes what customers are told: the number stands in one place."""
    (version,) = policy.versions
    told = [
        (rule.id, name, language)
        for rule in version.rules.values()
        for name, text in rule.texts.items()
        for language, words in text.items()
        if _COUNTED.search(_NAMED.sub("", words))
    ]
    assert told == []


@pytest.mark.parametrize(
    ("old", "new", "changes", "said"),
    [
        ("days: 7\n        payer: customer", "days: 9\n        payer: customer", {}, "9 天无理由退货"),
        ("days: 30\n        kinds", "days: 40\n        kinds",
         {"reason": "accidental_damage", "request": "repair"}, "签收后 40 天内"),
        ("hours: 48 # own", "hours: 24 # own", {"reason": "damaged_in_transit"}, "签收后 24 小时"),
        ("days: 3\n", "days: 2\n", {"reason": "late_delivery", "request": "compensation"}, "按 2 日达"),
    ],
)  # fmt: skip
def test_a_changed_period_is_told_as_it_is(
    tmp_path: Path, old: str, new: str, changes: dict[str, object], said: str
) -> None:
    """In the explanation, without an edit of the text."""
    told = decide(case(**changes), load_policy(write(tmp_path, old, new)))
    assert said in told.explanation["zh-Hans"]
