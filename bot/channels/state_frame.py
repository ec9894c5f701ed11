"""Who has the word, and the customer's case in one line: the widget's `state` frame."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from bot.conversation import TurnServices
from bot.models import Conversation
from bot.texts import Catalogue
from escalation import service
from escalation.looking import Asking
from escalation.service import TicketView

_TABLE = Conversation.__table__.c
# Built once, of plain columns: it is asked for after each turn.
_CONVERSATION = select(_TABLE.speaker, _TABLE.speaker_name, _TABLE.language, _TABLE.time_zone).where(
    _TABLE.id == bindparam("id")
)


async def describe_state(session: Asking, conversation_id: UUID, services: TurnServices) -> dict[str, Any]:
    """Return the frame's fields, the stage in the conversation's language."""
    conversation = (await session.execute(_CONVERSATION, {"id": conversation_id})).one()
    case = await service.find_case(session, conversation_id)
    texts = services.catalogue.read_in(conversation.time_zone)
    return {
        "with": conversation.speaker,
        "name": conversation.speaker_name,
        "position": case.ahead if case and conversation.speaker == "queue" else None,
        "ticket": _describe_ticket(case.ticket, texts, conversation.language) if case else None,
    }


def _describe_ticket(ticket: TicketView, texts: Catalogue, language: str) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "stage": texts.say(f"stage.{ticket.stage or ticket.state}", language),
        "owner": ticket.owner_name,
        "due_at": ticket.due_at.isoformat(),
        "due": texts.say("ticket.due", language, due=ticket.due_at),
    }
