"""What one turn handles: the next unhandled entry of a conversation, with the text bubbles that follow it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, Table, Text, Uuid, and_, any_, bindparam, delete, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.silence import forget_stale_proofs
from bot.dialogue.state import State
from bot.models import Conversation, CustomerIdentity, Inbound
from bot.nlu.language import detect_language
from bot.nlu.reading import Language
from bot.security.sealing import Seal
from bot.security.sessions import SHOP_IDENTITY
from bot.texts import as_language
from bot.turn.inbox import EVENTS
from bot.turn.private import open_private, open_state
from escalation.looking import Asking

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """Inbox entries taken together, with the conversation as it stood (`version`) when they were read.

    `lacks_contact`: a visitor who is not to be reached once they have left. `is_all`: nothing waited behind it.
    `is_erased`: the conversation's customer was erased, or what was said in it let go of.
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
    is_all: bool
    is_erased: bool = False


@dataclass(frozen=True)
class Taken:
    """Entries to be taken together, not read yet. `talk` has the conversation's fields."""

    talk: Any
    customer_sub: str | None
    entries: Sequence[Row[Any]]
    is_all: bool

    @property
    def inbound_ids(self) -> tuple[UUID, ...]:
        """Which they are, in their order."""
        return tuple(entry.id for entry in self.entries)


async def load_batch(session: Asking, conversation_id: UUID, seal: Seal) -> Batch | None:
    """Return what is to be handled next, or None."""
    rows = (await session.execute(_WAITING, {"conversation_id": conversation_id})).all()
    taken = _take(rows, rows[0]) if rows else None
    return _read_batch(taken, conversation_id, seal) if taken else None


async def lock_batch(session: AsyncSession, conversation_id: UUID) -> tuple[Conversation, Taken | None]:
    """Lock a conversation, and return it with what is to be handled next.

    Where the lock had to be waited for, the conversation is as the other left it, but what waits is as it was before
    (READ COMMITTED reads only the locked row anew): with another version than expected, load it again. Raises
    LookupError.
    """
    rows = (await session.execute(_LOCKED, {"conversation_id": conversation_id})).all()
    if not rows:
        raise LookupError(f"there is no conversation {conversation_id}")
    return rows[0].Conversation, _take(rows, rows[0].Conversation)


def _make_waiting(*talk: Any) -> Select[Any]:
    """Return what finds a conversation, who its customer is at the shop, and beside it each entry that waits."""
    table, entries, customers = Conversation.__table__, Inbound.__table__.c, CustomerIdentity.__table__.c
    columns = [entries[name] for name in _ENTRY]
    found = select(*talk, customers.external_id.label("customer_sub"), *columns)
    waits = and_(entries.conversation_id == table.c.id, entries.handled_at.is_(None))
    signed_in = and_(customers.customer_id == table.c.customer_id, customers.channel == SHOP_IDENTITY)
    joined = (
        found.select_from(table).outerjoin(Inbound.__table__, waits).outerjoin(CustomerIdentity.__table__, signed_in)
    )
    of_one = joined.where(table.c.id == bindparam("conversation_id"))
    return of_one.order_by(entries.seq, entries.received_at)


# Answers that are names, whatever language they are in.
_NAMES = frozenset({"recipient", "title", "address"})
_ENTRY = ("id", "kind", "payload", "sealed_text", "received_at", "attempts")
_TALK = ("version", "speaker", "state", "language", "address", "address_digest", "mails", "erased_at")
# Built once: putting them together takes longer than the database needs to answer. Who only reads takes plain columns.
_WAITING = _make_waiting(*(Conversation.__table__.c[name] for name in _TALK))
_LOCKED = (
    _make_waiting(Conversation)
    .with_for_update(of=Conversation, key_share=True)
    .execution_options(populate_existing=True)
)
_DONE = (
    update(_INBOX := cast("Table", Inbound.__table__))
    .where(_INBOX.c.id == any_(bindparam("entries", type_=ARRAY(Uuid))))
    .values(
        handled_at=bindparam("handled_at"),
        covered_by=bindparam("covered_by"),
        sealed_text=None,
        # What was told for a request that waited is in the ticket now, or in the conversation's memory.
        payload=_INBOX.c.payload.op("-", return_type=JSONB())(literal("slots", Text)).concat(
            bindparam("about", type_=JSONB)
        ),
    )
)


