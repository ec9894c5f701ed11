"""The states of a ticket and the commands that move it (product §4), as one table."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from escalation.errors import ForbiddenTransitionError

_NUMBER = re.compile(r"[A-Z]{2}-[0-9]{1,12}")


def is_number(text: str) -> bool:
    """Tell whether a text can be a ticket's number, such as SW-1001."""
    return _NUMBER.fullmatch(text) is not None


class State(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Command(StrEnum):
    """What can be done to a ticket."""

    ACCEPT = "accept"
    ANSWER = "answer"
    WAIT = "wait"
    CUSTOMER_WRITES = "customer_writes"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    CLOSE = "close"


class Stage(StrEnum):
    """The stages of a complaint, within in_progress (§4.1)."""

    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    HANDLING = "handling"
    FED_BACK = "fed_back"


# Accepted at once; the others are promised from the first word on (product §4).
STAGES_WITHIN: Mapping[Stage, timedelta] = {
    Stage.ACCEPTED: timedelta(0),
    Stage.INVESTIGATING: timedelta(hours=24),
    Stage.HANDLING: timedelta(hours=48),
    Stage.FED_BACK: timedelta(hours=72),
}
# What people may set: the first stage is the opening's, the last one the resolution's.
_STAGE_STEPS = {
    (Stage.ACCEPTED, Stage.INVESTIGATING),
    (Stage.ACCEPTED, Stage.HANDLING),
    (Stage.INVESTIGATING, Stage.HANDLING),
    (Stage.HANDLING, Stage.INVESTIGATING),
}

_STEPS: dict[tuple[State, Command], State] = {
    (State.OPEN, Command.ACCEPT): State.IN_PROGRESS,
    (State.OPEN, Command.ANSWER): State.IN_PROGRESS,
    (State.OPEN, Command.CUSTOMER_WRITES): State.OPEN,
    (State.OPEN, Command.RESOLVE): State.RESOLVED,
    (State.IN_PROGRESS, Command.ACCEPT): State.IN_PROGRESS,
    (State.IN_PROGRESS, Command.ANSWER): State.IN_PROGRESS,
    (State.IN_PROGRESS, Command.CUSTOMER_WRITES): State.IN_PROGRESS,
    (State.IN_PROGRESS, Command.WAIT): State.WAITING_CUSTOMER,
    (State.IN_PROGRESS, Command.RESOLVE): State.RESOLVED,
    (State.WAITING_CUSTOMER, Command.ANSWER): State.WAITING_CUSTOMER,
    (State.WAITING_CUSTOMER, Command.CUSTOMER_WRITES): State.IN_PROGRESS,
    (State.WAITING_CUSTOMER, Command.RESOLVE): State.RESOLVED,
    (State.RESOLVED, Command.CONFIRM): State.CLOSED,
    (State.RESOLVED, Command.CLOSE): State.CLOSED,
    (State.RESOLVED, Command.REOPEN): State.IN_PROGRESS,
    (State.CLOSED, Command.REOPEN): State.IN_PROGRESS,
}


def next_state(state: State, command: Command) -> State:
    """Return the state a command leads to; raises ForbiddenTransitionError for what the table does not have."""
    try:
        return _STEPS[state, command]
    except KeyError:
        raise ForbiddenTransitionError(f"a ticket that is {state} cannot {command}") from None


def check_stage(stage: Stage, wanted: Stage) -> None:
    """Raise ForbiddenTransitionError unless people may set a complaint that is at `stage` to `wanted`."""
    if (stage, wanted) not in _STAGE_STEPS:
        raise ForbiddenTransitionError(f"a complaint that is {stage} cannot be set to {wanted}")
