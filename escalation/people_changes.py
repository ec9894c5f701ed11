"""What is done about people: proposed by one, decided by another, and applied with the decision (product §6, §7.3).

Every use case locks the rights first: who may, and who is left, is so when it is done. What people write (a reason)
stands in the proposal; the log has its digest.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.errors import ProposalError
from escalation.models import PersonRow, ProposalRow
from escalation.people import check_email, check_somebody_is_left, find_person, is_login, lock_rights
from escalation.presence import change_role, close_account
from escalation.proposals import (
    LONGEST_NAME,
    PLACING,
    VALID_FOR,
    WITH_PASSWORD,
    Kind,
    Place,
    Standing,
    check_may_decide,
    check_may_propose,
    check_place,
    find_bearer,
    find_right,
    find_standing,
    may_decide,
)
from escalation.rights import PeopleRight
from escalation.service_levels import ServiceLevels
from escalation.signing_in import make_one_time_password

# What the log calls each of them when it is done.
APPLIED = {
    Kind.ADD: "added",
    Kind.ROLE: "role_changed",
    Kind.RETURN: "returned",
    Kind.RESET: "password_reset",
    Kind.DEACTIVATE: "deactivated",
}


@dataclass(frozen=True)
class Wish:
    """What somebody proposes. `place`: for who is added, returns or changes; `name`, `email`: for who is added."""

    kind: Kind
    login: str
    why: str
    place: Place | None = None
    name: str = ""
    email: str | None = None


async def propose(session: AsyncSession, wish: Wish, *, by: UUID, levels: ServiceLevels, now: datetime) -> ProposalRow:
    """Let a proposal wait for somebody else's word. Raises ProposalError, PersonError for a bad address."""
    await lock_rights(session)
    proposer = await _find_actor(session, by)
    check_may_propose(proposer.role)
    person = await find_person(session, wish.login)
    place = _check_wish(wish, person, proposer, list(dict.fromkeys(levels.desks.values())))
    if person is not None and wish.kind in {Kind.ROLE, Kind.DEACTIVATE}:
        await check_somebody_is_left(session, person, place.role if wish.kind is Kind.ROLE else None)
    row = ProposalRow(
        id=uuid4(),
        kind=wish.kind,
        person_id=person.id if person else uuid4(),
        login=wish.login,
        name=person.name if person else check_name(wish.name),
        email=check_email(wish.email) if wish.email else None,
        role=place.role,
        desk=place.desk,
        seen_role=person.role if person else None,
        seen_desk=person.desk if person else None,
        why=wish.why,
        proposed_by=proposer.id,
        proposed_at=now,
        expires_at=now + VALID_FOR,
    )
    await _refuse_second(session, row, now)
    await _refuse_undecidable(session, row)
    session.add(row)
    await session.flush()
    await _log(session, row, proposer, "proposal_made", now, why=row.why, until=row.expires_at.isoformat())
    return row


def _check_wish(wish: Wish, person: PersonRow | None, proposer: PersonRow, desks: Collection[str]) -> Place:
    """Return the place that somebody would have. Raises ProposalError for what cannot be."""
    if wish.kind is Kind.ADD:
        if person is not None:
            state = "works here already" if person.active else "worked here before: propose their return"
            raise ProposalError("login_taken", f"{wish.login} {state}")
        if not is_login(wish.login):
            raise ProposalError("bad_login", "a login has 1 to 40 letters, digits or . _ @ + -")
    elif person is None or person.active == (wish.kind is Kind.RETURN):
        told = "is here: nobody returns who has not left" if person and person.active else "does not work here"
        raise ProposalError("no_such_person", f"{wish.login} {told}")
    if wish.kind is Kind.RESET and person is proposer:
        raise ProposalError("about_oneself", "a new password of one's own is asked for by somebody else")
    if wish.kind not in PLACING and person is not None:
        return Place(person.role, person.desk)
    if wish.place is None:
        raise ProposalError("bad_role", "say as what they work here")
    check_place(wish.place, desks)
    if wish.kind is Kind.ROLE and person is not None and wish.place == Place(person.role, person.desk):
        raise ProposalError("no_change", f"{wish.login} is that already")
    return wish.place


