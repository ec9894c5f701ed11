"""Tickets on a real database: one owner from the first second, once per cause, whoever opens at the same time."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import audit, service
from escalation.errors import NoOwnerError, PersonError, UnknownTicketError
from escalation.models import AuditRow, ClockRow, PersonRow, TicketRow
from escalation.people import ensure_admin, seed_demo_people
from escalation.service import TicketOpening, TicketView
from escalation.service_levels import ServiceLevels, load_default_service_levels
from escalation.testing import NOON, make_opening

pytestmark = pytest.mark.postgres
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def levels() -> ServiceLevels:
    """The service levels that come with the product."""
    return load_default_service_levels()


async def add_agent(sessions: Sessions, login: str, *, role: str = "agent", room: int = 20) -> None:
    """Somebody of the quality desk, on duty."""
    async with sessions.begin() as session:
        await service.add_person(
            session, login=login, name=login.title(), role=role, desk="quality", now=NOON, available=True
        )
        await session.execute(update(PersonRow).where(PersonRow.login == login).values(max_open=room))


async def open_one(sessions: Sessions, levels: ServiceLevels, opening: TicketOpening) -> TicketView:
    """Open a ticket in a transaction of its own."""
    async with sessions.begin() as session:
        return await service.open_ticket(session, opening, levels=levels, now=NOON)


async def test_a_ticket_has_an_owner_and_running_clocks(sessions: Sessions, levels: ServiceLevels) -> None:
    """From its first second: claim, response, resolution and feedback, none of them met."""
    await add_agent(sessions, "ann")
    ticket = await open_one(sessions, levels, make_opening())
    async with sessions() as session:
        clocks = (await session.scalars(select(ClockRow))).all()
    assert ("Ann", "open", "general", False) == (ticket.owner_name, ticket.state, ticket.tier, ticket.answered)
    assert {"claim": 2, "response": 24, "resolution": 48, "feedback": 72} == {
        clock.kind: (clock.due_at - NOON) // timedelta(hours=1) for clock in clocks
    }
    assert all(clock.met_at is None and NOON < clock.next_due_at <= clock.due_at for clock in clocks)


async def test_the_same_cause_opens_one_ticket(sessions: Sessions, levels: ServiceLevels) -> None:
    """A turn that runs again gets the first ticket, also when both run at once."""
    await add_agent(sessions, "ann")
    opening = make_opening()
    opened = await asyncio.gather(*(open_one(sessions, levels, opening) for _ in range(4)))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(TicketRow)) == 1
    assert len({ticket.number for ticket in opened}) == 1


async def test_openings_at_once_do_not_share_the_last_room(sessions: Sessions, levels: ServiceLevels) -> None:
    """Two agents with room for three each, eight openings: three, three, and the lead has the rest."""
    await add_agent(sessions, "ann", room=3)
    await add_agent(sessions, "bo", room=3)
    await add_agent(sessions, "lead", role="team_lead")
    opened = await asyncio.gather(*(open_one(sessions, levels, make_opening()) for _ in range(8)))
    owners = [ticket.owner_login for ticket in opened]
    assert {"ann": 3, "bo": 3, "lead": 2} == {owner: owners.count(owner) for owner in set(owners)}


async def test_the_third_contact_in_a_week_raises_the_tier(sessions: Sessions, levels: ServiceLevels) -> None:
    """The same customer about the same order, and nobody else's contacts."""
    await add_agent(sessions, "ann")
    customer = uuid4()
    await open_one(sessions, levels, make_opening())
    tickets = [await open_one(sessions, levels, make_opening(customer_id=customer)) for _ in range(3)]
    assert ["general", "general", "major"] == [ticket.tier for ticket in tickets]
    assert "third_contact" in tickets[-1].reasons


async def test_an_old_contact_does_not_count(sessions: Sessions, levels: ServiceLevels) -> None:
    """Seven days exactly are over."""
    await add_agent(sessions, "ann")
    customer, week = uuid4(), timedelta(days=7)
    await open_one(sessions, levels, make_opening(customer_id=customer, opened_at=NOON - week))
    tickets = [await open_one(sessions, levels, make_opening(customer_id=customer)) for _ in range(2)]
    assert tickets[-1].tier == "general"


