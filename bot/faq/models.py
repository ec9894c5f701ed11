"""The FAQ's tables: versions of edited entries, and questions that nothing answered."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Float, ForeignKey, Identity, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from escalation.models import Base

Instant = TIMESTAMP(timezone=True)


class FaqEditRow(Base):
    """One version of an entry, over the file's. `act`: "set" (`content` is the entry), "remove", "revert" (the file's).

    The newest version of an entry holds. `id` grows with every edit: who has read up to it, has read them all.
    """

    __tablename__ = "faq_edits"
    __table_args__ = (UniqueConstraint("entry_id", "version"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    act: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    edited_by: Mapped[str] = mapped_column(String(60))
    edited_at: Mapped[datetime] = mapped_column(Instant)


class FaqQuestionRow(Base):
    """A question that the FAQ did not answer, or answered beside the point. `text` is masked.

    `reason`: "no_answer", "close" (entries were suggested) or "not_meant" (the customer said so). `picked`: the entry
    the customer chose among those suggested. `vector`: half precision, for counting the like of it together. It goes
    with its conversation.
    """

    __tablename__ = "faq_questions"
    __table_args__ = (Index("ix_faq_questions_asked", "asked_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    cause: Mapped[str] = mapped_column(String(100), unique=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(20))
    nearest: Mapped[str | None] = mapped_column(String(60))
    score: Mapped[float | None] = mapped_column(Float)
    picked: Mapped[str | None] = mapped_column(String(60))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ignored_by: Mapped[str | None] = mapped_column(String(60))
    ignored_at: Mapped[datetime | None] = mapped_column(Instant)
