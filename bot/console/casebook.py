"""What people do in the console, each as one transaction: ticket, conversation and what the customer reads together.

The conversation is locked before its ticket, in the same order as in a turn, so that neither waits for the other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background.telling import tell_news
from bot.console.speaking import give_word_to_bot, say_as
from bot.conversation import TurnServices
from bot.models import Conversation, Message
from bot.surveys import ask_how_it_went
from bot.turn.inbox import lock_conversation
from escalation import casework
from escalation.access import access_ticket
from escalation.errors import UnknownTicketError
from escalation.models import PersonRow, TicketRow
from escalation.staffing import ENDED


@dataclass(frozen=True)
class Case:
    """A ticket's conversation, locked, in a transaction that commits when the block ends."""

    session: AsyncSession
    conversation: Conversation


@asynccontextmanager
async def open_case(services: TurnServices, number: str) -> AsyncIterator[Case]:
    """Lock the conversation of a ticket; its sockets hear of the change after the commit. Raises UnknownTicketError."""
    async with services.sessions.begin() as session:
        conversation_id = await session.scalar(select(TicketRow.conversation_id).where(TicketRow.number == number))
        if conversation_id is None:
            raise UnknownTicketError(f"there is no ticket {number}")
        case = Case(session, await lock_conversation(session, conversation_id))
        yield case
        await _tell_what_moved(services, case)
    services.bus.hint(conversation_id)


async def reply(services: TurnServices, number: str, person: PersonRow, text: str, *, key: str | None) -> None:
    """Answer the customer: the ticket is answered, the bubble written, the word is the person's."""
    now = services.clock.now()
    async with open_case(services, number) as case:
        if await _was_written(case, key):
            return
        await casework.answer(case.session, number, by=person, at=now)
        await _tell_what_moved(services, case)
        await say_as(case.session, case.conversation.id, person, text, key=key, now=now)


async def ask_customer(services: TurnServices, number: str, person: PersonRow, text: str, *, key: str | None) -> None:
    """Ask the customer something, and wait: the clocks that may stand still do."""
    now = services.clock.now()
    async with open_case(services, number) as case:
        if await _was_written(case, key):
            return
        await casework.wait_for_customer(case.session, number, by=person, now=now)
        await _tell_what_moved(services, case)
        await say_as(case.session, case.conversation.id, person, text, key=key, now=now)


async def resolve(
    services: TurnServices, number: str, person: PersonRow, *, outcome: str, text: str, key: str | None
) -> None:
    """End the matter: tell the customer, ask whether it is solved and how it went, and give the bot the word again."""
    now = services.clock.now()
    async with open_case(services, number) as case:
        if await _was_written(case, key):
            return
        ticket, token = await casework.resolve(case.session, number, by=person, outcome=outcome, now=now)
        await say_as(case.session, case.conversation.id, person, text, key=key, now=now)
        await _tell_what_moved(services, case)
        await ask_how_it_went(
            case.session, case.conversation, ticket, token, catalogue=services.catalogue, seal=services.seal, now=now
        )
        if not await _has_other_open(case, ticket):
            await give_word_to_bot(case.session, case.conversation.id)


async def hand_back(services: TurnServices, number: str, person: PersonRow) -> None:
    """Let the bot speak in the conversation although the ticket goes on."""
    async with open_case(services, number) as case:
        await access_ticket(case.session, number, person)
        await give_word_to_bot(case.session, case.conversation.id)


async def _tell_what_moved(services: TurnServices, case: Case) -> None:
    """Before the person's own words, or (at the end) after their outcome: once for all that one act moves."""
    await tell_news(case.session, case.conversation, services.catalogue, now=services.clock.now())


async def _has_other_open(case: Case, ticket: TicketRow) -> bool:
    query = select(TicketRow.id).where(
        TicketRow.conversation_id == case.conversation.id, TicketRow.id != ticket.id, TicketRow.state.not_in(ENDED)
    )
    return await case.session.scalar(query.where(TicketRow.first_responder_id.is_not(None)).limit(1)) is not None


async def _was_written(case: Case, key: str | None) -> bool:
    """A request sent again with its key was carried out before."""
    if key is None:
        return False
    return await case.session.scalar(select(Message.id).where(Message.cause == key)) is not None
