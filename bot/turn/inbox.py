"""Transaction 1 of a turn: what a channel hands over is stored once, and only then acknowledged.

Unique on (channel, external id): a repeat is answered from what is stored. Nothing is understood here.
"""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Select,
    Table,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Attachment, Conversation, Inbound, Message
from bot.security.masking import mask_sensitive
from bot.security.sealing import Seal
from escalation.looking import Asking

# How long the process that took a message may work on it before another picks it up.
LEASE = timedelta(seconds=30)
INTERNAL = "internal"
# What comes from the shop, not from the customer: a command's result, word that it is late, a look-up that can be made.
EVENTS = frozenset({"command", "delay", "lookup"})


@dataclass(frozen=True)
class Received:
    """A message as a channel hands it over. `external_id` is the channel's own id, unique there."""

    channel: str
    external_id: str
    conversation_id: UUID
    at: datetime
    text: str = ""
    choice: str | None = None
    label: str = ""
    attachments: tuple[UUID, ...] = ()
    client_id: str | None = None
    # Something that cannot be read (a voice message, say); `label` describes it.
    unreadable: bool = False


@dataclass(frozen=True)
class Accepted:
    """Where a message stands in its conversation. `repeated`: it was stored before."""

    seq: int
    repeated: bool
    inbound_id: UUID = field(default_factory=uuid4)


def insert_event(
    conversation_id: UUID,
    kind: str,
    external_id: str,
    payload: Mapping[str, object],
    *,
    now: datetime,
    sealed_text: bytes | None = None,
) -> Insert:
    """The insertion of an internal event, once for its id, behind what the conversation has."""
    seq = select(func.coalesce(Conversation.last_seq, 0)).where(Conversation.id == conversation_id)
    event = insert(Inbound).values(
        channel=INTERNAL,
        external_id=external_id,
        conversation_id=conversation_id,
        seq=seq.scalar_subquery(),
        kind=kind,
        payload=payload,
        sealed_text=sealed_text,
        received_at=now,
        lease_until=now + LEASE,
    )
    return event.on_conflict_do_nothing()


async def find_accepted(session: Asking, channel: str, external_id: str) -> Accepted | None:
    """Return what is stored for a message that may have come before."""
    named = {"source": channel, "source_id": external_id}
    row = (await session.execute(_ACCEPTED, named)).one_or_none()
    return Accepted(row.seq, repeated=True, inbound_id=row.id) if row else None


async def store_received(session: Asking, received: Received, seal: Seal) -> Accepted:
    """Store a message and its place in the inbox with one statement, which stands alone where nothing has begun.

    Acknowledge it after that (or after the caller's commit). Raises LookupError where there is no such conversation,
    or what was said in it is erased.
    """
    attachments = await _describe_attachments(session, received)
    inbound_id = uuid4()
    values = {
        **_describe_entry(received, seal, inbound_id=inbound_id, message_id=uuid4(), photos=len(attachments)),
        "text": mask_sensitive(received.label or received.text),
        "attachments": attachments,
        "client_id": received.client_id,
    }
    try:
        seq = await session.scalar(_STORE, values)
    except IntegrityError:
        # The same message, handed over twice at once: the other was first by a moment.
        before = await find_accepted(session, received.channel, received.external_id)
        if before is None:
            raise
        return before
    if seq is not None:
        return Accepted(seq, repeated=False, inbound_id=inbound_id)
    before = await find_accepted(session, received.channel, received.external_id)
    if before is None:
        raise LookupError(f"there is no conversation {received.conversation_id} any more")
    return before


def _describe_entry(
    received: Received, seal: Seal, *, inbound_id: UUID, message_id: UUID, photos: int
) -> dict[str, Any]:
    """Return the parameters of a message's place in the inbox."""
    return {
        "conversation_id": received.conversation_id,
        # Not named as the columns: an UPDATE would set those of its table.
        "source": received.channel,
        "source_id": received.external_id,
        "message_id": message_id,
        "inbound_id": inbound_id,
        "kind": "unreadable" if received.unreadable else "text" if received.choice is None else "choice",
        "payload": {"choice": received.choice, "photos": photos},
        "sealed_text": seal.close(received.text) if received.text else None,
        "at": received.at,
        "lease_until": received.at + LEASE,
    }


def _make_store() -> Select[Any]:
    """Return what stores a message that is new: numbered in its conversation, as a bubble and in the inbox.

    It answers with the number, or with nothing where the message is stored or its conversation is gone.
    """
    talk, bubbles, inbox = (typing.cast("Table", model.__table__) for model in (Conversation, Message, Inbound))
    known = exists().where(inbox.c.channel == bindparam("source"), inbox.c.external_id == bindparam("source_id"))
    is_open = talk.c.erased_at.is_(None)
    numbering = update(talk).where(talk.c.id == bindparam("conversation_id"), is_open, ~known)
    place = numbering.values(last_seq=talk.c.last_seq + 1).returning(talk.c.id, talk.c.last_seq).cte("place")
    bubble = _insert_at(
        place,
        bubbles,
        id="message_id",
        sender=literal_column("'customer'"),
        text="text",
        choices=literal_column("'[]'::jsonb"),
        attachments="attachments",
        client_id="client_id",
        earlier=literal_column("'[]'::jsonb"),
        at="at",
    )
    return select(place.c.last_seq).add_cte(bubble, _insert_entry(place))


