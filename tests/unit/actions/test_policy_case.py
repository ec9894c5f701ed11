"""Reading a case from JSON, and the decision lines of the command line."""

import json
from typing import Any

import pytest

from actions.policy import CaseError, Policy, decide_lines, parse_case

LEAST = {"request": "return", "reason": "no_reason", "at": "2026-11-20T10:00:00+08:00"}


def test_missing_fields_take_their_defaults() -> None:
    """Three fields are enough; unknown facts stay unknown."""
    case = parse_case(LEAST)
    assert (case.kind, case.intact, case.in_stock, case.amount, case.evidence) == ("general", None, True, None, ())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"request": "gift"}, "request"),
        ({"reason": None}, "reason"),
        ({"at": "2026-11-20T10:00:00"}, "at"),  # naive
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00:00+08:00"}, "at"),
        ({"at": "9999-12-31T00:00:00+08:00"}, "at"),
        ({"goods": {"repair_days": 10**9}}, "goods.repair_days"),
        ({"colour": "red"}, "colour"),
        ({"goods": {"kind": "cheese"}}, "goods.kind"),
        ({"goods": {"intact": "yes"}}, "goods.intact"),
        ({"goods": {"repairs": -1}}, "goods.repairs"),
        ({"goods": {"repairs": True}}, "goods.repairs"),
        ({"goods": []}, "goods"),
        ({"order": {"amount": "-1.00"}}, "order.amount"),
        ({"order": {"amount": "1.005"}}, "order.amount"),
        ({"order": {"amount": "NaN"}}, "order.amount"),
        ({"order": {"signed_at": 5}}, "order.signed_at"),
        ({"order": {"amount": " 12.00 "}}, "order.amount"),  # Decimal would read all four
        ({"order": {"amount": "1_000.00"}}, "order.amount"),
        ({"order": {"amount": "１２.00"}}, "order.amount"),
        ({"order": {"amount": "1e2"}}, "order.amount"),
        ({"order": {"amount": float("nan")}}, "order.amount"),
        ({"evidence": "photo"}, "evidence"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    """The error names the field by its dotted name."""
    with pytest.raises(CaseError) as error:
        parse_case({**LEAST, **change})
    assert field == error.value.field


@pytest.mark.parametrize("amount", ["0.00", "-0.00", 0, -0.0])
def test_nothing_has_no_sign(amount: str | float) -> None:
    """Nobody is told of ¥-0."""
    assert str(parse_case({**LEAST, "order": {"amount": amount}}).amount) == "0.00"


@pytest.mark.parametrize("field", ["request", "reason", "at"])
def test_obligatory_fields(field: str) -> None:
    """Without request, reason and time there is no case."""
    with pytest.raises(CaseError, match=f"{field}: is missing"):
        parse_case({name: value for name, value in LEAST.items() if name != field})


def test_a_bad_line_leaves_the_others_their_answers(policy: Policy) -> None:
    """Each line is answered in order; blank ones are none."""
    lines = [json.dumps(LEAST), "", "{", "9" * 5000, json.dumps({**LEAST, "at": 7}), json.dumps(LEAST)]
    answers = list(decide_lines(lines, policy))
    assert [good for _, good in answers] == [True, False, False, False, True]
    assert answers[3][0]["error"]["field"] == "at"


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b'{"request": "return", "request": "repair"}', "request", "stands twice"),
        (b'{"order": {"amount": "1.00", "amount": "2.00"}}', "order.amount", "stands twice"),
        (b'{"order": {"payments": [{"amount": 1}, {"amount": 1, "amount": 2}]}}', "order.payments[1].amount", "twice"),
        (b'{"request": "\xff"}', "", "not UTF-8"),
        (b"[" * 100_000, "", "too many brackets"),
        (b'{"\\ud800": 1}', "\\ud800", "not a field"),  # half a character can't be printed
        (b'{"request": "' + b"x" * 1_000_000 + b'"}', "request", "none of return"),
        (b'{"order": {"amount": NaN}}', "order.amount", "NaN"),
        (b'{"order": {"amount": 1e400}}', "order.amount", "Infinity"),
        (b'{"order": {"amount": ' + b"9" * 5000 + b"}}", "", "not JSON"),
        (b"null", "", "must be an object"),
    ],
)
def test_a_hostile_line_is_named_shortly_and_can_be_printed(
    policy: Policy, line: bytes, field: str, reason: str
) -> None:
    """Whatever a line holds, its error names the field and is text of a readable length."""
    ((answer, good),) = decide_lines([line], policy)
    assert not good
    assert field == answer["error"]["field"]
    assert reason in answer["error"]["reason"]
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < 1000


def test_a_byte_order_mark_is_no_fault(policy: Policy) -> None:
    """Files from some spreadsheets begin with one."""
    ((_, good),) = decide_lines([b"\xef\xbb\xbf" + json.dumps(LEAST).encode()], policy)
    assert good


def test_a_decision_has_exactly_the_contracts_fields(policy: Policy) -> None:
    """The JSON is a public interface."""
    ((answer, _),) = decide_lines([json.dumps(LEAST)], policy)
    fields = "outcome remedies shipping amount tier rules clauses evidence_required until explanation"
    assert fields.split() == list(answer)
