"""The tables of tickets and promises, on the base that every table of the product shares."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Numeric,
    Sequence,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Instant = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    """Every table of the product is on this base."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


TICKET_NUMBERS = Sequence("ticket_numbers", start=1001, metadata=Base.metadata)


class PersonRow(Base):
    """Somebody who works here. `available`, `on_break`: marked as present, or as away, whatever the console says.

    `signed_in_at`: when they last signed in at the console; None: never yet.
    `email` and `telegram_chat_id`: where notices reach them beside the console, in `language` (None: the shop's).
    """

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(40))
    desk: Mapped[str | None] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(Text)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    available: Mapped[bool] = mapped_column(default=False)
    on_break: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    last_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    max_open: Mapped[int] = mapped_column(default=20)
    email: Mapped[str | None] = mapped_column(String(254))
    telegram_chat_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    language: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant)


class ProposalRow(Base):
    """A change of who works here as what, proposed by one person and decided by another (product §6).

    `person_id` is whom it is about: of somebody to be added, the id that they will have. `role`, `desk`: what they
    would be; `seen_role`, `seen_desk`: what they were when it was proposed. `outcome` None: it waits, until
    `expires_at`. `why` is the proposer's reason, `answer` that of who refused.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("outcome IN ('approved', 'refused', 'withdrawn')", name="outcome"),
        CheckConstraint("decided_by <> proposed_by OR outcome = 'withdrawn'", name="two_people"),
        CheckConstraint("decided_by <> person_id OR outcome = 'withdrawn'", name="not_about_oneself"),
        Index("ix_proposals_waiting", "person_id", postgresql_where=text("outcome IS NULL")),
        Index("ix_proposals_decided", "decided_at", postgresql_where=text("outcome IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[UUID]
    login: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(40))
    desk: Mapped[str | None] = mapped_column(String(40))
    seen_role: Mapped[str | None] = mapped_column(String(40))
    seen_desk: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)


class TicketRow(Base):
    """A matter that one named person owns until the customer says it is solved.

    `cause` is what opened it (message id and ordinal): the same cause never opens a second one. `next_action` is what
    happens by itself at `next_action_at`: a reminder, an end for want of an answer, closing (see `deadlines`).
    `previous_id`: the ticket that this one goes on from, too long closed to be reopened. `told` is what the customer
    was told last (`promises`); something may have changed since `untold_since`.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("tier IN ('general', 'major', 'critical')", name="tier"),
        CheckConstraint("state IN ('open', 'in_progress', 'waiting_customer', 'resolved', 'closed')", name="state"),
        Index("ix_tickets_owner_open", "owner_id", postgresql_where=text("state NOT IN ('resolved', 'closed')")),
        Index("ix_tickets_desk_waiting", "desk", "opened_at", postgresql_where=text("first_responder_id IS NULL")),
        Index("ix_tickets_product", "product_key", "intent", "opened_at"),
        Index("ix_tickets_next_action", "next_action_at", postgresql_where=text("next_action_at IS NOT NULL")),
        Index("ix_tickets_untold", "untold_since", postgresql_where=text("untold_since IS NOT NULL")),
        Index("ix_tickets_opened", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    cause: Mapped[str] = mapped_column(String(100), unique=True)
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    conversation_id: Mapped[UUID] = mapped_column(index=True)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    category: Mapped[str] = mapped_column(String(40))
    intent: Mapped[str] = mapped_column(String(80))
    desk: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(10))
    tier_reasons: Mapped[list[str]] = mapped_column(JSONB)
    seriousness: Mapped[str] = mapped_column(String(20))
    reach: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    first_responder_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    order_number: Mapped[str | None] = mapped_column(String(40))
    order_amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    product_key: Mapped[str | None] = mapped_column(String(100))
    summary: Mapped[str] = mapped_column(Text)
    method: Mapped[dict[str, Any]] = mapped_column(JSONB)
    decision: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    packet: Mapped[dict[str, Any]] = mapped_column(JSONB)
    language: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(20))
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    next_action: Mapped[str | None] = mapped_column(String(20))
    next_action_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    reopenings: Mapped[int] = mapped_column(default=0)
    claim_hops: Mapped[int] = mapped_column(default=0)
    told: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    untold_since: Mapped[datetime | None] = mapped_column(Instant)


