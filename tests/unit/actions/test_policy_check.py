"""`check_policy` names gaps, overlaps, unreachable rules, missing translations and rights taken away, each by line."""

from pathlib import Path

import pytest

from actions.policy.case import KINDS
from actions.policy.check import check_policy
from actions.policy.loader import DEFAULT_FILE

DEFAULT = DEFAULT_FILE.read_text(encoding="utf-8")


def check(folder: Path, old: str, new: str) -> tuple[list[str], list[str]]:
    """Check the default policy with one place changed; returns the findings, and the lines they point at."""
    assert old in DEFAULT
    path = folder / "policy.yml"
    path.write_text(DEFAULT.replace(old, new, 1), encoding="utf-8")
    _, faults = check_policy(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(str(fault).startswith(f"{path}:{fault.line}: ") for fault in faults)
    return [str(fault) for fault in faults], [lines[fault.line - 1] for fault in faults]


def test_the_default_policy_is_whole() -> None:
    """Nothing is wrong with it, and a line says what was looked at."""
    summary, faults = check_policy(DEFAULT_FILE)
    assert faults == ()
    assert "ok" in summary


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        # Gaps
        ("kinds: [electronics]\n", "kinds: []\n", "gap: no rule covers request return, reason accidental", "leaves:"),
        ("          - {requests: [compensation], reasons: [no_reason, accidental_damage]}\n", "",
         "gap: no rule covers request compensation, reason no_reason", "leaves:"),
        ("      human.abuse:", "      human.misuse:", "human.abuse = nothing: is missing", "return.no_reason"),
        # Overlaps
        ("kinds: [personal_hygiene, near_expiry, declared", "kinds: [personal_hygiene, food_fresh, declared",
         "no other kinds can be waived", "food_fresh"),
        ("kinds: [electronics]\n", "kinds: [electronics, home]\n", "overlap: a rule covers",
         "[accidental_damage], kinds"),
        ('least: "5.00"', 'least: "500.00"', "overlap: is more than most", 'least: "500.00"'),
        ("holidays: CN", "holidays: CN\nholidays: HK", 'duplicate key "holidays"', "holidays: HK"),
        # Unreachable
        ("days: 7\n        payer: shop", "days: 15\n        payer: shop", "unreachable: no case", "fault.exchange:"),
        ("{electronics: 365, appliance: 365}", "{electronics: 365, appliance: 365, home: 90}",
         "unreachable: fault.exchange does not name this kind", "home: 90"),
        # Translations
        ("            en: I can't decide this one myself.", "            fr: I can't decide this one myself.",
         "has no translation: en", "human:"),
        ("zh-Hant: 您退回的商品我們已經收到，但這邊缺實付金額的紀錄，請同事核對後退給您。",
         "zh-Hant: 您退回的商品我们已经收到，但这边缺实付金额的记录，请同事核对后退给您。",
         "missing translation: zh-Hant repeats zh-Hans", "unknown:"),
        ("you get {voucher} for the delay", "you get something for the delay",
         "missing translation: en does not tell voucher", "accept:"),
        # Rights
        ("        days: 7\n        hours: 48", "        days: 8\n        hours: 48", "takes a right away", "days: 8"),
        ("unrepairable: [food,", "unrepairable: [electronics, food,", "(Three guarantees 9)", "unrepairable"),
        ("{compressor: 1095,", "{compressor: 1094,", "(Three guarantees 11)", "days_by_part"),
        ("days: 365", "days: 364", "(Three guarantees 11)", "days: 364"),
        # Nobody asks for it by that name
        ("evidence: [photo]\n        unrepairable", "evidence: [phto]\n        unrepairable",
         "fault.return.evidence: unknown evidence phto; known are photo", "evidence: [phto]"),
    ],
)  # fmt: skip
def test_a_finding_names_its_line(tmp_path: Path, old: str, new: str, says: str, line: str) -> None:
    """What is wrong, and where to edit."""
    findings, lines = check(tmp_path, old, new)
    found = [where for finding, where in zip(findings, lines, strict=True) if says in finding]
    assert found, findings
    assert line in found[0] or line == "return.no_reason"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("days: 7\n        payer: customer", "days: 30\n        payer: shop"),  # bettered
        ("hours: 48 # own", "hours: 24 # own"),  # the shop's own promises may be changed freely
        ('[null, "30.00"]', '[null, "0.00"]'),
        ("days: 30 # own", "days: 60 # own"),
        # Rules that the shop has let go: everything goes back, every kind is guaranteed, no accident is a case of it.
        ("kinds: [made_to_order, food_fresh, digital, periodical]", "kinds: []"),
        ("kinds: [personal_hygiene, near_expiry, declared_defect, cosmetics, electronics, food]", "kinds: []"),
        ("kinds: [electronics, appliance]", f"kinds: [{', '.join(KINDS)}]"),
        # Longer for exchanges leaves less time for repairs, not none.
        ("days: 15\n", "days: 364\n"),
        ("days: 15\n", "days: 200\n"),
        ("{electronics: 365, appliance: 365}", "{electronics: 1095, appliance: 3650}"),
        ("motor: 1095}", "motor: 3650, battery: 365}"),
        ("repairs: 2", "repairs: 1"),
        ("        days: 7\n        hours: 48", "        days: 0\n        hours: 0"),
        ("days: 3\n", "days: 1\n"),
        ("times: 3\n", "times: 5\n"),
        ("sealed_kinds: [food, cosmetics]", "sealed_kinds: []"),
    ],
)
def test_what_the_shop_may_change_is_no_finding(tmp_path: Path, old: str, new: str) -> None:
    """More than the law gives, and any promise of its own."""
    assert check(tmp_path, old, new) == ([], [])


def test_a_promise_is_taken_back_by_leaving_its_cases_to_a_person(tmp_path: Path) -> None:
    """Without kinds the rule decides nothing more; what it covered is a gap until somebody is named for it."""
    path = tmp_path / "policy.yml"
    path.write_text(
        DEFAULT.replace("kinds: [electronics]\n", "kinds: []\n", 1).replace(
            "{reasons: [accidental_damage], kinds: [general,",
            "{reasons: [accidental_damage], kinds: [electronics, general,",
            1,
        ),
        encoding="utf-8",
    )
    summary, faults = check_policy(path)
    assert faults == ()
    assert "let go: damage.30days" in summary


def test_each_version_is_looked_over(tmp_path: Path) -> None:
    """A finding in a later version points into that version."""
    rules = DEFAULT[DEFAULT.index("    rules:\n") :]
    second = f'  - version: "1"\n    effective_from: 2026-11-06\n{rules.replace("kinds: [electronics]", "kinds: []")}'
    path = tmp_path / "policy.yml"
    path.write_text(DEFAULT + second.replace("&", "&new_").replace("*", "*new_"), encoding="utf-8")
    _, faults = check_policy(path)
    first_lines = len(DEFAULT.splitlines())
    assert {"overlap", "gap"} == {fault.reason.split(":")[0] for fault in faults}
    assert all(fault.line > first_lines for fault in faults)
