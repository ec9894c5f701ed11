"""Anchors over the audit log: every few minutes one digest of all that was written since the last (product §6).

A chain shows a change within it, not that its end, or the whole of it, is gone. An anchor does: it covers the entries
of a span of numbers, and the anchors are a chain of their own. Its hash is told to the log, where who may change the
database need not be able to change it.
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation.audit import ANCHOR, BEGINNING, BrokenEntry, Fault, Progress
from escalation.models import AnchorRow, AuditRow
from escalation.ports import Clock

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
# Writers wait behind the lock while it waits: rather no anchor now than a customer kept.
_LOCK_PATIENCE = "200ms"
_AT_ONCE = 1000


class Anchoring:
    """Sets the anchors of one database; several processes may, each span is covered once."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def run(self) -> None:
        """Set an anchor every few minutes, until cancelled; one that cannot be set is set the next time."""
        while True:
            try:
                await self.set_anchor()
            except Exception:
                log.exception("no audit anchor could be set; the next one covers what this one should have")
            await asyncio.sleep(EVERY.total_seconds())

    async def set_anchor(self) -> AnchorRow | None:
        """Cover what was written since the last anchor; None where that is nothing, or somebody writes for too long."""
        until = await self._find_end()
        if until is None:
            return None
        async with self._sessions.begin() as session:
            await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("audit anchors", 0))))
            last = await _find_last(session)
            if until <= last.until:
                return None
            entries, digest = await _digest(session, last.until, until)
            anchor = _make_anchor(last, until=until, entries=entries, digest=digest, at=self._clock.now())
            session.add(anchor)
        log.info("audit anchor %d over %d entries: %s", anchor.number, anchor.entries, anchor.hash.hex())
        return anchor

    async def _find_end(self) -> int | None:
        """Return the last number that was given, once nobody is left who writes a smaller one; None if none is new."""
        newest = select(func.max(AuditRow.number))
        try:
            async with self._sessions.begin() as session:
                if (await session.scalar(newest) or 0) <= (await _find_last(session)).until:
                    return None
                await session.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_PATIENCE}'"))
                await session.execute(text("LOCK TABLE audit_entries IN SHARE MODE"))
                return await session.scalar(newest)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == "55P03":
                return None
            raise


@dataclass(frozen=True)
class _Last:
    number: int = 0
    until: int = 0
    hash: bytes = BEGINNING


async def _find_last(session: AsyncSession) -> _Last:
    columns = select(AnchorRow.number, AnchorRow.until, AnchorRow.hash)
    row = (await session.execute(columns.order_by(AnchorRow.number.desc()).limit(1))).one_or_none()
    return _Last(*row) if row else _Last()


async def _digest(session: AsyncSession, after: int, until: int) -> tuple[int, bytes]:
    """Return how many entries a span of numbers has, and the digest of what they are and where they stand."""
    columns = select(AuditRow.number, AuditRow.subject, AuditRow.seq, AuditRow.hash)
    spanned = columns.where(AuditRow.number > after, AuditRow.number <= until).order_by(AuditRow.number)
    count, digest = 0, hashlib.sha256()
    async for number, subject, seq, entry_hash in await session.stream(
        spanned, execution_options={"yield_per": _AT_ONCE}
    ):
        count += 1
        digest.update(f"{number} {subject} {seq} {entry_hash.hex()}\n".encode())
    return count, digest.digest()


def _make_anchor(last: _Last, *, until: int, entries: int, digest: bytes, at: datetime) -> AnchorRow:
    anchor = AnchorRow(
        number=last.number + 1, at=at, until=until, entries=entries, digest=digest, previous_hash=last.hash
    )
    anchor.hash = _hash_of(anchor)
    return anchor


def _tell_nobody(_count: int) -> None:
    """Nobody waits for it."""


async def verify_anchors(session: AsyncSession, on_progress: Progress = _tell_nobody) -> BrokenEntry | None:
    """Return the first anchor that what it covers no longer fits, or that was changed itself, or None."""
    last = _Last()
    for anchor in (await session.scalars(select(AnchorRow).order_by(AnchorRow.number))).all():
        if anchor.number != last.number + 1 or anchor.previous_hash != last.hash:
            return BrokenEntry(ANCHOR, anchor.number, Fault.MISSING_BEFORE)
        if anchor.hash != _hash_of(anchor):
            return BrokenEntry(ANCHOR, anchor.number, Fault.CHANGED)
        if (anchor.entries, anchor.digest) != await _digest(session, last.until, anchor.until):
            covers = (last.until + 1, anchor.until, anchor.entries)
            return BrokenEntry(ANCHOR, anchor.number, Fault.NOT_COVERED, covers)
        on_progress(anchor.entries)
        last = _Last(anchor.number, anchor.until, anchor.hash)
    return None


def _hash_of(anchor: AnchorRow) -> bytes:
    content = f"{anchor.number} {anchor.at.timestamp():.6f} {anchor.until} {anchor.entries} {anchor.digest.hex()}"
    return hashlib.sha256(f"{content} {anchor.previous_hash.hex()}".encode()).digest()
