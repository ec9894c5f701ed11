"""The table of states."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.errors import ForbiddenTransitionError
from escalation.tickets import Command, State, next_state


@pytest.mark.parametrize(
    ("state", "command", "expected"),
    [
        ("open", "accept", "in_progress"),
        ("open", "answer", "in_progress"),
        ("in_progress", "wait", "waiting_customer"),
        ("waiting_customer", "customer_writes", "in_progress"),
        ("in_progress", "resolve", "resolved"),
        ("waiting_customer", "resolve", "resolved"),
        ("resolved", "confirm", "closed"),
        ("resolved", "reopen", "in_progress"),
        ("closed", "reopen", "in_progress"),
    ],
)
def test_a_command_leads_on(state: str, command: str, expected: str) -> None:
    """The steps of product §4."""
    assert expected == next_state(State(state), Command(command)).value


@pytest.mark.parametrize(
    ("state", "command"),
    [("open", "confirm"), ("open", "wait"), ("closed", "accept"), ("closed", "resolve"), ("in_progress", "confirm"),
     ("in_progress", "reopen"), ("resolved", "wait")],
)  # fmt: skip
def test_what_the_table_does_not_have_is_refused_by_name(state: str, command: str) -> None:
    """The refusal names both."""
    with pytest.raises(ForbiddenTransitionError, match=f"{state}.*{command}"):
        next_state(State(state), Command(command))


@given(st.lists(st.sampled_from(Command), max_size=40))
def test_a_ticket_closes_only_after_it_was_resolved(commands: list[Command]) -> None:
    """Whatever is tried, in whatever order."""
    state = State.OPEN
    for command in commands:
        try:
            after = next_state(state, command)
        except ForbiddenTransitionError:
            continue
        assert after is not State.CLOSED or state in {State.RESOLVED, State.CLOSED}
        state = after


@pytest.mark.parametrize(
    ("state", "ways"),
    [
        (State.OPEN, {"accept", "answer", "customer_writes", "resolve"}),
        (State.IN_PROGRESS, {"accept", "answer", "customer_writes", "wait", "resolve"}),
        (State.WAITING_CUSTOMER, {"answer", "customer_writes", "resolve"}),
        (State.RESOLVED, {"confirm", "close", "reopen"}),
        (State.CLOSED, {"reopen"}),
    ],
)
def test_no_other_way_leads_out_of_a_state(state: State, ways: set[str]) -> None:
    """Every command is tried on every state; what was resolved comes back by reopening only."""
    assert ways == {command.value for command in Command if leads_on(state, command)}


def leads_on(state: State, command: Command) -> bool:
    """Whether the table has this step."""
    try:
        next_state(state, command)
    except ForbiddenTransitionError:
        return False
    return True
