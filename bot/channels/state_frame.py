"""Who has the word, and the customer's case in one line: the widget's `state` frame."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import TurnServices
from bot.models import Conversation
from escalation import service


async def describe_state(session: AsyncSession, conversation_id: UUID, services: TurnServices) -> dict[str, Any]:
    """Return the frame's fields, the stage in the conversation's language."""
    conversation = await session.get_one(Conversation, conversation_id)
    tickets = await service.find_tickets_of_conversation(session, conversation_id)
    ticket = next((ticket for ticket in tickets if ticket.is_open), None)
    texts = services.catalogue.read_in(conversation.time_zone)
    position = await service.count_ahead(session, ticket.number) if ticket and conversation.speaker == "queue" else None
    return {
        "with": conversation.speaker,
        "name": conversation.speaker_name,
        "position": position,
        "ticket": None
        if ticket is None
        else {
            "number": ticket.number,
            "stage": texts.say(f"stage.{ticket.stage or ticket.state}", conversation.language),
            "owner": ticket.owner_name,
            "due_at": ticket.due_at.isoformat(),
            "due": texts.say("ticket.due", conversation.language, due=ticket.due_at),
        },
    }
