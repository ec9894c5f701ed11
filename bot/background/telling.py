"""Customers hear of what moved before they have to ask: the stage of a complaint, an owner, a time (§4.3).

`tell_news` writes it in the transaction of what caused it, where somebody acts in the conversation. What happens
without one (the clock loop, an edited service file, a consent to a handover) is told by the `Teller` within seconds:
a bubble and the record that it was told are one transaction, so that it is told once whatever crashes.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.lines import Line
from bot.conversation import TurnServices
from bot.dialogue.flows.cases import ticket_params
from bot.models import Conversation
from bot.texts import Catalogue
from bot.turn.bubbles import write_bubble
from bot.turn.inbox import lock_conversation
from escalation import service
from escalation.promises import News, find_news, find_untold
from escalation.service import TicketView

log = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 2.0
_BATCH = 50


async def tell_news(session: AsyncSession, conversation: Conversation, catalogue: Catalogue, *, now: datetime) -> bool:
    """Write what the customer of a locked conversation must be told anew, one bubble a ticket; True if anything."""
    news = await find_news(session, conversation.id)
    if not news:
        return False
    views = {view.number: view for view in await service.find_tickets_of_conversation(session, conversation.id)}
    texts = catalogue.read_in(conversation.time_zone)
    for one in news:
        lines = describe_news(one, views[one.ticket.number])
        told = [texts.write(line, conversation.language) for line in lines]
        text = texts.join(told, conversation.language)
        write_bubble(session, conversation, "system", text, now=now)
    return True


def describe_news(news: News, view: TicketView) -> Iterator[Line]:
    """Yield the sentences of a bubble: what moved, then what holds now. Pure."""
    moves, about = news.moves, ticket_params(view)
    if not view.is_open:
        yield Line("promise.unanswered" if moves.unanswered else "complaint.done", about)
        return
    if moves.reminder:
        yield Line("promise.reminder", {**about, "ends": news.promise.ends_at})
        return
    if moves.owner:
        yield Line("promise.owner", about)
    if moves.stage:
        yield Line("complaint.moved", about)
    elif moves.due or moves.answer:
        yield Line("promise.moved", about)
    yield Line("promise.holds", about)
    if news.promise.answer_by:
        yield Line("promise.answer", about)


class Teller:
    """Tells what nobody's act in the conversation told."""

    def __init__(self, services: TurnServices) -> None:
        """Work with the turns' own services."""
        self._services = services

    async def run(self) -> None:
        """Look every two seconds; until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("customers could not be told what moved; it is tried again")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def look(self) -> None:
        """Tell all that may be told now."""
        services = self._services
        while True:
            async with services.sessions() as session:
                now = services.clock.now()
                conversations = await find_untold(session, services.levels, limit=_BATCH, now=now)
            for conversation_id in conversations:
                await self._tell(conversation_id)
            if len(conversations) < _BATCH:
                return

    async def _tell(self, conversation_id: UUID) -> None:
        services = self._services
        async with services.sessions.begin() as session:
            conversation = await lock_conversation(session, conversation_id)
            told = await tell_news(session, conversation, services.catalogue, now=services.clock.now())
            if told:
                conversation.version += 1
        if told:
            services.bus.hint(conversation_id)
