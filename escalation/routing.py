"""Who owns a new ticket (product §4): pure, over records that the caller has locked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from escalation.errors import NoOwnerError


@dataclass(frozen=True)
class Candidate:
    """Somebody who may own a ticket.

    `on_duty`: present now; `open_cases`: open tickets they own, counted up to `max_open` for workers of the desk
    asked about who are on duty; `ways`: how notices reach them beside the console.
    """

    id: UUID
    login: str
    name: str
    role: str
    desk: str | None
    on_duty: bool
    open_cases: int
    max_open: int
    ways: tuple[str, ...] = ()


NOBODY = "nobody works here yet: add a person"
DESK_WORKERS = frozenset({"agent", "quality_controller", "logistics_coordinator"})
# Who stands above a desk, the lowest first.
_RANKS = ("team_lead", "supervisor", "operations_manager")


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
    return choose_lead(candidates, desk=desk)


def choose_lead(candidates: Sequence[Candidate], *, desk: str) -> tuple[Candidate, str]:
    """Return the desk's lead, else the first admin, else who stands above them, else anybody. Raises NoOwnerError."""
    for role, at_desk in (("team_lead", desk), ("admin", None), ("supervisor", None), ("operations_manager", None)):
        fitting = [person for person in candidates if person.role == role and at_desk in {None, person.desk}]
        if fitting:
            return min(fitting, key=lambda person: person.login), role
    if not candidates:
        raise NoOwnerError(NOBODY)
    return min(candidates, key=lambda person: person.login), "only_one"


def choose_next_owner(
    candidates: Sequence[Candidate], *, desk: str, had_it: Collection[UUID], owner_id: UUID, lead_now: bool
) -> tuple[Candidate, str]:
    """Return who gets a ticket that its owner did not accept in time, and why.

    Somebody of the desk on duty who has not had it yet; with none left, or after enough hops (`lead_now`), the lead;
    without a lead it stays where it is.
    """
    fresh = [person for person in candidates if person.id not in had_it]
    lead = next((person for person in candidates if person.role == "team_lead" and person.desk == desk), None)
    if not lead_now:
        here = [person for person in fresh if person.role in DESK_WORKERS and person.desk == desk and person.on_duty]
        if here:
            return min(here, key=lambda person: (person.open_cases, person.login)), "claim_hop"
    if lead is not None:
        return lead, "claim_lead"
    return next(person for person in candidates if person.id == owner_id), "nobody_else"


def choose_watch(
    candidates: Sequence[Candidate], *, desk: str, owner_id: UUID, desk_open: bool, answered: bool = False
) -> tuple[Sequence[Candidate], str]:
    """Return who beside the owner must hear of a critical ticket at once because its desk is off duty, and why.

    The desk is off duty when its hours are over (`desk_open`: they are not), or when neither the owner nor, before the
    first answer (`answered`), anybody who works there is here to take the ticket up. The lowest rank above the desk of
    which somebody is here is told; with nobody here, the whole highest rank that notices reach anywhere.
    """
    fitting = [person for person in candidates if person.id == owner_id or (not answered and _works_at(person, desk))]
    if desk_open and any(person.on_duty for person in fitting):
        return (), "on_duty"
    ranks = [[person for person in candidates if _is_above(person, rank, desk)] for rank in _RANKS]
    here = [[person for person in rank if person.on_duty] for rank in ranks]
    reached = [[person for person in rank if person.ways] for rank in ranks]
    admins = [person for person in candidates if person.role == "admin"]
    for choice, why in ((here, "here"), (reached[::-1], "highest_rank"), ([*ranks[::-1], admins], "highest_rank")):
        told = next((rank for rank in choice if rank), None)
        if told:
            return [person for person in told if person.id != owner_id], why
    return (), "nobody"


def _works_at(person: Candidate, desk: str) -> bool:
    return person.role in DESK_WORKERS and person.desk == desk


def _is_above(person: Candidate, rank: str, desk: str) -> bool:
    return person.role == rank and (rank != "team_lead" or person.desk == desk)
