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
        (
            {"order": {"dispatched_at": "2026-11-20T10:00:00Z", "signed_at": "2026-11-19T10:00:00Z"}},
            "order.signed_at",
        ),
        ({"evidence": "photo"}, "evidence"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    """The error names the field by its dotted name."""
    with pytest.raises(CaseError) as error:
        parse_case({**LEAST, **change})
    assert field == error.value.field


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


def test_a_decision_has_exactly_the_contracts_fields(policy: Policy) -> None:
    """The JSON is a public interface."""
    ((answer, _),) = decide_lines([json.dumps(LEAST)], policy)
    fields = "outcome remedies shipping amount tier rules clauses evidence_required until explanation"
    assert fields.split() == list(answer)
