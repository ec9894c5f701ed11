"""A team, its clock and its clock loop: what the tests of casework, ownership and the loop play with."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import casework, service
from escalation.models import ClockRow, NoticeRow, PersonRow, TicketRow
from escalation.service_levels import ServiceLevels
from escalation.testing import FakeClock, make_opening, make_person
from escalation.ticker import Ticker

Sessions = async_sessionmaker[AsyncSession]
TEAM = (
    ("ann", "agent", "quality"),
    ("bo", "agent", "quality"),
    ("cy", "agent", "quality"),
    ("dee", "agent", "quality"),
    ("lea", "team_lead", "quality"),
    ("sue", "supervisor", None),
    ("max", "operations_manager", None),
    ("eve", "agent", "order"),
)


class Desk:
    """A team, a ticket of theirs, and a clock."""

    def __init__(self, sessions: Sessions, levels: ServiceLevels) -> None:
        self.sessions, self.levels, self.clock = sessions, levels, FakeClock()
        self.ticker = Ticker(sessions, self.clock, levels)

    async def open(self, **changes: Any) -> str:
        """Open a ticket; returns its number."""
        opening = make_opening(**{"opened_at": self.clock.now(), **changes})
        async with self.sessions.begin() as session:
            return (await service.open_ticket(session, opening, levels=self.levels, now=self.clock.now())).number

    async def act(self, use_case: Any, number: str, *, by: str, **details: Any) -> Any:
        """Do something as somebody, in a transaction of its own."""
        async with self.sessions.begin() as session:
            person = (await session.scalars(select(PersonRow).where(PersonRow.login == by))).one()
            return await use_case(session, number, by=person, **details)

    async def answer(self, number: str, *, by: str) -> None:
        """Answer the customer now."""
        await self.act(casework.answer, number, by=by, at=self.clock.now())

    async def ticket(self, number: str) -> TicketRow:
        """The ticket as it is."""
        async with self.sessions() as session:
            return (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()

    async def owner(self, number: str) -> str:
        """Its owner's login."""
        async with self.sessions() as session:
            query = select(PersonRow.login).join(TicketRow, TicketRow.owner_id == PersonRow.id)
            return (await session.scalars(query.where(TicketRow.number == number))).one()

    async def clocks(self, number: str) -> dict[str, ClockRow]:
        """Its newest clock of each kind."""
        async with self.sessions() as session:
            query = select(ClockRow).join(TicketRow, TicketRow.id == ClockRow.ticket_id)
            rows = await session.scalars(query.where(TicketRow.number == number).order_by(ClockRow.cycle))
            return {row.kind: row for row in rows}

    async def told(self, kind: str) -> list[tuple[str, str]]:
        """Who was told what, in order: (login, step)."""
        async with self.sessions() as session:
            query = select(PersonRow.login, NoticeRow.details).join(NoticeRow, NoticeRow.person_id == PersonRow.id)
            rows = await session.execute(query.where(NoticeRow.kind == kind).order_by(NoticeRow.at, PersonRow.login))
            return [(row.login, row.details.get("clock", "") + ":" + row.details.get("step", "")) for row in rows]

    async def pass_time(self, by: timedelta) -> None:
        """Move the clock on and let the loop do what is due."""
        self.clock.advance(by)
        while await self.ticker.tick():
            pass

    async def customer_writes(self, number: str) -> None:
        """The customer writes in the ticket's conversation now."""
        conversation = (await self.ticket(number)).conversation_id
        async with self.sessions.begin() as session:
            await service.record_customer_message(
                session, conversation_id=conversation, levels=self.levels, at=self.clock.now()
            )

    async def reopen(self, number: str) -> None:
        """The customer says that it is not solved."""
        async with self.sessions.begin() as session:
            await casework.reopen(session, number, levels=self.levels, now=self.clock.now())

    async def resolve(self, number: str, *, by: str) -> str:
        """Resolve it now; returns the survey's token."""
        _, token = await self.act(casework.resolve, number, by=by, outcome="solved", now=self.clock.now())
        return str(token)

    async def set_person(self, login: str, **values: Any) -> None:
        """Change somebody's row."""
        async with self.sessions.begin() as session:
            await session.execute(update(PersonRow).where(PersonRow.login == login).values(**values))


async def add_team(sessions: Sessions, desk: Desk) -> None:
    """Add the team, all of them here."""
    async with sessions.begin() as session:
        session.add_all(make_person(login, role, at, now=desk.clock.now()) for login, role, at in TEAM)
