"""The bot's tables: customers, conversations, messages, the durable inbox and outbox, shop commands, photos, proofs.

A message is stored twice over its life, never more: as a `Message` (what people read, with sensitive numbers masked)
and, until its turn is done, as an `Inbound` (what the turn must handle; the unmasked text sealed).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from escalation.models import Base

Instant = TIMESTAMP(timezone=True)
_IS_WAITING = text("sent_at IS NULL AND dead_at IS NULL")
_EMPTY_LIST = text("'[]'")


class Customer(Base):
    """A person who writes to the shop; anonymous until a channel says who it is.

    `sealed_key` is what their personal data is encrypted with (`personal`), itself sealed; erasure destroys it.
    """

    __tablename__ = "customers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class CustomerContact(Base):
    """Where a visitor wants to be reached once they have left; encrypted under their own key."""

    __tablename__ = "customer_contacts"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    sealed_email: Mapped[bytes] = mapped_column(LargeBinary)
    given_at: Mapped[datetime] = mapped_column(Instant)


class CustomerIdentity(Base):
    """How a channel knows a customer: the shop's `sub` of a signed-in visitor, say."""

    __tablename__ = "customer_identities"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)


class Conversation(Base):
    """One thread with a customer. `version` grows with every turn; `last_seq` numbers its messages.

    `address` is where the channel must hand over what is said (Telegram's chat), None where the customer comes to read.
    `unreachable_at`: the channel refused it there (the customer has blocked the bot) and has not taken that back.
    `time_zone`: the customer's (an IANA name), None where they are not known to be elsewhere than the shop. `mails`:
    answers go out by mail too, beyond `read_seq`, up to which the customer has read, and `mailed_seq`. `erased_at`:
    what was said in it is erased; nobody says anything in it any more.
    """

    __tablename__ = "conversations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    channel: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    session_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    address_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[str | None] = mapped_column(String(64))
    unreachable_at: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str] = mapped_column(String(10))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    speaker: Mapped[str] = mapped_column(String(10), default="bot")
    speaker_name: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    version: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(default=0)
    read_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    mailed_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    mails: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class Message(Base):
    """One bubble. `choices` is a list of {value, label}; `attachments` a list of {id, media_type, width, height}.

    `survey` is {id, ticket, token} where the bubble asks how it went (the token of its link sealed); `cause` is what a
    person sent it with, unique: the same request never writes two. `earlier` are the texts it had before the customer
    edited it, [{text, until}].
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    sender: Mapped[str] = mapped_column(String(10))
    sender_name: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    client_id: Mapped[str | None] = mapped_column(String(100))
    survey: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    cause: Mapped[str | None] = mapped_column(String(200), unique=True)
    earlier: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default=_EMPTY_LIST)
    at: Mapped[datetime] = mapped_column(Instant)


class Inbound(Base):
    """Something a turn must handle, from a channel or from the shop; unique per (channel, external id).

    `lease_until` says how long the process that took it may work before another picks it up. `covered_by` tells, once
    `handled_at` is set, what answered it: "bot", "human" or "note" (the turn failed and a person was told).
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_inbox_open", "conversation_id", "seq", postgresql_where=text("handled_at IS NULL")),
        Index("ix_inbox_lease", "lease_until", postgresql_where=text("handled_at IS NULL")),
        Index(
            "ix_inbox_received",
            "received_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 32, "autosummarize": True},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=1)
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    covered_by: Mapped[str | None] = mapped_column(String(10))


class Outbound(Base):
    """A bubble to be handed to its channel, in order within its conversation (`id`), tried until taken or given up.

    A long text goes in parts: `external_ids` are the channel's ids of those that it has taken. `dead_at`: given up,
    `fault` says why; it can be replayed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "channel", "next_attempt_at", postgresql_where=_IS_WAITING),
        Index("ix_outbox_order", "conversation_id", "id", postgresql_where=_IS_WAITING),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    external_ids: Mapped[list[str]] = mapped_column(JSONB, default=list)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    dead_at: Mapped[datetime | None] = mapped_column(Instant)
    fault: Mapped[str | None] = mapped_column(String(200))


class ShopCommandRow(Base):
    """A change asked of the shop, executed after commit and retried until the shop answers. `key` makes it once.

    `sealed_details` are those that tell something of a person, as sealed JSON; `amount` is what it is worth in yuan.
    One that is above the day's limits has a `ticket_number` and no `next_attempt_at` until a person confirms it
    (`confirmed_by`, a login); `asked_by` is whose request for approval waits, since `asked_at`. One that a person
    declined (`declined_by`, and why) is done, and never runs. `delayed_at`: the shop had not answered for so long that
    the customer was told.
    """

    __tablename__ = "shop_commands"
    __table_args__ = (
        Index("ix_shop_commands_due", "next_attempt_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_shop_commands_order", "order_number", "created_at"),
        Index(
            "ix_shop_commands_waiting",
            "ticket_number",
            postgresql_where=text("ticket_number IS NOT NULL AND confirmed_at IS NULL AND done_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    order_number: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    sealed_details: Mapped[bytes | None] = mapped_column(LargeBinary)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    ticket_number: Mapped[str | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    asked_by: Mapped[str | None] = mapped_column(String(60))
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    declined_by: Mapped[str | None] = mapped_column(String(60))
    declined_because: Mapped[str | None] = mapped_column(Text)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    delayed_at: Mapped[datetime | None] = mapped_column(Instant)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ShopLookupRow(Base):
    """A request that could not be answered because the shop's system was down, looked up again until it answers.

    `order_number` is "" where it was not known which of their own the customer means. `flow` and `slots` are the
    dialogue's; the digits that prove whose the order is lie sealed, and only until then.
    `was_proven`: it was shown to be the customer's before. `ticket_number`: the case that was taken meanwhile.
    """

    __tablename__ = "shop_lookups"
    __table_args__ = (
        Index("ix_shop_lookups_due", "next_attempt_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_shop_lookups_waiting", "conversation_id", postgresql_where=text("done_at IS NULL")),
    )

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    ticket_number: Mapped[str] = mapped_column(ForeignKey("tickets.number"))
    order_number: Mapped[str] = mapped_column(String(40))
    flow: Mapped[str] = mapped_column(String(40))
    slots: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_digits: Mapped[bytes | None] = mapped_column(LargeBinary)
    was_proven: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Attachment(Base):
    """A photo a customer sent, re-encoded (no metadata, nothing but pixels)."""

    __tablename__ = "attachments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ProofTally(Base):
    """Wrong proofs of ownership in a day, per way in (one order, one network address), keyed by a digest of it."""

    __tablename__ = "proof_tallies"

    way: Mapped[str] = mapped_column(String(100), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    wrong: Mapped[int] = mapped_column(BigInteger, default=0)
