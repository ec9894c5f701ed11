"""Reading and checking the policy file."""

from pathlib import Path

import pytest

from actions.policy import PolicyError, decide, load_policy
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
        ("晚了{late}天", "晚了{late:d}天", "late.voucher.texts.accept", None),
        ("没有更低", "没有更低{late}", "price.protection.texts.refuse", None),  # a fact of another rule
        ("我这边还没有签收记录，七天", "我这边{start}没有签收，七天", "return.no_reason.texts.unsigned", None),
        ("hours: 48 #", "minutes: 48 #", "transit.damage.hours", None),
        ("zone: Asia/Shanghai", "zone: Mars/Olympus", "zone", None),
        ("holidays: CN", "holidays: XX", "holidays", None),
        ("{told}已经过了期限，没法", "{today}已经过了期限，没法", "return.no_reason.texts.late", None),
        ('[3, "10.00"]', '[1, "10.00"]', "late.voucher.steps", None),
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


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """Nobody corrects a file one run at a time."""
    path = write(tmp_path, "days: 15\n", "days: 1\n")
    path.write_text(path.read_text(encoding="utf-8").replace("zone: Asia/Shanghai", "zone: nowhere"), encoding="utf-8")
    with pytest.raises(PolicyError) as error:
        load_policy(path)
    assert [fault.field for fault in error.value.faults] == ["zone", "fault.exchange.days"]


@pytest.mark.parametrize("content", ["[1, 2", "- a\n", "", "a: 1\na: 2\n"])
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


def test_the_version_at_payment_holds(tmp_path: Path) -> None:
    """A later version does not reach back to what was bought before."""
    rules = DEFAULT[DEFAULT.index("    rules:\n") :]
    better = rules.replace("days: 7\n        payer: customer", "days: 30\n        payer: shop", 1)
    path = tmp_path / "policy.yml"
    second = f'  - version: "2"\n    effective_from: 2026-11-06\n{better}'
    path.write_text(DEFAULT + second.replace("&", "&new_").replace("*", "*new_"), encoding="utf-8")
    policy = load_policy(path)
    told = "2026-11-25 10:00"
    assert decide(case(at=told, paid_at="2026-11-05 23:59:59"), policy).outcome == "refuse"
    after = decide(case(at=told, paid_at="2026-11-06 00:00"), policy)
    assert (after.outcome, after.shipping) == ("accept", "shop")


def test_without_holiday_extension_the_last_day_stands(tmp_path: Path) -> None:
    """The setting turns Civil Code 203 off: Saturday stays Saturday."""
    policy = load_policy(write(tmp_path, "holiday_extension: true", "holiday_extension: false"))
    decision = decide(case(signed_at="2026-11-14 10:00", at="2026-11-15 10:00"), policy)
    assert decision.to_json()["until"] == "2026-11-22T00:00:00+08:00"
