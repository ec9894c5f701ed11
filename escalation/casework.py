"""What people do to a ticket, from taking it up to the customer's last word (product §4, §5).

Use cases: each takes the caller's session, loads the ticket with the check that the person may, changes ticket, clocks,
history and audit log together, and never commits. What customers read is written by the caller in the same transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket, lock_ticket, takes_part
from escalation.clocks import ClockKind
from escalation.errors import ClosedTooLongError, RefusedError
from escalation.history import record
from escalation.models import AssignmentRow, PersonRow, TicketEventRow, TicketRow
from escalation.notices import notify
from escalation.ownership import give_to, pass_to_lead
from escalation.rights import Access
from escalation.service_levels import ServiceLevels
from escalation.severity import RAISED_AT_REOPENING, Tier, raise_tier
from escalation.staffing import lock_candidates
from escalation.survey import ask_survey
from escalation.tickets import Command, Stage, State, check_stage, next_state
from escalation.timekeeping import (
    change_clocks,
    meet_clocks,
    pause_clocks,
    resume_clocks,
    start_clock,
)
from escalation.watch import tell_watch

REMIND_AFTER = timedelta(hours=48)
END_UNANSWERED_AFTER = timedelta(hours=72)
CLOSE_AFTER = timedelta(hours=72)
REOPEN_WITHIN = timedelta(days=7)
# How a matter may end.
OUTCOMES = ("solved", "refused", "unanswered", "withdrawn")


async def accept(session: AsyncSession, number: str, *, by: PersonRow, now: datetime) -> TicketRow:
    """Take a ticket up: it is theirs, and the claim clock is met. Before the first answer a colleague may step in.

    A helper cannot: they help whoever owns it. Raises RefusedError.
    """
    ticket = await access_ticket(session, number, by, claiming=True)
    if await takes_part(session, ticket.id, by.id, "helper"):
        raise RefusedError(f"{by.login} helps with {number}: taking it up is for its owner or a colleague of the desk")
    ticket.state = next_state(State(ticket.state), Command.ACCEPT)
    if ticket.first_responder_id is None:
        await give_to(session, ticket, by, reason="accepted", now=now)
    await _mark_accepted(session, ticket, now)
    await meet_clocks(session, ticket.id, {ClockKind.CLAIM}, at=now)
    await record(session, ticket, "accepted", by.login, at=now)
    if ticket.stage == Stage.ACCEPTED:
        await _reach_stage(session, ticket, Stage.INVESTIGATING, by.login, now)
    return ticket


async def answer(session: AsyncSession, number: str, *, by: PersonRow, at: datetime) -> TicketRow:
    """A person answers the customer. The first one to do so owns the ticket from then on (首問負責)."""
    ticket = await access_ticket(session, number, by, claiming=True)
    ticket.state = next_state(State(ticket.state), Command.ANSWER)
    if ticket.first_responder_id is None and not await takes_part(session, ticket.id, by.id, "helper"):
        await give_to(session, ticket, by, reason="first_answer", now=at)
        ticket.first_responder_id = by.id
    await _mark_accepted(session, ticket, at)
    answered = {ClockKind.CLAIM, ClockKind.RESPONSE, ClockKind.NEXT_RESPONSE}
    await meet_clocks(session, ticket.id, answered, at=at)
    await record(session, ticket, "answered", by.login, at=at)
    if ticket.stage in {Stage.ACCEPTED, Stage.INVESTIGATING}:
        await _reach_stage(session, ticket, Stage.HANDLING, by.login, at)
    return ticket


async def add_note(
    session: AsyncSession, number: str, *, by: PersonRow, text: str, now: datetime, key: str | None = None
) -> TicketRow:
    """Keep a note that only colleagues read; sent again with the same key, once."""
    ticket = await access_ticket(session, number, by, need=Access.READ)
    said = select(TicketEventRow.id).where(TicketEventRow.ticket_id == ticket.id, TicketEventRow.kind == "note")
    if key is None or await session.scalar(said.where(TicketEventRow.details["key"].astext == key).limit(1)) is None:
        await record(session, ticket, "note", by.login, at=now, private={"text": text, **({"key": key} if key else {})})
    return ticket


async def wait_for_customer(session: AsyncSession, number: str, *, by: PersonRow, now: datetime) -> TicketRow:
    """The customer was asked something: resolution and feedback stand still until they answer."""
    ticket = await answer(session, number, by=by, at=now)
    ticket.state = next_state(State(ticket.state), Command.WAIT)
    await pause_clocks(session, ticket.id, at=now)
    ticket.next_action, ticket.next_action_at = "remind", now + REMIND_AFTER
    await record(session, ticket, "waiting", by.login, at=now)
    return ticket


async def hear_customer(session: AsyncSession, ticket: TicketRow, levels: ServiceLevels, *, at: datetime) -> None:
    """The customer wrote: what waited for them goes on; a person who has the word owes an answer."""
    if ticket.state == State.WAITING_CUSTOMER:
        await resume_clocks(session, ticket.id, levels, at=at)
        ticket.next_action = ticket.next_action_at = None
        await record(session, ticket, "customer_answered", "customer", at=at)
    ticket.state = next_state(State(ticket.state), Command.CUSTOMER_WRITES)
    if ticket.first_responder_id is not None:
        await start_clock(session, ticket, ClockKind.NEXT_RESPONSE, levels, now=at)


async def change_tier(
    session: AsyncSession, number: str, *, by: PersonRow, tier: Tier, reason: str, levels: ServiceLevels, now: datetime
) -> TicketRow:
    """Set another tier, with a reason that is kept; clocks follow. Raises RefusedError without a reason."""
    ticket = await access_ticket(session, number, by)
    if not reason.strip():
        raise RefusedError("say why the tier changes: the reason is kept")
    before, ticket.tier = ticket.tier, tier
    ticket.tier_reasons = [*ticket.tier_reasons, f"changed:{tier}"]
    await change_clocks(session, ticket.id, tier, levels, now=now)
    await record(session, ticket, "tier", by.login, at=now, private={"reason": reason}, before=before, after=tier)
    return ticket


async def set_stage(session: AsyncSession, number: str, *, by: PersonRow, stage: Stage, now: datetime) -> TicketRow:
    """Set a complaint to a stage (§4.1); the customer sees it. Accepting, answering and resolving do so by themselves.

    Raises RefusedError for what is no complaint or is not in progress, ForbiddenTransitionError.
    """
    ticket = await access_ticket(session, number, by)
    if ticket.stage is None:
        raise RefusedError(f"{number} is no complaint: it has no stages")
    if ticket.state not in {State.IN_PROGRESS, State.WAITING_CUSTOMER}:
        raise RefusedError(f"{number} is {ticket.state}: stages are set while it is in progress")
    check_stage(Stage(ticket.stage), stage)
    await _reach_stage(session, ticket, stage, by.login, now)
    return ticket


async def resolve(
    session: AsyncSession, number: str, *, by: PersonRow, outcome: str, now: datetime
) -> tuple[TicketRow, str]:
    """End a matter: the customer is told with it and asked how it went. Returns the survey's token too.

    The caller writes the text to the customer in the same transaction, so feedback is met by it.
    """
    if outcome not in OUTCOMES:
        raise RefusedError(f"an outcome is one of: {', '.join(OUTCOMES)}")
    ticket = await access_ticket(session, number, by, claiming=True)
    if ticket.first_responder_id is None:
        await answer(session, number, by=by, at=now)
    return ticket, await finish(session, ticket, by.login, outcome=outcome, now=now)


async def finish(session: AsyncSession, ticket: TicketRow, actor: str, *, outcome: str, now: datetime) -> str:
    """Set a ticket to resolved, freeze the rated person and ask how it went; returns the survey's token."""
    ticket.state = next_state(State(ticket.state), Command.RESOLVE)
    ticket.outcome, ticket.resolved_at = outcome, now
    ticket.next_action, ticket.next_action_at = "close", now + CLOSE_AFTER
    await meet_clocks(session, ticket.id, set(ClockKind), at=now)
    token = await ask_survey(session, ticket, now=now)
    await record(session, ticket, "resolved", actor, at=now, outcome=outcome)
    if ticket.stage is not None:
        await _reach_stage(session, ticket, Stage.FED_BACK, actor, now)
    return token


