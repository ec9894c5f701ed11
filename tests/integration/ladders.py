"""Hundreds of tickets whose clocks run out within seconds, and the account of what their loops did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import audit
from escalation.clocks import ClockKind
from escalation.models import (
    AssignmentRow,
    ClockRow,
    ClockStepRow,
    NoticeRow,
    ParticipantRow,
    PersonRow,
    TicketEventRow,
    TicketRow,
)
from escalation.service_levels import ServiceLevels
from escalation.testing import make_opening
from escalation.timekeeping import make_clock, set_next

Sessions = async_sessionmaker[AsyncSession]
WITHIN = {
    ClockKind.RESPONSE: timedelta(seconds=5),
    ClockKind.RESOLUTION: timedelta(seconds=6),
    ClockKind.FEEDBACK: timedelta(seconds=7),
}
STEPS = ["warn", "breach", "supervisor", "operations_manager"]
_COMES_IN = {"breach": "lea", "supervisor": "sue", "operations_manager": "max"}
_CLAIMED_WITHIN = timedelta(seconds=5)
# What was over before the test begins: the first warnings are due at once.
_BEGUN_BEFORE = timedelta(seconds=4)


async def add_tickets(
    sessions: Sessions, levels: ServiceLevels, *, climbing: int, unclaimed: int, now: datetime, over: timedelta
) -> None:
    """Add general tickets of ann's, begun one after the other: some climb the ladder, some are not claimed."""
    count = climbing + unclaimed
    async with sessions.begin() as session:
        ann = (await session.scalars(select(PersonRow).where(PersonRow.login == "ann"))).one()
        begun_at = now - _BEGUN_BEFORE
        tickets = [_make_ticket(n, ann, begun_at + over * (n / count)) for n in range(count)]
        session.add_all(tickets)
        await session.flush()
        session.add_all(
            AssignmentRow(ticket_id=one.id, person_id=ann.id, reason="fewest_open", assigned_at=one.opened_at)
            for one in tickets
        )
        for n, ticket in enumerate(tickets):
            # Spread, so that claims run out all the time.
            is_unclaimed = (n + 1) * unclaimed // count > n * unclaimed // count
            within = {ClockKind.CLAIM: _CLAIMED_WITHIN} if is_unclaimed else WITHIN
            session.add_all(_make_clock(ticket, kind, levels, within[kind]) for kind in within)


def _make_ticket(n: int, owner: PersonRow, opened_at: datetime) -> TicketRow:
    known = {column.name for column in TicketRow.__table__.columns}
    fields = {name: value for name, value in vars(make_opening(opened_at=opened_at)).items() if name in known}
    return TicketRow(
        **fields,
        id=uuid4(),
        number=f"SW-{n}",
        desk="quality",
        state="open",
        tier="general",
        tier_reasons=[],
        reach="one_order",
        owner_id=owner.id,
    )


def _make_clock(ticket: TicketRow, kind: ClockKind, levels: ServiceLevels, within: timedelta) -> ClockRow:
    clock = make_clock(ticket, kind, levels, cycle=1, now=ticket.opened_at)
    clock.within = within
    set_next(clock, levels.ladder, taken=(), now=ticket.opened_at)
    return clock


async def count_steps(sessions: Sessions) -> int:
    """Return how many steps have been taken."""
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(ClockStepRow)) or 0


async def are_done(sessions: Sessions) -> bool:
    """Tell whether no clock of the first cycle waits any more."""
    waiting = select(ClockRow.id).where(ClockRow.next_due_at.is_not(None), ClockRow.cycle == 1).limit(1)
    async with sessions() as session:
        return await session.scalar(waiting) is None


async def check_account(sessions: Sessions) -> None:
    """Every step, event, handler, notice and hop is there once, and nothing else; the audit log is whole."""
    async with sessions() as session:
        logins = {row.id: row.login for row in await session.scalars(select(PersonRow))}
        tickets = {row.id: row for row in await session.scalars(select(TicketRow))}
        clocks = (await session.scalars(select(ClockRow).where(ClockRow.cycle == 1))).all()
        steps: dict[UUID, list[ClockStepRow]] = {clock.id: [] for clock in clocks}
        for step in await session.scalars(select(ClockStepRow).order_by(ClockStepRow.due_at)):
            steps[step.clock_id].append(step)
        events = (await session.scalars(select(TicketEventRow))).all()
        notices = (await session.scalars(select(NoticeRow))).all()
        participants = (await session.scalars(select(ParticipantRow))).all()
        hands = Counter(await session.scalars(select(AssignmentRow.ticket_id)))
        assert await audit.verify(session) is None
    climbing = [clock for clock in clocks if clock.kind != ClockKind.CLAIM]
    unclaimed = [clock for clock in clocks if clock.kind == ClockKind.CLAIM]
    _check_steps(climbing, unclaimed, steps)
    _check_told(climbing, steps, notices, logins)
    _check_events(clocks, steps, events)
    for ticket_id in {clock.ticket_id for clock in climbing}:
        came_in = Counter(logins[row.person_id] for row in participants if row.ticket_id == ticket_id)
        assert dict.fromkeys(_COMES_IN.values(), 1) == came_in
    hopped = Counter(notice.ticket_id for notice in notices if notice.kind == "hopped")
    for clock in unclaimed:
        assert (1, 2, 2) == (tickets[clock.ticket_id].claim_hops, hands[clock.ticket_id], hopped[clock.ticket_id])


def _check_steps(
    climbing: Sequence[ClockRow], unclaimed: Sequence[ClockRow], steps: Mapping[UUID, Sequence[ClockStepRow]]
) -> None:
    for clock in climbing:
        assert STEPS == [step.name for step in steps[clock.id]]
        assert (clock.due_at, None) == (clock.breached_at, clock.next_due_at)
    for clock in unclaimed:
        assert ["warn", "breach"] == [step.name for step in steps[clock.id]]


def _check_told(
    climbing: Sequence[ClockRow],
    steps: Mapping[UUID, Sequence[ClockStepRow]],
    notices: Sequence[NoticeRow],
    logins: Mapping[UUID, str],
) -> None:
    """The owner and who came in, of each step that was not collapsed into a higher one."""
    told = Counter((notice.cause, logins[notice.person_id]) for notice in notices if notice.kind == "step")
    expected: Counter[tuple[str, str]] = Counter()
    for clock in climbing:
        people = {"ann"}
        for step in steps[clock.id]:
            people |= {_COMES_IN[step.name]} if step.name in _COMES_IN else set()
            if not step.collapsed:
                expected.update((f"{clock.id}/{step.name}", login) for login in people)
                people = {"ann"}
    assert expected == Counter({key: count for key, count in told.items() if key in expected})
    claims = set(told) - set(expected)
    assert all(cause.endswith("/warn") and login == "ann" for cause, login in claims)


def _check_events(
    clocks: Sequence[ClockRow], steps: Mapping[UUID, Sequence[ClockStepRow]], events: Sequence[TicketEventRow]
) -> None:
    """One for each step that was told, one for each handler, one for each hop."""
    expected = Counter(
        (clock.ticket_id, clock.kind, step.name) for clock in clocks for step in steps[clock.id] if not step.collapsed
    )
    written = Counter(
        (row.ticket_id, row.details["clock"], row.details["step"]) for row in events if row.kind == "step"
    )
    assert expected == written
    once = Counter((row.ticket_id, row.kind, row.details.get("handler")) for row in events if row.kind != "step")
    assert {1} == set(once.values())
