"""People of every role, and tickets with conversations, on a running application: for the tests of the API."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Conversation, Customer, Message
from escalation import service
from escalation.models import (
    AuditRow,
    HandoverRow,
    NoticeRow,
    ParticipantRow,
    PersonRow,
    SurveyRow,
    TicketEventRow,
    TicketRow,
)
from escalation.ownership import give_to
from escalation.ports import SystemClock
from escalation.service_levels import ServiceLevels, load_default_service_levels
from escalation.testing import make_opening, make_person

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
# One of each role, called by it; those of a desk are at the quality desk.
ROLES = {
    "agent": "quality",
    "quality_controller": "quality",
    "logistics_coordinator": "quality",
    "team_lead": "quality",
    "supervisor": None,
    "operations_manager": None,
    "auditor": None,
    "admin": None,
}
# A colleague at the quality desk, somebody of another desk, two who help.
OTHERS = {"mate": "quality", "eve": "order", "hal": "logistics", "ida": "logistics"}


class Mute:
    """No text is understood here, for none is read."""

    async def parse(self, text: str) -> Any:
        """Never called."""
        raise NotImplementedError(text)


@dataclass
class Office:
    """The people and their tickets."""

    client: Client
    sessions: Sessions
    tokens: dict[str, str] = field(default_factory=dict)
    levels: ServiceLevels = field(default_factory=load_default_service_levels)

    async def add(self, login: str, role: str, desk: str | None) -> None:
        """Add somebody who is here and has a token."""
        self.tokens[login] = secrets.token_urlsafe()
        async with self.sessions.begin() as session:
            session.add(make_person(login, role, desk, now=SystemClock().now(), token=self.tokens[login]))

    async def give_password(self, login: str) -> str:
        """Let somebody sign in, with a one-time password; returns it."""
        password = secrets.token_urlsafe()
        async with self.sessions.begin() as session:
            person = await _find(session, PersonRow, PersonRow.login == login)
            person.password_hash = PasswordHasher().hash(password)
        return password

    async def ask(self, login: str | None, method: str, path: str, **request: Any) -> tuple[int, Any]:
        """Ask the API as somebody, by token; returns the status and the JSON that came (a report's text if none)."""
        headers = {"Authorization": f"Bearer {self.tokens[login]}"} if login else {}
        response = await self.client.request(method, path, headers=headers, **request)
        return response.status, (await response.json() if "json" in response.content_type else await response.text())

    async def open(self, owner: str, *, answered: bool = True, age: timedelta = timedelta(), **changes: Any) -> str:
        """Open a ticket of somebody's, in a conversation of its own; `answered`: they have the customer's word.

        They know of it: no notice waits. What is as old as its clocks and not answered the application passes on.
        """
        now = SystemClock().now() - age
        async with self.sessions.begin() as session:
            opening = make_opening(**{"opened_at": now, **await _start_conversation(session, now), **changes})
            number = (await service.open_ticket(session, opening, levels=self.levels, now=now)).number
            ticket = await _find(session, TicketRow, TicketRow.number == number)
            person = await _find(session, PersonRow, PersonRow.login == owner)
            await give_to(session, ticket, person, reason="fewest_open", now=now)
            await session.execute(update(NoticeRow).where(NoticeRow.ticket_id == ticket.id).values(read_at=now))
            if answered:
                ticket.first_responder_id, ticket.state = person.id, "in_progress"
        return number

    async def let_help(self, number: str, helper: str) -> None:
        """Let somebody help with a ticket."""
        async with self.sessions.begin() as session:
            ticket = await _find(session, TicketRow, TicketRow.number == number)
            person = await _find(session, PersonRow, PersonRow.login == helper)
            session.add(ParticipantRow(ticket_id=ticket.id, person_id=person.id, kind="helper", since=ticket.opened_at))

    async def ask_handover(self, number: str, to: str, reason: str = "holiday") -> UUID:
        """Set a handover of a ticket waiting for a decision."""
        async with self.sessions.begin() as session:
            ticket = await _find(session, TicketRow, TicketRow.number == number)
            person = await _find(session, PersonRow, PersonRow.login == to)
            asked = HandoverRow(
                ticket_id=ticket.id, from_id=ticket.owner_id, to_id=person.id, reason=reason,
                asked_at=ticket.opened_at,
            )  # fmt: skip
            session.add(asked)
            await session.flush()
            return asked.id

    async def ticket(self, number: str) -> TicketRow:
        """A ticket as it is."""
        async with self.sessions() as session:
            return await _find(session, TicketRow, TicketRow.number == number)

    async def conversation(self, number: str) -> Conversation:
        """A ticket's conversation as it is."""
        ticket = await self.ticket(number)
        async with self.sessions() as session:
            return await session.get_one(Conversation, ticket.conversation_id)

    async def said(self, number: str, sender: str = "agent") -> list[str]:
        """What somebody's kind has said in a ticket's conversation."""
        ticket = await self.ticket(number)
        query = select(Message.text).where(Message.conversation_id == ticket.conversation_id, Message.sender == sender)
        async with self.sessions() as session:
            return list(await session.scalars(query.order_by(Message.seq)))

    async def traces(self, number: str) -> dict[str, Any]:
        """Everything that an act could leave on a ticket."""
        ticket, conversation = await self.ticket(number), await self.conversation(number)
        counted = {
            "messages": (Message, Message.conversation_id == conversation.id),
            "events": (TicketEventRow, TicketEventRow.ticket_id == ticket.id),
            "audit": (AuditRow, AuditRow.subject == f"ticket/{ticket.id}"),
            "notices": (NoticeRow, NoticeRow.ticket_id == ticket.id),
            "helpers": (ParticipantRow, ParticipantRow.ticket_id == ticket.id),
            "handovers": (HandoverRow, (HandoverRow.ticket_id == ticket.id) & HandoverRow.decided_at.is_(None)),
            "surveys": (SurveyRow, (SurveyRow.ticket_id == ticket.id) & SurveyRow.followed_up_at.is_(None)),
        }
        found: dict[str, Any] = {
            "ticket": (ticket.state, ticket.tier, ticket.owner_id, ticket.first_responder_id, ticket.outcome),
            "conversation": (conversation.version, conversation.speaker, conversation.last_seq),
        }
        async with self.sessions() as session:
            for name, (table, which) in counted.items():
                found[name] = await session.scalar(select(func.count()).select_from(table).where(which))
        return found


async def open_office(client: Client, sessions: Sessions) -> Office:
    """One of each role, and the others."""
    office = Office(client, sessions)
    for role, desk in ROLES.items():
        await office.add(role, role, desk)
    for login, desk in OTHERS.items():
        await office.add(login, "agent", desk)
    return office


def is_problem(body: Any, status: int) -> bool:
    """Tell whether an answer is a problem document of this status (RFC 9457) that says what was wrong."""
    members = {"type", "title", "status", "detail"}
    return isinstance(body, dict) and members == set(body) and body["status"] == status and len(body["detail"]) > 10


async def _start_conversation(session: AsyncSession, now: Any) -> dict[str, UUID]:
    customer = Customer(created_at=now)
    session.add(customer)
    await session.flush()
    conversation = Conversation(
        id=uuid4(), channel="widget", customer_id=customer.id, language="en", speaker="bot", state={},
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(conversation)
    await session.flush()
    return {"conversation_id": conversation.id, "customer_id": customer.id}


async def _find(session: AsyncSession, table: Any, which: Any) -> Any:
    return (await session.scalars(select(table).where(which))).one()