def check_name(name: str) -> str:
    """Return a name as customers see it. Raises ProposalError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise ProposalError("bad_name", f"a name has 1 to {LONGEST_NAME} characters")
    return name


async def _refuse_second(session: AsyncSession, row: ProposalRow, now: datetime) -> None:
    """One at a time about somebody: of two that contradict each other both could be approved."""
    waiting = ProposalRow.outcome.is_(None) & (ProposalRow.expires_at > now)
    other = select(ProposalRow).where(waiting, ProposalRow.login == row.login).limit(1)
    if await session.scalar(other) is not None:
        raise ProposalError("waits_already", f"something about {row.login} waits for a decision: that comes first")


async def _refuse_undecidable(session: AsyncSession, row: ProposalRow) -> None:
    """Nobody waits for a word that nobody may say."""
    people = await session.scalars(select(PersonRow).where(PersonRow.active))
    if not any(may_decide(row, person.id, person.role) for person in people):
        told = "nobody here may approve this: whoever runs the server adds an operations manager (shouwen people add)"
        raise ProposalError("no_approver", told)


async def withdraw(session: AsyncSession, proposal_id: UUID, *, by: UUID, now: datetime) -> ProposalRow:
    """Take back what one proposed oneself. Raises ProposalError."""
    await lock_rights(session)
    proposer = await _find_actor(session, by)
    row = await _find_waiting(session, proposal_id, now)
    if row.proposed_by != proposer.id:
        raise ProposalError("forbidden", "who proposed it may take it back, nobody else")
    _end(row, Standing.WITHDRAWN, proposer, now)
    await _log(session, row, proposer, "proposal_withdrawn", now)
    return row


async def refuse(session: AsyncSession, proposal_id: UUID, *, by: UUID, answer: str, now: datetime) -> ProposalRow:
    """Say no, and why. Raises ProposalError."""
    await lock_rights(session)
    decider = await _find_actor(session, by)
    row = await _find_waiting(session, proposal_id, now)
    check_may_decide(row, decider.id, decider.role)
    _end(row, Standing.REFUSED, decider, now)
    row.answer = answer
    await _log(session, row, decider, "proposal_refused", now, why=answer)
    return row


async def approve(
    session: AsyncSession, proposal_id: UUID, *, by: UUID, levels: ServiceLevels, now: datetime
) -> ProposalRow:
    """Say yes: it is done with that. Raises ProposalError where it may not be, or is not what was proposed any more."""
    await lock_rights(session)
    decider = await _find_actor(session, by)
    row = await _find_waiting(session, proposal_id, now)
    check_may_decide(row, decider.id, decider.role)
    await _check_proposer(session, row)
    person = await find_person(session, row.login)
    _check_unchanged(row, person)
    _end(row, Standing.APPROVED, decider, now)
    await _apply(session, row, person, levels=levels, now=now)
    await _log(session, row, decider, "proposal_approved", now)
    await _log(session, row, decider, APPLIED[Kind(row.kind)], now)
    return row


async def _check_proposer(session: AsyncSession, row: ProposalRow) -> None:
    proposer = await session.get_one(PersonRow, row.proposed_by, populate_existing=True)
    if not proposer.active or find_right(proposer.role) is not PeopleRight.PROPOSE:
        told = f"{proposer.login} may not propose this any more: refuse it, and let somebody else propose it"
        raise ProposalError("proposer_gone", told)


def is_overtaken(row: ProposalRow, person: PersonRow | None) -> bool:
    """Tell whether somebody is not any more what they were when something was proposed about them."""
    if row.kind == Kind.ADD:
        return person is not None
    if person is None:
        return True
    return (person.role, person.desk, person.active) != (row.seen_role, row.seen_desk, row.kind != Kind.RETURN)


def _check_unchanged(row: ProposalRow, person: PersonRow | None) -> None:
    if is_overtaken(row, person):
        told = f"{row.login} is not any more what they were when this was proposed: refuse it, and propose anew"
        raise ProposalError("overtaken", told)


async def _apply(
    session: AsyncSession, row: ProposalRow, person: PersonRow | None, *, levels: ServiceLevels, now: datetime
) -> None:
    kind = Kind(row.kind)
    if person is None:
        person = _make_person(row, now)
        session.add(person)
        await session.flush()
    if kind is Kind.ROLE:
        await check_somebody_is_left(session, person, row.role)
        await change_role(session, person, row.role, row.desk, levels=levels, now=now)
    if kind is Kind.RETURN:
        person.active, person.role, person.desk = True, row.role, row.desk
    if kind is Kind.DEACTIVATE:
        await close_account(session, person, levels=levels, now=now)
    if kind in WITH_PASSWORD:
        # Nobody hears of this one: whoever hands one over fetches one that is made then.
        await make_one_time_password(session, person)


def _make_person(row: ProposalRow, now: datetime) -> PersonRow:
    return PersonRow(
        id=row.person_id,
        login=row.login,
        name=row.name,
        role=row.role,
        desk=row.desk,
        email=row.email,
        password_hash="",
        created_at=now,
    )


async def fetch_password(session: AsyncSession, proposal_id: UUID, *, by: UUID, now: datetime) -> tuple[str, str]:
    """Return a login, and a one-time password to be handed over to them. Raises ProposalError.

    It is for who was added, returned or shut out; made now, and kept nowhere. One that was fetched before is void, and
    who has chosen their own needs none.
    """
    await lock_rights(session)
    bearer = await _find_actor(session, by)
    row = await _find(session, proposal_id)
    person = await find_person(session, row.login)
    if find_bearer(row) != bearer.id or find_right(bearer.role) is PeopleRight.NONE:
        raise ProposalError("forbidden", "the password is handed over by who proposed this (or approved an approver)")
    if person is None or not is_waiting_for_password(row, person):
        raise ProposalError("no_password", f"{row.login} needs no one-time password of this proposal")
    password = await make_one_time_password(session, person)
    await _log(session, row, bearer, "password_handed_over", now)
    return row.login, password


def is_waiting_for_password(row: ProposalRow, person: PersonRow | None) -> bool:
    """Tell whether somebody has not chosen a password of their own since a proposal about them was approved."""
    if person is None or row.outcome != Standing.APPROVED or row.kind not in WITH_PASSWORD:
        return False
    is_the_same = (person.role, person.active) == (row.role, True)
    return is_the_same and person.must_change_password


async def rename(session: AsyncSession, login: str, name: str, *, by: UUID, now: datetime) -> PersonRow:
    """Call somebody by another name; it is no right, so one person's word is enough. Raises ProposalError."""
    await lock_rights(session)
    actor, person = await _find_actor(session, by), await find_person(session, login)
    if find_right(actor.role) is PeopleRight.NONE:
        raise ProposalError("forbidden", f"a {actor.role} renames nobody: admins, supervisors, operations managers do")
    if person is None:
        raise ProposalError("no_such_person", f"{login} does not work here")
    name = check_name(name)
    if name != person.name:
        person.name = name
        await session.flush()
        await _log_about(session, person.id, actor, "renamed", {}, now)
    return person


