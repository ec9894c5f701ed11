"""Questions that the FAQ did not answer: noted in the turn's transaction, counted by meaning for the shop.

Nothing here commits.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.faq.grouping import Asked, Group, group_questions
from bot.dialogue.records import NoteQuestion
from bot.faq.models import FaqQuestionRow
from escalation import audit
from escalation.errors import RefusedError
from escalation.models import PersonRow

KEPT_FOR = timedelta(days=90)
"""Questions older than this are deleted, but for those set aside: they keep the like of them away."""

# The newest ones are looked at: grouping them takes a second at the most.
_MOST = 4000


def note_question(
    session: AsyncSession, note: NoteQuestion, *, cause: str, conversation_id: UUID, language: str, now: datetime
) -> None:
    """Add a question; `cause` is unique, so that no turn adds it twice."""
    row = FaqQuestionRow(
        cause=cause, conversation_id=conversation_id, text=note.text, language=language, vector=note.vector,
        reason=note.reason, nearest=note.nearest, score=note.score, asked_at=now,
    )  # fmt: skip
    session.add(row)


async def note_pick(session: AsyncSession, conversation_id: UUID, entry_id: str) -> None:
    """Write down which of the suggested entries a customer chose, beside their newest question."""
    newest = (
        select(FaqQuestionRow.id)
        .where(FaqQuestionRow.conversation_id == conversation_id, FaqQuestionRow.reason == "close")
        .order_by(FaqQuestionRow.asked_at.desc())
        .limit(1)
    )
    await session.execute(
        update(FaqQuestionRow).where(FaqQuestionRow.id == newest.scalar_subquery()).values(picked=entry_id)
    )


async def list_groups(session: AsyncSession, *, now: datetime) -> list[Group]:
    """Return what was asked, the like of it together, most frequent first; what was set aside too."""
    wanted = or_(FaqQuestionRow.asked_at > now - KEPT_FOR, FaqQuestionRow.ignored_at.is_not(None))
    query = select(FaqQuestionRow).where(wanted).order_by(FaqQuestionRow.asked_at.desc()).limit(_MOST)
    rows = (await session.scalars(query)).all()
    return await asyncio.to_thread(_group, rows)


def _group(rows: Sequence[FaqQuestionRow]) -> list[Group]:
    asked = [
        Asked(
            str(row.id),
            row.text,
            row.language,
            row.asked_at,
            row.ignored_at is not None,
            row.picked,
            row.reason == "not_meant",
        )
        for row in rows
    ]
    vectors = np.array([np.frombuffer(row.vector, dtype=np.float16) for row in rows], dtype=np.float32)
    return group_questions(asked, vectors)


async def ignore_questions(
    session: AsyncSession, ids: Sequence[UUID], *, ignored: bool, by: PersonRow, now: datetime
) -> None:
    """Set questions aside, or take them back. Raises RefusedError if none of them is there any more."""
    changed = update(FaqQuestionRow).where(FaqQuestionRow.id.in_(ids))
    values = {"ignored_by": by.login, "ignored_at": now} if ignored else {"ignored_by": None, "ignored_at": None}
    found = (await session.scalars(changed.values(**values).returning(FaqQuestionRow.id))).all()
    if not found:
        raise RefusedError("these questions are not there any more: load the page again")
    action = "faq_question_ignored" if ignored else "faq_question_taken_back"
    details = {"questions": sorted(map(str, found))[:50], "count": len(found)}
    await audit.append(session, subject="faq/questions", actor=by.login, action=action, details=details, at=now)


async def drop_old_questions(session: AsyncSession, *, now: datetime) -> None:
    """Delete what has been kept long enough."""
    old = FaqQuestionRow.asked_at <= now - KEPT_FOR
    await session.execute(delete(FaqQuestionRow).where(old, FaqQuestionRow.ignored_at.is_(None)))