async def confirm(session: AsyncSession, number: str, *, now: datetime) -> TicketRow:
    """The customer says it is solved."""
    ticket = await lock_ticket(session, number)
    ticket.state = next_state(State(ticket.state), Command.CONFIRM)
    await close(session, ticket, "customer", now=now)
    return ticket


async def close(session: AsyncSession, ticket: TicketRow, actor: str, *, now: datetime) -> None:
    """End a resolved ticket for good."""
    ticket.state, ticket.closed_at = State.CLOSED, now
    ticket.next_action = ticket.next_action_at = None
    await record(session, ticket, "closed", actor, at=now)


async def reopen(session: AsyncSession, number: str, *, levels: ServiceLevels, now: datetime) -> TicketRow:
    """The customer says it is not solved: a new cycle with the same owner, or their lead if they left.

    Raises ClosedTooLongError seven days after closing: then a new ticket goes on from it (`TicketOpening.previous`).
    """
    ticket = await lock_ticket(session, number)
    if ticket.closed_at is not None and now - ticket.closed_at > REOPEN_WITHIN:
        raise ClosedTooLongError(f"{number} was closed more than {REOPEN_WITHIN.days} days ago: open a new ticket")
    ticket.state = next_state(State(ticket.state), Command.REOPEN)
    ticket.reopenings += 1
    ticket.outcome = ticket.resolved_at = ticket.closed_at = ticket.next_action = ticket.next_action_at = None
    if ticket.reopenings == RAISED_AT_REOPENING:
        ticket.tier = raise_tier(Tier(ticket.tier))
        ticket.tier_reasons = [*ticket.tier_reasons, "second_reopening"]
    if not (await session.get_one(PersonRow, ticket.owner_id)).active:
        await pass_to_lead(session, ticket, levels, now=now)
    for kind in (ClockKind.RESOLUTION, ClockKind.FEEDBACK, ClockKind.NEXT_RESPONSE):
        await start_clock(session, ticket, kind, levels, now=now)
    await record(session, ticket, "reopened", "customer", at=now, times=ticket.reopenings)
    if ticket.stage is not None:
        await _reach_stage(session, ticket, Stage.HANDLING, "customer", now)
    cause = f"{ticket.id}/reopened/{ticket.reopenings}"
    await notify(session, ticket, [ticket.owner_id], kind="reopened", cause=cause, levels=levels, now=now)
    if ticket.tier == Tier.CRITICAL:
        candidates = await lock_candidates(session, now, desk=ticket.desk, also=ticket.owner_id)
        await tell_watch(session, ticket, candidates, levels, now=now)
    return ticket


async def _reach_stage(session: AsyncSession, ticket: TicketRow, stage: Stage, actor: str, now: datetime) -> None:
    ticket.stage = stage
    await record(session, ticket, "stage", actor, at=now, stage=stage)


async def _mark_accepted(session: AsyncSession, ticket: TicketRow, now: datetime) -> None:
    current = select(AssignmentRow).where(AssignmentRow.ticket_id == ticket.id, AssignmentRow.ended_at.is_(None))
    for assignment in await session.scalars(current):
        assignment.accepted_at = assignment.accepted_at or now
