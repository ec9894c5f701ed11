"""Rows of several tables with one statement: what is read back is what was given, and two at once are one."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import service
from escalation.models import (
    AssignmentRow,
    AuditRow,
    Base,
    ClockRow,
    NoticeDeliveryRow,
    NoticeRow,
    PersonRow,
    TicketEventRow,
    TicketRow,
)
from escalation.testing import NOON, make_opening, make_person
from escalation.writing import insert_together
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
DECISION = {"remedies": ["repair"], "text": "\"é\\ 🙂 '; DROP", "until": None, "amount": "12.30"}


def columns_of(row: Base) -> dict[str, object]:
    """What a row holds."""
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).columns}


def make_ticket(owner: PersonRow, **changes: object) -> TicketRow:
    """A ticket with something of every kind in it."""
    fields = {name: value for name, value in vars(make_opening(**changes)).items() if hasattr(TicketRow, name)}
    rest = {"number": f"SW-{uuid4().hex[:8]}", "desk": "quality", "state": "open", "tier": "general"}
    return TicketRow(id=uuid4(), owner_id=owner.id, tier_reasons=["a", "ü"], reach="one_order", **fields, **rest)


def make_clock(ticket: TicketRow) -> ClockRow:
    """A clock whose duration is no round number, by a calendar."""
    return ClockRow(
        id=uuid4(), ticket_id=ticket.id, kind="claim", tier="general", started_at=NOON, calendar={"zone": "UTC"},
        within=timedelta(days=3, microseconds=7), due_at=NOON + timedelta(microseconds=1),
    )  # fmt: skip


@pytest.fixture
async def ann(sessions: Sessions) -> PersonRow:
    """Somebody who may own tickets."""
    person = make_person("ann", "agent", "quality", now=NOON)
    async with sessions.begin() as session:
        session.add(person)
    return person


async def test_what_was_given_is_read_back(sessions: Sessions, ann: PersonRow) -> None:
    """To the microsecond and the cent, with the defaults that adding the objects would have had."""
    ticket = make_ticket(ann, decision=DECISION, order_amount=Decimal("1999.90"), summary="a\nb \\ \" '")
    clocks = [make_clock(ticket)]
    entry = AuditRow(subject="t", seq=1, at=NOON, actor="bot", action="opened", details={}, previous_hash=b"\x00\\",
                     hash=bytes(range(256)))  # fmt: skip
    async with sessions.begin() as session:
        assert await insert_together(session, ticket, *clocks, entry, unless="cause")
    async with sessions() as session:
        found = await session.get_one(TicketRow, ticket.id)
        clock = await session.get_one(ClockRow, clocks[0].id)
        written = (await session.scalars(select(AuditRow))).one()
    assert {**columns_of(ticket), "reopenings": 0, "claim_hops": 0} == columns_of(found)
    assert {**columns_of(clocks[0]), "pauses": [], "cycle": 1} == columns_of(clock)
    assert {**columns_of(entry), "number": written.number} == columns_of(written)


async def test_what_is_there_already_is_left_with_all_that_would_go_with_it(sessions: Sessions, ann: PersonRow) -> None:
    """No clock without its ticket."""
    first = make_ticket(ann, cause="one")
    second = make_ticket(ann, cause="one")
    async with sessions.begin() as session:
        assert await insert_together(session, first, make_clock(first), unless="cause")
        assert not await insert_together(session, second, make_clock(second), unless="cause")
    async with sessions() as session:
        assert [first.id] == list(await session.scalars(select(TicketRow.id)))
        assert [first.id] == list(await session.scalars(select(ClockRow.ticket_id)))


async def test_an_opened_ticket_has_all_its_rows(desk: Desk) -> None:
    """Its owner, clocks, event, audit entry and notice, on every way that reaches the owner."""
    await desk.set_person("ann", email="ann@example.com", telegram_chat_id=7)
    number = await desk.open()
    async with desk.sessions() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        counted = {
            table.__tablename__: await session.scalar(select(func.count()).select_from(table).where(of_it))
            for table, of_it in (
                (AssignmentRow, AssignmentRow.ticket_id == ticket.id),
                (ClockRow, ClockRow.ticket_id == ticket.id),
                (TicketEventRow, TicketEventRow.ticket_id == ticket.id),
                (AuditRow, AuditRow.subject == f"ticket/{ticket.id}"),
                (NoticeRow, NoticeRow.ticket_id == ticket.id),
            )
        }
        ways = set(await session.scalars(select(NoticeDeliveryRow.way)))
    one = dict.fromkeys(("assignments", "ticket_events", "audit_entries", "notices"), 1)
    assert {**one, "clocks": 4} == counted
    assert {"email", "telegram"} == ways


def count_statements(session: AsyncSession) -> list[str]:
    """What the session's connection is asked from now on."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    return statements


async def test_opening_takes_three_trips_to_the_database(desk: Desk) -> None:
    """Whoever adds one adds its time to every turn that opens a ticket."""
    async with desk.sessions.begin() as session:
        statements = count_statements(session)
        await service.open_ticket(session, make_opening(), levels=desk.levels, now=desk.clock.now())
    assert 3 == len(statements)