@pytest.mark.parametrize(("customers", "expected"), [(4, "general"), (5, "major")])
async def test_the_same_fault_of_five_customers_concerns_many(
    sessions: Sessions, levels: ServiceLevels, customers: int, expected: str
) -> None:
    """Four customers are four customers; the fifth makes it major."""
    await add_agent(sessions, "ann")
    tickets = [await open_one(sessions, levels, make_opening(product_key="EAR-1")) for _ in range(customers)]
    assert tickets[-1].tier == expected


async def test_without_people_no_ticket_is_opened(sessions: Sessions, levels: ServiceLevels) -> None:
    """Rather refused by name than owned by nobody."""
    with pytest.raises(NoOwnerError):
        await open_one(sessions, levels, make_opening())


async def test_a_conversation_shows_its_tickets_newest_first(sessions: Sessions, levels: ServiceLevels) -> None:
    """And no other conversation's."""
    await add_agent(sessions, "ann")
    conversation = uuid4()
    first = await open_one(sessions, levels, make_opening(conversation_id=conversation))
    await open_one(sessions, levels, make_opening())
    later = make_opening(conversation_id=conversation, opened_at=NOON + timedelta(minutes=1))
    second = await open_one(sessions, levels, later)
    async with sessions() as session:
        found = await service.find_tickets_of_conversation(session, conversation)
    assert [second, first] == found


async def test_the_queue_counts_who_came_before(sessions: Sessions, levels: ServiceLevels) -> None:
    """Unanswered tickets of the desk, opened earlier."""
    await add_agent(sessions, "ann")
    openings = [make_opening(opened_at=NOON + timedelta(minutes=minute)) for minute in range(3)]
    tickets = [await open_one(sessions, levels, opening) for opening in openings]
    async with sessions() as session:
        cases = [await service.find_case(session, opening.conversation_id) for opening in openings]
    assert [(ticket, ahead) for ahead, ticket in enumerate(tickets)] == [
        (case.ticket, case.ahead) for case in cases if case
    ]


async def test_what_the_customer_adds_stays_out_of_the_audit_log(sessions: Sessions, levels: ServiceLevels) -> None:
    """The words are kept with the ticket; the log knows only that there were some."""
    await add_agent(sessions, "ann")
    ticket = await open_one(sessions, levels, make_opening(summary="13800138000"))
    async with sessions.begin() as session:
        await service.add_facts_to_ticket(
            session, ticket.number, {"said": "13900139000", "photos": 1}, levels=levels, now=NOON
        )
    async with sessions() as session:
        entries = (await session.scalars(select(AuditRow).where(AuditRow.subject.like("ticket/%")))).all()
    assert [entry.action for entry in entries] == ["opened", "facts_added"]
    assert not any("138001" in str(entry.details) or "139001" in str(entry.details) for entry in entries)


async def test_facts_for_an_unknown_ticket_are_refused(sessions: Sessions, levels: ServiceLevels) -> None:
    """Nothing is lost silently."""
    async with sessions.begin() as session:
        with pytest.raises(UnknownTicketError):
            await service.add_facts_to_ticket(session, "SW-0", {"said": "?"}, levels=levels, now=NOON)


async def test_a_message_wakes_what_waited_for_the_customer(sessions: Sessions, levels: ServiceLevels) -> None:
    """waiting_customer goes back to in_progress, in that conversation only."""
    await add_agent(sessions, "ann")
    mine, other = uuid4(), uuid4()
    for conversation in (mine, other):
        await open_one(sessions, levels, make_opening(conversation_id=conversation))
    async with sessions.begin() as session:
        await session.execute(update(TicketRow).values(state="waiting_customer"))
        await service.record_customer_message(session, conversation_id=mine, levels=levels, at=NOON)
    assert [await state_of(sessions, mine), await state_of(sessions, other)] == ["in_progress", "waiting_customer"]


async def state_of(sessions: Sessions, conversation: UUID) -> str:
    """The state of a conversation's only ticket."""
    async with sessions() as session:
        (ticket,) = await service.find_tickets_of_conversation(session, conversation)
    return ticket.state


