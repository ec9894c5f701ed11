"""The table of erasures: who is to be forgotten, who asked and agreed, and how far it has come."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from escalation.models import Base

Instant = TIMESTAMP(timezone=True)


class ErasureRow(Base):
    """One person's erasure. It begins once `confirmed_at` is set, and is over with `done_at`.

    `ticket_number`: where it was asked for. `asked_by`, `confirmed_by`: logins, "operator" for the command line,
    "customer" for who asked in the chat, whose request nobody has taken up yet. `why` is a usual reason or "other",
    with words in `reason`; `despite` says why it is done although something stood in its way. `scope` has the ids that
    are theirs, {customers, conversations, tickets}, from `begun_at` on; `kept` what stays, in numbers.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index("ix_erasures_unfinished", "confirmed_at", postgresql_where=text("done_at IS NULL")),
        Index("uq_erasures_waiting", "customer_id", unique=True, postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    ticket_number: Mapped[str | None] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    despite: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    kept: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
