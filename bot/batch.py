"""What one turn handles: the next unhandled entry of a conversation, with the text bubbles that follow it."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.silence import forget_stale_proofs
from bot.dialogue.state import State
from bot.inbox import EVENTS
from bot.models import Conversation, CustomerIdentity, Inbound
from bot.nlu.language import detect_language
from bot.nlu.reading import Language
from bot.private import open_private, open_state
from bot.sealing import Seal
from bot.texts import as_language

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """Inbox entries taken together, with the conversation as it stood (`version`) when they were read.

    `lacks_contact`: a visitor who is not to be reached once they have left.
    """

    conversation_id: UUID
    version: int
    speaker: str
    state: State
    customer_sub: str | None
    lacks_contact: bool
    address_digest: bytes | None
    inbound_ids: tuple[UUID, ...]
    kind: str
    text: str
    language: Language | None
    choice: str | None
    photos: int
    command: dict[str, Any] | None
    received_at: datetime
    attempts: int


async def load_batch(session: AsyncSession, conversation_id: UUID, seal: Seal) -> Batch | None:
    """Return what is to be handled next, or None."""
    query = select(Inbound).where(Inbound.conversation_id == conversation_id, Inbound.handled_at.is_(None))
    waiting = list((await session.execute(query.order_by(Inbound.seq, Inbound.received_at))).scalars())
    if not waiting:
        return None
    conversation, customer_sub = await find_conversation(session, conversation_id)
    return _batch(conversation, customer_sub, _taken_together(waiting), seal)


def _taken_together(waiting: list[Inbound]) -> list[Inbound]:
    """The first entry; when it is text, also the text bubbles right behind it."""
    if waiting[0].kind != "text":
        return waiting[:1]
    end = next((index for index, entry in enumerate(waiting) if entry.kind != "text"), len(waiting))
    return waiting[:end]


def _batch(conversation: Conversation, customer_sub: str | None, taken: list[Inbound], seal: Seal) -> Batch:
    first = taken[0]
    text = "\n".join(seal.open(entry.sealed_text) for entry in taken if entry.sealed_text)
    return Batch(
        conversation_id=conversation.id,
        version=conversation.version,
        speaker=conversation.speaker,
        state=forget_stale_proofs(_read_state(conversation, seal), first.received_at),
        customer_sub=customer_sub,
        lacks_contact=customer_sub is None and conversation.address is None and not conversation.mails,
        address_digest=conversation.address_digest,
        inbound_ids=tuple(entry.id for entry in taken),
        kind=first.kind,
        text=text,
        language=None if first.kind in EVENTS else _language_of(conversation, text),
        choice=first.payload.get("choice"),
        photos=sum(entry.payload.get("photos", 0) for entry in taken),
        command=_read_event(first, seal),
        received_at=first.received_at,
        attempts=max(entry.attempts for entry in taken),
    )


def _read_event(entry: Inbound, seal: Seal) -> dict[str, Any] | None:
    """Return what the shop says; what is known for a request that waited lies sealed where it is about a person."""
    if entry.kind not in EVENTS:
        return None
    slots = entry.payload.get("slots")
    return entry.payload if slots is None else {**entry.payload, "slots": open_private(slots, seal)}


def _language_of(conversation: Conversation, text: str) -> Language | None:
    return detect_language(text, default=as_language(conversation.language) or "zh-Hans") if text else None


def _read_state(conversation: Conversation, seal: Seal) -> State:
    """The conversation's memory; one that this version cannot read is begun anew: nobody is left without an answer."""
    try:
        return open_state(conversation.state, seal)
    except (AttributeError, TypeError, ValueError):
        log.exception("the memory of conversation %s cannot be read; it begins anew", conversation.id)
        return State()


async def find_conversation(session: AsyncSession, conversation_id: UUID) -> tuple[Conversation, str | None]:
    """Return the conversation, and who its customer is at the shop if they have signed in there."""
    signed_in = and_(CustomerIdentity.customer_id == Conversation.customer_id, CustomerIdentity.channel == "shop")
    query = select(Conversation, CustomerIdentity.external_id).outerjoin(CustomerIdentity, signed_in)
    row = (await session.execute(query.where(Conversation.id == conversation_id))).one()
    return row.Conversation, row.external_id


async def mark_handled(
    session: AsyncSession, batch: Batch, *, covered_by: str, now: datetime, topic: str | None = None
) -> None:
    """Close a batch's inbox entries; the unmasked text goes, the category they were about (`topic`) stays."""
    done = update(Inbound).where(Inbound.id.in_(batch.inbound_ids))
    about = {"payload": Inbound.payload.concat({"topic": topic})} if topic else {}
    await session.execute(done.values(handled_at=now, covered_by=covered_by, sealed_text=None, **about))
