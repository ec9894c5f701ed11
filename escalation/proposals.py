"""Who may propose, and who may decide, that somebody works here as something else (product §6, §7.3). Pure.

Admins and supervisors propose, operations managers decide: nobody does both, so nobody changes a role alone. Nobody
decides what they proposed themselves, whatever they have become meanwhile, nor what is about them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from escalation.errors import ProposalError
from escalation.models import ProposalRow
from escalation.rights import RIGHTS, PeopleRight, Role

VALID_FOR = timedelta(days=7)
LONGEST_NAME = 100
AT_A_DESK = frozenset({Role.AGENT, Role.QUALITY_CONTROLLER, Role.LOGISTICS_COORDINATOR, Role.TEAM_LEAD})
# Of each of these there is always one: without the first nobody approves, without the other nobody owns what no desk
# can take.
NEVER_WITHOUT = frozenset({Role.OPERATIONS_MANAGER, Role.ADMIN})


class Kind(StrEnum):
    """What is proposed."""

    ADD = "add"
    ROLE = "role"
    RETURN = "return"
    RESET = "reset"
    DEACTIVATE = "deactivate"


class Standing(StrEnum):
    """How a proposal stands."""

    WAITING = "waiting"
    EXPIRED = "expired"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


# With these somebody gets a one-time password, which whoever may hand it over fetches.
WITH_PASSWORD = frozenset({Kind.ADD, Kind.RETURN, Kind.RESET})
# Those that give somebody a role or a desk; the others leave both.
PLACING = frozenset({Kind.ADD, Kind.ROLE, Kind.RETURN})


@dataclass(frozen=True)
class Place:
    """What somebody is, and at which desk (None: above the desks)."""

    role: str
    desk: str | None


def find_standing(proposal: ProposalRow, now: datetime) -> Standing:
    """Return how a proposal stands at an instant."""
    if proposal.outcome is not None:
        return Standing(proposal.outcome)
    return Standing.WAITING if now < proposal.expires_at else Standing.EXPIRED


def check_place(place: Place, desks: Collection[str]) -> None:
    """Refuse a role there is not, one of a desk without one, and a desk there is not. Raises ProposalError."""
    if place.role not in set(Role):
        raise ProposalError("bad_role", f"role {place.role!r} is none of: {', '.join(Role)}")
    if place.role in AT_A_DESK and not place.desk:
        raise ProposalError("desk_needed", f"a {place.role} needs a desk: {', '.join(desks)}")
    if place.role not in AT_A_DESK and place.desk:
        raise ProposalError("no_desk", f"a {place.role} stands above the desks: leave the desk out")
    if place.desk and place.desk not in desks:
        raise ProposalError("bad_desk", f"desk {place.desk!r} is none of: {', '.join(desks)}")


def check_may_propose(role: str) -> None:
    """Raises ProposalError for who may not."""
    if find_right(role) is not PeopleRight.PROPOSE:
        raise ProposalError("forbidden", f"a {role} proposes nothing about people: admins and supervisors do")


def check_may_decide(proposal: ProposalRow, decider: UUID, role: str) -> None:
    """Refuse whoever may not say yes or no to a proposal. Raises ProposalError."""
    if find_right(role) is not PeopleRight.APPROVE:
        raise ProposalError("forbidden", f"a {role} decides nothing about people: operations managers do")
    if decider == proposal.proposed_by:
        raise ProposalError("own_proposal", "nobody decides what they proposed themselves: another must")
    if decider == proposal.person_id:
        raise ProposalError("about_oneself", "nobody decides what is about themselves: another must")


def may_decide(proposal: ProposalRow, decider: UUID, role: str) -> bool:
    """Tell whether somebody may say yes or no to a proposal that waits."""
    try:
        check_may_decide(proposal, decider, role)
    except ProposalError:
        return False
    return True


def find_right(role: str) -> PeopleRight:
    """Return what a role may do about people."""
    return RIGHTS[Role(role)].people


def find_bearer(proposal: ProposalRow) -> UUID | None:
    """Return who hands over the one-time password of an approved proposal: whoever gains no right by knowing it.

    With the account of somebody who approves, a proposer would need nobody else; and the other way round.
    """
    return proposal.decided_by if find_right(proposal.role) is PeopleRight.APPROVE else proposal.proposed_by