def _take(rows: Sequence[Row[Any]], talk: Any) -> Taken | None:
    waiting = [row for row in rows if row.id is not None]
    if not waiting:
        return None
    entries = _taken_together(waiting)
    return Taken(talk, waiting[0].customer_sub, entries, is_all=len(entries) == len(waiting))


def _taken_together(waiting: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The first entry; when it is text, also the text bubbles right behind it."""
    if waiting[0].kind != "text":
        return waiting[:1]
    end = next((index for index, entry in enumerate(waiting) if entry.kind != "text"), len(waiting))
    return waiting[:end]


def _read_batch(taken: Taken, conversation_id: UUID, seal: Seal) -> Batch:
    """Open what was taken, and the conversation's memory."""
    talk, entries, customer_sub = taken.talk, taken.entries, taken.customer_sub
    first = entries[0]
    text = "\n".join(seal.open(entry.sealed_text) for entry in entries if entry.sealed_text)
    state = forget_stale_proofs(_read_state(talk.state, conversation_id, seal), first.received_at)
    return Batch(
        conversation_id=conversation_id,
        version=talk.version,
        speaker=talk.speaker,
        state=state,
        customer_sub=customer_sub,
        lacks_contact=customer_sub is None and talk.address is None and not talk.mails,
        address_digest=talk.address_digest,
        inbound_ids=taken.inbound_ids,
        kind=first.kind,
        text=text,
        language=None if first.kind in EVENTS else _language_of(talk.language, text, state),
        choice=first.payload.get("choice"),
        photos=sum(entry.payload.get("photos", 0) for entry in entries),
        command=_read_event(first, seal),
        received_at=first.received_at,
        attempts=max(entry.attempts for entry in entries),
        is_all=taken.is_all,
        is_erased=talk.erased_at is not None,
    )


def _read_event(entry: Row[Any], seal: Seal) -> dict[str, Any] | None:
    """Return what the shop says; what is known for a request that waited lies sealed where it is about a person."""
    if entry.kind not in EVENTS:
        return None
    payload: dict[str, Any] = entry.payload
    slots = payload.get("slots")
    return payload if slots is None else {**payload, "slots": open_private(slots, seal)}


def _language_of(spoken: str, text: str, state: State) -> Language | None:
    if not text:
        return None
    asking = state.active.asking if state.active else None
    return detect_language(
        text,
        default=as_language(spoken) or "zh-Hans",
        in_midst=state.heard_at is not None,
        may_be_name=asking in _NAMES,
    )


def _read_state(kept: dict[str, Any], conversation_id: UUID, seal: Seal) -> State:
    """The conversation's memory; one that this version cannot read is begun anew: nobody is left without an answer."""
    try:
        return open_state(kept, seal)
    except (AttributeError, TypeError, ValueError):
        log.exception("the memory of conversation %s cannot be read; it begins anew", conversation_id)
        return State()


async def drop_batch(session: AsyncSession, batch: Batch) -> None:
    """Delete a batch of a conversation that is erased: the shop's answer to what was asked before, say.

    Nobody is there who could hear it, and it tells something of them.
    """
    await session.execute(delete(Inbound).where(Inbound.id.in_(batch.inbound_ids)))


async def mark_handled(
    session: AsyncSession, batch: Batch, *, covered_by: str, now: datetime, topic: str | None = None
) -> None:
    """Close a batch's inbox entries; the unmasked text goes, the category they were about (`topic`) stays."""
    about = {"topic": topic} if topic else {}
    done = {"entries": batch.inbound_ids, "handled_at": now, "covered_by": covered_by, "about": about}
    await session.execute(_DONE, done)
