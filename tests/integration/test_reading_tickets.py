"""Lists and case files: what somebody sees of the tickets, and in which order."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import casework, handover, service
from escalation.casefile import CaseFile, load_ticket
from escalation.errors import ForbiddenError, UnknownTicketError
from escalation.models import ParticipantRow, PersonRow, TicketRow
from escalation.people import add_person
from escalation.queue import QueueEntry, TicketFilters, list_tickets
from escalation.rights import Access
from escalation.service_levels import ServiceLevels, load_default_service_levels
from escalation.testing import NOON, make_opening

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
HOUR = timedelta(hours=1)
TEAM = (
    ("ann", "agent", "quality"),
    ("bo", "agent", "quality"),
    ("eve", "agent", "order"),
    ("lea", "team_lead", "quality"),
    ("sue", "supervisor", None),
    ("audit", "auditor", None),
    ("admin", "admin", None),
)


@pytest.fixture
def levels() -> ServiceLevels:
    """The service levels that come with the product."""
    return load_default_service_levels()


@pytest.fixture
async def team(sessions: Sessions) -> Sessions:
    """People of two desks, ann alone on duty."""
    async with sessions.begin() as session:
        for login, role, desk in TEAM:
            on_duty = login in {"ann", "eve"}
            await add_person(session, login=login, name=login, role=role, desk=desk, now=NOON, available=on_duty)
    return sessions


async def open_one(sessions: Sessions, levels: ServiceLevels, **changes: Any) -> str:
    """Open a ticket; returns its number."""
    opening = make_opening(**changes)
    async with sessions.begin() as session:
        return (await service.open_ticket(session, opening, levels=levels, now=opening.opened_at)).number


async def find(session: AsyncSession, login: str) -> PersonRow:
    """Somebody of the team."""
    return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def list_for(sessions: Sessions, login: str, **filters: Any) -> list[QueueEntry]:
    """A list as somebody sees it."""
    async with sessions() as session:
        return await list_tickets(session, await find(session, login), TicketFilters(**filters))


async def numbers_for(sessions: Sessions, login: str, **filters: Any) -> list[str]:
    """The numbers of a list."""
    return [entry.ticket.number for entry in await list_for(sessions, login, **filters)]


async def load_for(sessions: Sessions, login: str, number: str) -> CaseFile:
    """A case file as somebody sees it."""
    async with sessions() as session:
        return await load_ticket(session, number, person=await find(session, login))


async def test_what_is_due_next_comes_first(team: Sessions, levels: ServiceLevels) -> None:
    """By the earliest running deadline, whatever kind it is: claim 2 h after one opening, 5 min after the other."""
    general = await open_one(team, levels)
    critical = await open_one(team, levels, seriousness="safety", opened_at=NOON + HOUR)
    entries = await list_for(team, "ann")
    assert [(critical, "claim", NOON + HOUR + timedelta(minutes=5)), (general, "claim", NOON + 2 * HOUR)] == [
        (entry.ticket.number, entry.next_clock, entry.next_due_at) for entry in entries
    ]


async def test_what_waits_for_the_customer_is_due_last(team: Sessions, levels: ServiceLevels) -> None:
    """Its clocks stand still, so it has nothing that is due."""
    waiting, running = await open_one(team, levels), await open_one(team, levels, opened_at=NOON + HOUR)
    async with team.begin() as session:
        await casework.wait_for_customer(session, waiting, by=await find(session, "ann"), now=NOON)
    entries = await list_for(team, "ann")
    assert [running, waiting] == [entry.ticket.number for entry in entries]
    assert entries[-1].next_due_at is None


@pytest.mark.parametrize(
    ("login", "seen"),
    [("ann", 2), ("bo", 2), ("lea", 2), ("eve", 1), ("sue", 3), ("audit", 3), ("admin", 0)],
)
async def test_a_list_holds_what_one_may_see(team: Sessions, levels: ServiceLevels, login: str, seen: int) -> None:
    """Two tickets of the quality desk, one of the order desk."""
    for category in ("quality", "quality", "order"):
        await open_one(team, levels, category=category)
    assert seen == len(await numbers_for(team, login))


async def test_what_was_escalated_to_me_is_mine_to_see(team: Sessions, levels: ServiceLevels) -> None:
    """A handler of another desk sees the ticket, and finds it among those escalated to them."""
    mine, other = await open_one(team, levels), await open_one(team, levels)
    async with team.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == mine))).one()
        eve = await find(session, "eve")
        session.add(ParticipantRow(ticket_id=ticket.id, person_id=eve.id, kind="handler", since=NOON))
    assert [mine] == await numbers_for(team, "eve", handled_by_me=True)
    assert [] == await numbers_for(team, "ann", handled_by_me=True)
    assert Access.WORK is (await load_for(team, "eve", mine)).access
    with pytest.raises(ForbiddenError):
        await load_for(team, "eve", other)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"owner": "ann"}, "ab"),
        ({"owner": "eve"}, "c"),
        ({"desk": "order"}, "c"),
        ({"category": "order"}, "c"),
        ({"tier": "critical"}, "b"),
        ({"due_before": NOON + timedelta(minutes=6)}, "b"),
        ({"due_before": NOON + timedelta(minutes=5)}, ""),  # due at that instant is not before it
        ({"states": ("resolved", "closed")}, ""),
        ({"states": ("open",)}, "abc"),
        ({"search": "so77"}, "c"),
        ({"search": "%"}, ""),
        ({}, "abc"),
    ],
)
async def test_a_list_is_narrowed(team: Sessions, levels: ServiceLevels, filters: Any, expected: str) -> None:
    """By owner, desk, category, tier, state, what is due, and number."""
    numbers = {
        await open_one(team, levels): "a",
        await open_one(team, levels, seriousness="safety"): "b",
        await open_one(team, levels, category="order", order_number="SO77"): "c",
    }
    assert expected == "".join(sorted(numbers[found] for found in await numbers_for(team, "sue", **filters)))


async def test_resolved_tickets_leave_the_list(team: Sessions, levels: ServiceLevels) -> None:
    """Unless they are asked for."""
    number = await open_one(team, levels)
    async with team.begin() as session:
        await casework.resolve(session, number, by=await find(session, "ann"), outcome="solved", now=NOON)
    assert [] == await numbers_for(team, "ann")
    assert [number] == await numbers_for(team, "ann", states=("resolved",))


async def test_a_case_file_has_everything(team: Sessions, levels: ServiceLevels) -> None:
    """Owners, clocks, the handover that waits, the survey and the history, each in order."""
    number = await open_one(team, levels)
    async with team.begin() as session:
        ann, bo, lea = [await find(session, login) for login in ("ann", "bo", "lea")]
        await casework.answer(session, number, by=bo, at=NOON + HOUR)
        details: dict[str, Any] = {"reason": "holiday", "levels": levels, "now": NOON + HOUR}
        await handover.hand_over(session, number, by=bo, to=ann.login, **details)
    case = await load_for(team, "lea", number)
    assert ["ann", "bo"] == [ownership.who.login for ownership in case.ownerships]
    assert ["fewest_open", "first_answer"] == [ownership.reason for ownership in case.ownerships]
    assert case.first_responder == case.owner
    assert case.handover is not None
    assert ("bo", "ann", "holiday") == (case.handover.owner.login, case.handover.to.login, case.handover.reason)
    assert {"claim", "feedback", "resolution", "response"} == {clock.kind for clock in case.clocks}
    assert ["opened", "answered", "handover_asked"] == [event.kind for event in case.events]
    assert ([], [], []) == (list(case.steps), list(case.participants), list(case.surveys))
    async with team.begin() as session:
        await casework.resolve(session, number, by=lea, outcome="solved", now=NOON + HOUR)
    assert [(1, bo.id)] == [(s.cycle, s.person_id) for s in (await load_for(team, "lea", number)).surveys]


@pytest.mark.parametrize(
    ("login", "access"),
    [("ann", Access.WORK), ("bo", Access.READ), ("lea", Access.WORK), ("sue", Access.WORK),
     ("audit", Access.READ_MASKED), ("eve", None), ("admin", None)],
)  # fmt: skip
async def test_a_case_file_says_what_one_may_do(
    team: Sessions, levels: ServiceLevels, login: str, access: Access | None
) -> None:
    """Own, the desk's, everybody's; masked for the auditor; for others there is none."""
    number = await open_one(team, levels)
    if access is None:
        with pytest.raises(ForbiddenError):
            await load_for(team, login, number)
        return
    assert access is (await load_for(team, login, number)).access


async def test_an_unknown_number_is_named(team: Sessions) -> None:
    """Rather than an empty case."""
    with pytest.raises(UnknownTicketError, match="SW-0"):
        await load_for(team, "sue", "SW-0")
