"""Edited entries in versions: who, when, what; each in the audit log. Nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from actions.faq import Entry, Faq, read_entry
from bot.faq.models import FaqEditRow
from escalation import audit
from escalation.errors import ConflictError, ForbiddenError
from escalation.models import PersonRow
from escalation.rights import RIGHTS, FaqRight, Role


@dataclass(frozen=True)
class Standing:
    """An entry as it stands: in force, or taken out (`entry` None). Version 0 is the file's own."""

    entry_id: str
    entry: Entry | None
    in_file: bool
    version: int = 0
    act: str | None = None
    edited_by: str | None = None
    edited_at: datetime | None = None


def require(person: PersonRow, right: FaqRight) -> None:
    """Raise ForbiddenError unless somebody may do this with the FAQ."""
    if RIGHTS[Role(person.role)].faq < right:
        raise ForbiddenError(f"a {person.role} may not {'edit' if right is FaqRight.EDIT else 'read'} the FAQ")


async def find_newest_edit(session: AsyncSession) -> tuple[int, int]:
    """Return what changes with every edit: how many there are, and the last one's number.

    The number alone would not do: of two edits at a time, the earlier number may be seen later.
    """
    count, last = (await session.execute(select(func.count(), func.max(FaqEditRow.id)))).one()
    return count, last or 0


async def load_edits(session: AsyncSession) -> Sequence[FaqEditRow]:
    """Return the newest version of each entry that was ever edited."""
    newest = select(FaqEditRow).ext(distinct_on(FaqEditRow.entry_id))
    return (await session.scalars(newest.order_by(FaqEditRow.entry_id, FaqEditRow.version.desc()))).all()


async def list_versions(session: AsyncSession, entry_id: str) -> Sequence[FaqEditRow]:
    """Return an entry's versions, newest first."""
    query = select(FaqEditRow).where(FaqEditRow.entry_id == entry_id).order_by(FaqEditRow.version.desc())
    return (await session.scalars(query)).all()


def lay_over(base: Faq, edits: Sequence[FaqEditRow]) -> Mapping[str, Standing]:
    """Return every entry as it stands, the file's first."""
    standing = {entry_id: Standing(entry_id, entry, in_file=True) for entry_id, entry in base.entries.items()}
    for row in edits:
        own = base.entries.get(row.entry_id)
        entry = own if row.act == "revert" else read_entry(row.content)[0] if row.act == "set" else None
        standing[row.entry_id] = Standing(
            row.entry_id, entry, own is not None, row.version, row.act, row.edited_by, row.edited_at
        )
    return standing


async def edit_entry(
    session: AsyncSession,
    entry_id: str,
    *,
    act: str,
    content: Mapping[str, Any] | None,
    version: int,
    by: PersonRow,
    now: datetime,
) -> FaqEditRow:
    """Write a new version over the one that somebody saw.

    Raises ConflictError if that is not the newest any more, ForbiddenError.
    """
    require(by, FaqRight.EDIT)
    # Whoever edits the same entry at this moment waits here.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"faq {entry_id}", 0))))
    versions = await list_versions(session, entry_id)
    newest = versions[0].version if versions else 0
    if newest != version:
        raise ConflictError(_tell_conflict(versions, version))
    row = FaqEditRow(
        entry_id=entry_id,
        version=newest + 1,
        act=act,
        content=dict(content) if content is not None else None,
        edited_by=by.login,
        edited_at=now,
    )
    session.add(row)
    await session.flush()
    details = {"act": act, "version": row.version}
    await audit.append(session, subject=f"faq/{entry_id}", actor=by.login, action="faq_edited", details=details, at=now)
    return row


def _tell_conflict(versions: Sequence[FaqEditRow], seen: int) -> str:
    if not versions:
        return f"this entry has no version {seen}: load the page again"
    newest = versions[0]
    return (
        f"{newest.edited_by} edited this entry at {newest.edited_at:%Y-%m-%d %H:%M} UTC, after you opened it: "
        "keep a copy of what you wrote, and load the page again"
    )