async def deactivate(session: AsyncSession, login: str, *, by: UUID, levels: ServiceLevels, now: datetime) -> PersonRow:
    """Close an account at once, as an operations manager: nobody gains a right by it, and nobody need be asked.

    Not one's own, nor another approver's: those are proposed. Raises ProposalError, PersonError.
    """
    await lock_rights(session)
    actor, person = await _find_actor(session, by), await find_person(session, login)
    if find_right(actor.role) is not PeopleRight.APPROVE:
        raise ProposalError("forbidden", f"a {actor.role} proposes it; an operations manager closes an account")
    if person is None or not person.active:
        raise ProposalError("no_such_person", f"{login} does not work here")
    if person is actor:
        raise ProposalError("about_oneself", "nobody closes their own account: another must")
    if find_right(person.role) is PeopleRight.APPROVE:
        raise ProposalError("forbidden", f"{login} approves as you do: an admin or a supervisor proposes it")
    await close_account(session, person, levels=levels, now=now)
    await _log_about(session, person.id, actor, "deactivated", {}, now)
    return person


async def _find_actor(session: AsyncSession, person_id: UUID) -> PersonRow:
    """Return who acts, as they are now that nobody's rights change."""
    person = await session.get(PersonRow, person_id, populate_existing=True)
    if person is None or not person.active:
        raise ProposalError("forbidden", "your account is closed")
    return person


async def _find(session: AsyncSession, proposal_id: UUID) -> ProposalRow:
    row = await session.get(ProposalRow, proposal_id, populate_existing=True)
    if row is None:
        raise ProposalError("no_such_proposal", "there is no such proposal")
    return row


async def _find_waiting(session: AsyncSession, proposal_id: UUID, now: datetime) -> ProposalRow:
    row = await _find(session, proposal_id)
    standing = find_standing(row, now)
    if standing is Standing.EXPIRED:
        raise ProposalError("expired", f"this waited until {row.expires_at.isoformat()}: propose it anew")
    if standing is not Standing.WAITING:
        raise ProposalError("decided_already", f"this was {standing} meanwhile")
    return row


def _end(row: ProposalRow, outcome: Standing, by: PersonRow, now: datetime) -> None:
    row.outcome, row.decided_by, row.decided_at = outcome.value, by.id, now


async def _log(
    session: AsyncSession, row: ProposalRow, actor: PersonRow, action: str, now: datetime, **more: str
) -> None:
    """Write what happened into the chain of whom it is about, and of words their digest."""
    details: dict[str, Any] = {"proposal": str(row.id), "kind": row.kind, "role": row.role, "desk": row.desk}
    if row.kind == Kind.ROLE:
        details |= {"before": row.seen_role, "desk_before": row.seen_desk}
    why = more.pop("why", None)
    if why is not None:
        details["why_digest"] = hashlib.sha256(why.encode()).hexdigest()
    await session.flush()
    await _log_about(session, row.person_id, actor, action, details | more, now)


async def _log_about(
    session: AsyncSession, person_id: UUID, actor: PersonRow, action: str, details: dict[str, Any], now: datetime
) -> None:
    subject = f"person/{person_id}"
    await audit.append(session, subject=subject, actor=actor.login, action=action, details=details, at=now)
