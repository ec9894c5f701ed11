"""Bubbles: what the customer reads in a conversation, whoever says it, on whichever channel.

A bubble is a row with the conversation's next number. A channel that has to be handed its messages (Telegram) finds it
in the outbox, written in the same transaction; the widget reads the rows themselves. For a visitor who left a mail
address, answers wait there too, and are mailed unless they are read soon.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation, Message, Outbound

# The outbox's name for mail to a visitor; what people say goes there, and what moved, never the bot's own talk.
MAILED = "email"
MAILED_SENDERS = ("agent", "system")
# Who has not read an answer by then is away.
READ_WITHIN = timedelta(minutes=5)


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
        session.add(_delivery(conversation.channel, message, now, at=now))
    elif conversation.mails and sender in MAILED_SENDERS:
        session.add(_delivery(MAILED, message, now, at=now + READ_WITHIN))
    return message


def _delivery(channel: str, message: Message, now: datetime, *, at: datetime) -> Outbound:
    return Outbound(
        channel=channel,
        conversation_id=message.conversation_id,
        message_id=message.id,
        created_at=now,
        next_attempt_at=at,
    )