def _make_store_again() -> Select[Any]:
    """Return what puts a message that has its bubble into the inbox once more, behind all that the conversation has."""
    talk = typing.cast("Table", Conversation.__table__)
    place = select(talk.c.id, talk.c.last_seq).where(talk.c.id == bindparam("conversation_id")).cte("place")
    return select(place.c.last_seq).add_cte(_insert_entry(place))


def _insert_entry(place: CTE) -> CTE:
    return _insert_at(
        place,
        typing.cast("Table", Inbound.__table__),
        id="inbound_id",
        channel="source",
        external_id="source_id",
        message_id="message_id",
        kind="kind",
        payload="payload",
        sealed_text="sealed_text",
        received_at="at",
        lease_until="lease_until",
        attempts=literal_column("1"),
    )


def _insert_at(place: CTE, table: Table, **columns: str | ColumnElement[Any]) -> CTE:
    """Return the insertion of a row at a conversation's new number; a column's name stands for a parameter."""
    given = [
        cast(bindparam(value, type_=table.c[name].type), table.c[name].type) if isinstance(value, str) else value
        for name, value in columns.items()
    ]
    names = ["conversation_id", "seq", *columns]
    return insert(table).from_select(names, select(place.c.id, place.c.last_seq, *given)).returning(table.c.id).cte()


# Built once: putting them together takes longer than the database needs to answer.
_STORE, _STORE_AGAIN = _make_store(), _make_store_again()
_ACCEPTED = select(Inbound.seq, Inbound.id).where(
    Inbound.channel == bindparam("source"), Inbound.external_id == bindparam("source_id")
)
_ATTACHMENTS = select(Attachment.id, Attachment.media_type, Attachment.width, Attachment.height).where(
    Attachment.id == any_(bindparam("attachments", type_=ARRAY(Uuid))),
    Attachment.conversation_id == bindparam("conversation_id"),
)


async def store_edit(session: AsyncSession, received: Received, seal: Seal) -> Accepted | None:
    """The customer edited what they had written (`client_id`): the bubble shows the new text and keeps the old.

    What nobody has answered yet is answered as edited; an edit of the last thing they said is answered anew. Returns
    None where nothing follows (the words are the same, or later ones have overtaken them).
    """
    conversation = await lock_conversation(session, received.conversation_id)
    before = await find_accepted(session, received.channel, received.external_id)
    if before:
        return before
    message = await _find_by_client_id(session, received)
    if message is None:
        return await store_received(session, received, seal)
    text = mask_sensitive(received.text)
    if text == message.text:
        return None
    message.earlier = [*message.earlier, {"text": message.text, "until": received.at.isoformat()}]
    message.text = text
    conversation.version += 1
    if await _rewrite_waiting(session, message, received, seal):
        return None
    if message.seq != await _last_of_customer(session, conversation.id):
        return None
    inbound_id = uuid4()
    again = _describe_entry(
        received, seal, inbound_id=inbound_id, message_id=message.id, photos=len(message.attachments)
    )
    await session.execute(_STORE_AGAIN, again)
    return Accepted(message.seq, repeated=False, inbound_id=inbound_id)


async def _find_by_client_id(session: AsyncSession, received: Received) -> Message | None:
    query = select(Message).where(
        Message.conversation_id == received.conversation_id, Message.client_id == received.client_id
    )
    return await session.scalar(query.order_by(Message.seq).limit(1))


async def _rewrite_waiting(session: AsyncSession, message: Message, received: Received, seal: Seal) -> bool:
    waiting = select(Inbound).where(Inbound.message_id == message.id, Inbound.handled_at.is_(None))
    entry = await session.scalar(waiting.with_for_update())
    if entry is not None:
        entry.sealed_text = seal.close(received.text)
    return entry is not None


async def _last_of_customer(session: AsyncSession, conversation_id: UUID) -> int | None:
    query = select(func.max(Message.seq)).where(Message.conversation_id == conversation_id)
    return await session.scalar(query.where(Message.sender == "customer"))


async def lock_conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """Load a conversation that nobody else may change until the transaction ends.

    What only refers to it (an event in the inbox) may still be written: who does that may hold what is waited for here.
    """
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update(key_share=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def _describe_attachments(session: Asking, received: Received) -> list[dict[str, Any]]:
    if not received.attachments:
        return []
    own = {"attachments": received.attachments, "conversation_id": received.conversation_id}
    rows = (await session.execute(_ATTACHMENTS, own)).all()
    return [{"id": str(row.id), "media_type": row.media_type, "width": row.width, "height": row.height} for row in rows]
