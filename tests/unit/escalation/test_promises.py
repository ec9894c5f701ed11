"""What a customer is told anew when something moves, and what not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from escalation.promises import Moves, Promise, Standing, find_moves, keep_told, read_promise

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
OPEN = Promise("ann", None, due_at=AT + timedelta(hours=48), answer_by=AT + timedelta(hours=24))
ANSWERED = replace(OPEN, answer_by=None)
COMPLAINT = replace(OPEN, stage="accepted")
HALF_AN_HOUR = timedelta(minutes=30)
LESS = HALF_AN_HOUR - timedelta(seconds=1)
WAITS, ENDED = Standing(waits_for_customer=True), Standing(has_ended=True)


@pytest.mark.parametrize(
    ("told", "changes", "standing", "moves"),
    [
        (OPEN, {}, Standing(), Moves()),
        (OPEN, {"due_at": OPEN.due_at + HALF_AN_HOUR}, Standing(), Moves(due=True)),
        (OPEN, {"due_at": OPEN.due_at - HALF_AN_HOUR}, Standing(), Moves(due=True)),
        (OPEN, {"due_at": OPEN.due_at + LESS}, Standing(), Moves()),
        (OPEN, {"due_at": OPEN.due_at - LESS}, Standing(), Moves()),
        (OPEN, {"due_at": AT}, WAITS, Moves()),
        (OPEN, {"due_at": AT}, ENDED, Moves()),
        (OPEN, {"answer_by": AT}, Standing(), Moves(answer=True)),
        (OPEN, {"answer_by": AT, "due_at": AT}, Standing(), Moves(due=True, answer=True)),
        (OPEN, {"answer_by": None}, Standing(), Moves()),
        (OPEN, {"owner_id": "bo"}, Standing(), Moves()),
        (OPEN, {"owner_id": "bo", "answer_by": None}, Standing(), Moves()),
        (ANSWERED, {"owner_id": "bo"}, Standing(), Moves(owner=True)),
        (ANSWERED, {"owner_id": "bo"}, WAITS, Moves(owner=True)),
        (ANSWERED, {"owner_id": "bo"}, ENDED, Moves()),
        (COMPLAINT, {"stage": "investigating"}, Standing(), Moves(stage=True)),
        (COMPLAINT, {"stage": "fed_back"}, ENDED, Moves(stage=True)),
        (ANSWERED, {"ends_at": AT}, WAITS, Moves(reminder=True)),
        (replace(ANSWERED, ends_at=AT), {}, WAITS, Moves()),
        (ANSWERED, {"outcome": "unanswered"}, ENDED, Moves(unanswered=True)),
        (ANSWERED, {"outcome": "solved"}, ENDED, Moves()),
    ],
)
def test_what_moved_is_told(told: Promise, changes: dict[str, Any], standing: Standing, moves: Moves) -> None:
    """Half an hour or more, an owner who was known, a stage, a reminder, an end without an answer."""
    assert moves == find_moves(told, replace(told, **changes), standing)


def test_small_moves_add_up() -> None:
    """Twenty minutes and twenty minutes are told as forty, once."""
    twenty = timedelta(minutes=20)
    first = replace(OPEN, due_at=OPEN.due_at + twenty)
    known = keep_told(OPEN, first, find_moves(OPEN, first, Standing()))
    second = replace(OPEN, due_at=OPEN.due_at + 2 * twenty)
    moves = find_moves(known, second, Standing())
    assert Moves(due=True) == moves
    assert not find_moves(keep_told(known, second, moves), second, Standing())


def test_whoever_answers_first_is_known_from_then_on() -> None:
    """The ticket passed on before the first answer: nothing to tell; the next owner after it is news."""
    taken = replace(OPEN, owner_id="bo", answer_by=None)
    known = keep_told(OPEN, taken, find_moves(OPEN, taken, Standing()))
    assert not find_moves(known, taken, Standing())
    assert Moves(owner=True) == find_moves(known, replace(taken, owner_id="cy"), Standing())


@pytest.mark.parametrize("promise", [OPEN, ANSWERED, replace(COMPLAINT, ends_at=AT, outcome="solved")])
def test_what_was_told_is_kept_whole(promise: Promise) -> None:
    """As the ticket holds it, and back."""
    assert promise == read_promise(promise.to_json())
