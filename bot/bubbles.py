"""Bubbles: what the customer reads in a conversation, whoever says it, on whichever channel.

A bubble is a row with the conversation's next number. A channel that has to be handed its messages (Telegram) finds it
in the outbox, written in the same transaction; the widget reads the rows themselves.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation, Message, Outbound


def write_bubble(
    session: AsyncSession,
    conversation: Conversation,
    sender: str,
    text: str,
    *,
    now: datetime,
    name: str | None = None,
    key: str | None = None,
    choices: list[dict[str, str]] | None = None,
    survey: dict[str, Any] | None = None,
) -> Message:
    """Write a bubble of a conversation that the caller has locked."""
    conversation.last_seq += 1
    conversation.updated_at = now
    message = Message(
        id=uuid4(),
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        sender=sender,
        sender_name=name,
        text=text,
        choices=choices or [],
        attachments=[],
        survey=survey,
        cause=key,
        at=now,
    )
    session.add(message)
    if conversation.address is not None:
        session.add(_delivery(conversation, message, now))
    return message


def _delivery(conversation: Conversation, message: Message, now: datetime) -> Outbound:
    return Outbound(
        channel=conversation.channel,
        conversation_id=conversation.id,
        message_id=message.id,
        created_at=now,
        next_attempt_at=now,
    )
