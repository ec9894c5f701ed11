"""Bubbles: what the customer reads in a conversation, whoever says it, on whichever channel.

A bubble is a row with the conversation's next number. A channel that has to be handed its messages (Telegram) finds it
in the outbox, written in the same transaction; the widget reads the rows themselves. For a visitor who left a mail
address, answers wait there too, and are mailed unless they are read soon.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, insert
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
        session.add(_delivery(conversation.channel, message.id, conversation, now, at=now))
    elif conversation.mails and sender in MAILED_SENDERS:
        session.add(_delivery(MAILED, message.id, conversation, now, at=now + READ_WITHIN))
    return message


async def write_bubbles(
    session: AsyncSession,
    conversation: Conversation,
    said: Iterable[tuple[str, list[dict[str, str]]]],
    *,
    now: datetime,
) -> None:
    """Write what the bot says (text, choices) in a conversation that the caller has locked, with one statement."""
    rows: list[dict[str, Any]] = []
    for text, choices in said:
        conversation.last_seq += 1
        rows.append(
            {
                "id": uuid4(),
                "conversation_id": conversation.id,
                "seq": conversation.last_seq,
                "sender": "bot",
                "text": text,
                "choices": choices,
                "attachments": [],
                "earlier": [],
                "at": now,
            }
        )
    if not rows:
        return
    conversation.updated_at = now
    await session.execute(_INSERT, rows)
    if conversation.address is not None:
        session.add_all(_delivery(conversation.channel, row["id"], conversation, now, at=now) for row in rows)


# Built once, of the plain table: these are a turn's most rows.
_INSERT = insert(cast("Table", Message.__table__))


def _delivery(channel: str, message_id: UUID, conversation: Conversation, now: datetime, *, at: datetime) -> Outbound:
    return Outbound(
        channel=channel,
        conversation_id=conversation.id,
        message_id=message_id,
        created_at=now,
        next_attempt_at=at,
    )