async def append_all(sessions: Sessions, *subjects: str) -> None:
    """Append one entry for each, every one in a transaction of its own, at once."""

    async def append(subject: str) -> None:
        async with sessions.begin() as session:
            await audit.append(session, subject=subject, actor="ann", action="noted", details={"n": 1}, at=NOON)

    await asyncio.gather(*map(append, subjects))


async def test_writers_at_once_make_one_chain(sessions: Sessions) -> None:
    """Eight entries of one subject are numbered one to eight, and the log is whole."""
    await append_all(sessions, *["ticket/1"] * 8, "ticket/2")
    async with sessions() as session:
        numbers = await session.scalars(select(AuditRow.seq).where(AuditRow.subject == "ticket/1").order_by("seq"))
        assert list(range(1, 9)) == list(numbers)
        assert await audit.verify(session) is None


async def test_a_changed_entry_shows(sessions: Sessions) -> None:
    """The first that does not fit is named."""
    await append_all(sessions, *["ticket/1"] * 3)
    async with sessions.begin() as session:
        await session.execute(update(AuditRow).where(AuditRow.seq == 2).values(details={"n": 2}))
    async with sessions() as session:
        broken = await audit.verify(session)
    assert broken is not None
    assert (broken.subject, broken.seq) == ("ticket/1", 2)


async def test_a_missing_entry_shows(sessions: Sessions) -> None:
    """The entry behind the gap is named."""
    await append_all(sessions, *["ticket/1"] * 3)
    async with sessions.begin() as session:
        await session.delete(await session.get_one(AuditRow, ("ticket/1", 2)))
    async with sessions() as session:
        broken = await audit.verify(session)
    assert broken is not None
    assert broken.seq == 3


async def test_a_token_finds_its_person(sessions: Sessions) -> None:
    """The token itself is not stored; a wrong, an empty one and a leaver's find nobody."""
    async with sessions.begin() as session:
        made = await service.add_person(
            session, login="ann", name="Ann", role="agent", desk="quality", now=NOON, token=True
        )
        assert made.token
        found = await service.find_person_by_token(session, made.token)
        assert found is not None
        assert (found.login, made.token.encode() in (found.token_digest or b"")) == ("ann", False)
        assert await service.find_person_by_token(session, "") is None
        assert await service.find_person_by_token(session, made.token + "x") is None
        await session.execute(update(PersonRow).values(active=False))
        assert await service.find_person_by_token(session, made.token) is None


@pytest.mark.parametrize(
    ("login", "role", "desk"),
    [
        ("ann", "agent", "quality"),
        ("bo", "boss", "quality"),
        ("bo", "agent", None),
        ("b o", "agent", "quality"),
        ("", "agent", "quality"),
        ("operator", "agent", "quality"),
        ("customer", "agent", "quality"),
    ],
)
async def test_a_person_who_does_not_fit_is_refused(
    sessions: Sessions, login: str, role: str, desk: str | None
) -> None:
    """A login twice, with a space, empty, or that the log means others by; an unknown role; an agent without a desk."""
    await add_agent(sessions, "ann")
    async with sessions.begin() as session:
        with pytest.raises(PersonError):
            await service.add_person(session, login=login, name="Bo", role=role, desk=desk, now=NOON)


async def test_the_first_admin_is_made_once(sessions: Sessions) -> None:
    """Only while nobody is there."""
    async with sessions.begin() as session:
        first, again = await ensure_admin(session, now=NOON), await ensure_admin(session, now=NOON)
    assert first is not None
    assert (first.role, again) == ("admin", None)


async def test_the_demo_team_covers_every_desk(sessions: Sessions, levels: ServiceLevels) -> None:
    """Each category is owned by somebody of its own desk, and the team is made once."""
    async with sessions.begin() as session:
        made = await seed_demo_people(session, levels, now=NOON)
        assert await seed_demo_people(session, levels, now=NOON) == []
        desks = {row.login: row.desk for row in await session.scalars(select(PersonRow))}
    for category in ("order", "logistics", "quality", "after_sales", "complaint"):
        ticket = await open_one(sessions, levels, make_opening(category=category, order_number=None))
        assert desks[ticket.owner_login] == ticket.desk == category
    assert len({one.password for one in made}) == len(made)
