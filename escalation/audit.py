"""The append-only audit log: one hash chain per ticket or person, so that a change or a gap shows.

Entries hold ids and digests, never what people wrote. Writers of different subjects never wait for one another.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, Select, String, func, insert, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.models import AuditRow

# What anchors are called where entries have a subject.
ANCHOR = "anchor"
BEGINNING = b"\x00" * 32


# Called with how many entries were looked at since the last call.
Progress = Callable[[int], None]
_TELL_EVERY = 1000


def _tell_nobody(_count: int) -> None:
    """Nobody waits for it."""


class Fault(StrEnum):
    """What is wrong with an entry, or with an anchor."""

    CHANGED = "changed"
    MISSING_BEFORE = "missing_before"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True)
class BrokenEntry:
    """The first entry of a chain that does not fit, or the first anchor (its subject is "anchor").

    `covers`: first and last number, and how many entries it was of, for an anchor that what is there does not fit.
    """

    subject: str
    seq: int
    fault: Fault
    covers: tuple[int, int, int] | None = None

    def __str__(self) -> str:
        return f"{self.subject} #{self.seq} ({self.reason})"

    @property
    def reason(self) -> str:
        """What is wrong, in words."""
        if self.covers is not None:
            first, last, count = self.covers
            return f"entries {first} to {last} are not the {count} that it covers"
        if self.fault is Fault.CHANGED:
            return "it was changed"
        return f"an {'anchor' if self.subject == ANCHOR else 'entry'} before it is missing"


@dataclass(frozen=True)
class Entry:
    """What is to be written of something that was done to a subject."""

    subject: str
    actor: str
    action: str
    details: Mapping[str, Any]
    at: datetime


async def append(
    session: AsyncSession, *, subject: str, actor: str, action: str, details: Mapping[str, Any], at: datetime
) -> None:
    """Add an entry to a subject's chain. The subject is locked until the transaction ends, so no chain forks."""
    await session.execute(select(func.pg_advisory_xact_lock(_lock_of(subject))))
    query = select(AuditRow.seq, AuditRow.hash).where(AuditRow.subject == subject).order_by(AuditRow.seq.desc())
    head = (await session.execute(query.limit(1))).one_or_none()
    seq, previous = (head.seq + 1, head.hash) if head else (1, BEGINNING)
    session.add(_make_row(Entry(subject, actor, action, details, at), seq, previous))
    await session.flush()


def make_first(*, subject: str, actor: str, action: str, details: Mapping[str, Any], at: datetime) -> AuditRow:
    """Return the first entry of a subject that is new itself: there is no chain to look at, nobody to wait for.

    The key over subject and number refuses a second beginning.
    """
    return _make_row(Entry(subject, actor, action, details, at), 1, BEGINNING)


def _make_row(entry: Entry, seq: int, previous: bytes) -> AuditRow:
    row = AuditRow(**{**vars(entry), "details": dict(entry.details)}, seq=seq, previous_hash=previous)
    row.hash = _hash_of(row)
    return row


async def append_all(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Add entries to the chains of many subjects, in their order, with as many statements as for one.

    The subjects are locked as by `append`, in one order for everybody.
    """
    if not entries:
        return
    subjects = sorted({entry.subject for entry in entries})
    await session.execute(_lock_all(subjects))
    heads = await _find_heads(session, subjects)
    rows = []
    for entry in entries:
        seq, previous = heads.get(entry.subject, (0, BEGINNING))
        row = {**vars(entry), "seq": seq + 1, "previous_hash": previous}
        row["hash"] = _hash(**row)
        heads[entry.subject] = (seq + 1, row["hash"])
        rows.append(row)
    await session.execute(insert(AuditRow), rows)


def _lock_all(subjects: Sequence[str]) -> Select[Any]:
    numbers = (
        func.unnest(literal(sorted(map(_lock_of, subjects)), ARRAY(BigInteger))).table_valued("number").render_derived()
    )
    return select(func.count(func.pg_advisory_xact_lock(numbers.c.number)))


async def _find_heads(session: AsyncSession, subjects: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Return the last entry's number and hash of each subject that has one."""
    asked = func.unnest(literal(subjects, ARRAY(String))).table_valued("subject").render_derived()
    newest = select(AuditRow.seq, AuditRow.hash).where(AuditRow.subject == asked.c.subject)
    head = newest.order_by(AuditRow.seq.desc()).limit(1).lateral("head")
    rows = await session.execute(select(asked.c.subject, head.c.seq, head.c.hash).join(head, true()))
    return {row.subject: (row.seq, row.hash) for row in rows}


async def verify(session: AsyncSession, on_progress: Progress = _tell_nobody) -> BrokenEntry | None:
    """Walk every chain; return the first entry that was changed, or that stands behind a gap, or None."""
    rows = await session.stream(select(*AuditRow.__table__.c).order_by(AuditRow.subject, AuditRow.seq))
    subject, seq, previous = "", 0, BEGINNING
    looked_at = 0
    async for row in rows:
        looked_at += 1
        if looked_at % _TELL_EVERY == 0:
            on_progress(_TELL_EVERY)
        if row.subject != subject:
            subject, seq, previous = row.subject, 0, BEGINNING
        if row.seq != seq + 1 or row.previous_hash != previous:
            return BrokenEntry(row.subject, row.seq, Fault.MISSING_BEFORE)
        if row.hash != _hash_of(row):
            return BrokenEntry(row.subject, row.seq, Fault.CHANGED)
        seq, previous = row.seq, row.hash
    on_progress(looked_at % _TELL_EVERY)
    return None


def _hash_of(row: AuditRow | Row[Any]) -> bytes:
    return _hash(
        subject=row.subject,
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        details=row.details,
        previous_hash=row.previous_hash,
    )


def _hash(
    *,
    subject: str,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    details: Mapping[str, Any],
    previous_hash: bytes,
) -> bytes:
    content = [subject, seq, at.astimezone(UTC).isoformat(), actor, action, details, previous_hash.hex()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).digest()


def _lock_of(subject: str) -> int:
    """A 63-bit advisory lock number."""
    return int.from_bytes(hashlib.sha256(f"audit {subject}".encode()).digest()[:8]) >> 1
