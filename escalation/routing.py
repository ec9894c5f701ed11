"""Who owns a new ticket (product §4): pure, over records that the caller has locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from escalation.errors import NoOwnerError


@dataclass(frozen=True)
class Candidate:
    """Somebody who may own a ticket. `on_duty`: present now; `open_cases`: open tickets they own."""

    id: UUID
    login: str
    role: str
    desk: str | None
    on_duty: bool
    open_cases: int
    max_open: int


DESK_WORKERS = frozenset({"agent", "quality_controller", "logistics_coordinator"})


def choose_owner(candidates: Sequence[Candidate], *, desk: str, serving: UUID | None) -> tuple[Candidate, str]:
    """Return the owner and why.

    Who already serves the customer, else the desk's on-duty agent with the fewest open cases and room left, else the
    desk's lead, else the first admin, else anybody. Raises NoOwnerError.
    """
    known = next((person for person in candidates if person.id == serving), None)
    if known:
        return known, "continuity"
    free = [
        person
        for person in candidates
        if person.role in DESK_WORKERS
        and person.desk == desk
        and person.on_duty
        and person.open_cases < person.max_open
    ]
    if free:
        return min(free, key=lambda person: (person.open_cases, person.login)), "fewest_open"
    for role, at_desk in (("team_lead", desk), ("admin", None), ("supervisor", None), ("operations_manager", None)):
        fitting = [person for person in candidates if person.role == role and at_desk in {None, person.desk}]
        if fitting:
            return min(fitting, key=lambda person: person.login), role
    if not candidates:
        raise NoOwnerError("nobody works here yet: add a person")
    return min(candidates, key=lambda person: person.login), "only_one"