class AssignmentRow(Base):
    """Who owned a ticket, from when to when, and why it passed on."""

    __tablename__ = "assignments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(40))
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ClockRow(Base):
    """One clock of a ticket and cycle.

    `breached_at` is the deadline; `noticed_at` is when we looked. `within` is its duration, `pauses` the ended ones
    as [[from, to], ...] (ISO 8601), `calendar` what it runs by (`calendar.dump_calendar`; None: round the clock):
    deadline and steps are always computed anew from these facts, so that an edited file moves nothing unseen. `terms`
    is the digest of the service file's terms it was last set to. `dropped_at`: the promise passed to somebody else (a
    claim), so it is no longer waited for.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        UniqueConstraint("ticket_id", "kind", "cycle"),
        Index(
            "ix_clocks_waiting",
            "next_due_at",
            postgresql_where=text("next_due_at IS NOT NULL AND (paused_at IS NULL OR next_due_at < paused_at)"),
        ),
        Index("ix_clocks_running", "ticket_id", postgresql_where=text("met_at IS NULL AND dropped_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(20))
    cycle: Mapped[int] = mapped_column(default=1)
    tier: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(Instant)
    within: Mapped[timedelta] = mapped_column(INTERVAL)
    pauses: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    calendar: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    terms: Mapped[str | None] = mapped_column(String(60))
    due_at: Mapped[datetime] = mapped_column(Instant)
    met_at: Mapped[datetime | None] = mapped_column(Instant)
    breached_at: Mapped[datetime | None] = mapped_column(Instant)
    noticed_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    dropped_at: Mapped[datetime | None] = mapped_column(Instant)
    next_step: Mapped[str | None] = mapped_column(String(40))
    next_due_at: Mapped[datetime | None] = mapped_column(Instant)


class ClockStepRow(Base):
    """A step of the ladder that was taken, once.

    `collapsed`: nobody was told; a higher one was due at the same time, or the clock was met before anybody looked.
    """

    __tablename__ = "clock_steps"

    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clocks.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    collapsed: Mapped[bool] = mapped_column(default=False)


class LoopRow(Base):
    """A process's clock loop, as it last told of itself (`loops`).

    `seen_at` by the database's clock; `lag`: how long what it found due had been due; `skew`: its clock minus the
    database's.
    """

    __tablename__ = "clock_loops"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(100))
    pid: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(Instant)
    lag: Mapped[timedelta] = mapped_column(INTERVAL)
    skew: Mapped[timedelta] = mapped_column(INTERVAL)


class ParticipantRow(Base):
    """Who works on a ticket beside its owner: a "helper" that was asked, a "handler" that escalation added."""

    __tablename__ = "participants"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime] = mapped_column(Instant)


class NoticeRow(Base):
    """Something a person must know about a ticket. `not_before`: what goes out of it waits for working hours."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("cause", "person_id"),
        Index("ix_notices_unread", "person_id", "at", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    cause: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    at: Mapped[datetime] = mapped_column(Instant)
    not_before: Mapped[datetime] = mapped_column(Instant)
    emailed_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


class NoticeDeliveryRow(Base):
    """A notice on its way to a person: by mail, or whatever else reaches them beside the console.

    `next_attempt_at` is when it is due, or, while one sends it, when its lease ends. `outcome` says what came of it:
    sent, not needed any more, or given up.
    """

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        Index("ix_notice_deliveries_waiting", "way", "next_attempt_at", postgresql_where=text("done_at IS NULL")),
    )

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    way: Mapped[str] = mapped_column(String(20), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(20))


class HandoverRow(Base):
    """A ticket is to pass on from its owner; the next rank up agrees or not.

    `asked_by` is whose request it is, None where a former release wrote it down: the owner's then.
    """

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_waiting", "ticket_id", postgresql_where=text("decided_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    from_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    agreed: Mapped[bool | None]


class SurveyRow(Base):
    """How a resolution cycle went, asked once. The rated person is the owner when it was resolved.

    `cause` is what the comment is about, as whoever followed it up sorted it (see `survey.CAUSES`).
    """

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("ticket_id", "cycle"), Index("ix_surveys_asked", "asked_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"))
    cycle: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    valid_until: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    solved: Mapped[bool | None]
    outcome: Mapped[int | None]
    service: Mapped[int | None]
    process: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(String(20))
    followed_up_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    followed_up_at: Mapped[datetime | None] = mapped_column(Instant)
    follow_up_note: Mapped[str | None] = mapped_column(Text)


class SignInRow(Base):
    """A person's signed-in browser; only digests of its cookie and CSRF token are kept."""

    __tablename__ = "sign_ins"

    token_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class TicketEventRow(Base):
    """What happened to a ticket, for its history; facts the customer added are kept here."""

    __tablename__ = "ticket_events"
    __table_args__ = (Index("ix_ticket_events_revealed", "actor", "at", postgresql_where=text("kind = 'revealed'")),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(100))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    at: Mapped[datetime] = mapped_column(Instant)


class AuditRow(Base):
    """One entry of the append-only log: a hash chain per subject (a ticket or a person).

    `number` counts across all chains, in the order in which they were begun to be written, with gaps.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_at", "at", "number"),
        Index("ix_audit_entries_actor", "actor", "at", "number"),
        Index("ix_audit_entries_action", "action", "at", "number"),
    )

    subject: Mapped[str] = mapped_column(String(100), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)


class AnchorRow(Base):
    """A digest of the audit entries up to the number `until`, from the last anchor's on (see `anchors`)."""

    __tablename__ = "audit_anchors"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
