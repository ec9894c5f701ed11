"""A person speaks in a conversation: a bubble with the conversation's next number, under its lock.

Once a person speaks the bot is silent; after the resolution, or when the person hands back, it has the word again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation, Message
from bot.security.masking import mask_papers
from bot.turn.bubbles import write_bubble
from bot.turn.inbox import lock_conversation
from escalation.models import PersonRow

# Of the conversation's state: what was going on, waited for its turn or was offered, and what was asked last.
_OVER: dict[str, Any] = {"frames": [], "later": [], "kept": [], "offered": [], "request": None, "ended": None}


async def say_as(
    session: AsyncSession, conversation_id: UUID, person: PersonRow, text: str, *, key: str | None, now: datetime
) -> Message:
    """Write what a person says to the customer; the word is theirs from now on."""
    conversation = await lock_conversation(session, conversation_id)
    conversation.version += 1
    conversation.speaker, conversation.speaker_name = "agent", person.name
    return write_bubble(session, conversation, "agent", mask_papers(text), name=person.name, key=key, now=now)


async def give_word_to_bot(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """Let the bot speak again; what it was doing before a person came is over."""
    conversation = await lock_conversation(session, conversation_id)
    conversation.version += 1
    conversation.speaker, conversation.speaker_name = "bot", None
    conversation.state = dict(conversation.state) | _OVER
    return conversation
