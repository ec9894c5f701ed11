"""Anchors over the audit log: what a chain cannot show, and what goes on while they are set."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import audit
from escalation.anchors import Anchoring, verify_anchors
from escalation.models import AnchorRow, AuditRow
from escalation.testing import NOON, FakeClock
from tests.patience import PATIENCE_SECONDS

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def anchoring(sessions: Sessions) -> Anchoring:
    """What sets the anchors."""
    return Anchoring(sessions, FakeClock(NOON))


async def write(session: AsyncSession, subject: str) -> None:
    """Add an entry to a subject's chain."""
    await audit.append(session, subject=subject, actor="bot", action="opened", details={}, at=NOON)


async def write_all(sessions: Sessions, *subjects: str) -> None:
    """Add entries, each in a transaction of its own."""
    for subject in subjects:
        async with sessions.begin() as session:
            await write(session, subject)


async def test_each_anchor_covers_what_is_new(sessions: Sessions, anchoring: Anchoring) -> None:
    """Three entries, then two; where nothing is new there is no anchor."""
    assert await anchoring.set_anchor() is None
    await write_all(sessions, "ticket/1", "ticket/2", "ticket/1")
    first = await anchoring.set_anchor()
    assert await anchoring.set_anchor() is None
    await write_all(sessions, "ticket/1", "ticket/3")
    second = await anchoring.set_anchor()
    assert first is not None
    assert second is not None
    assert (first.number, first.entries, second.number, second.entries) == (1, 3, 2, 2)
    async with sessions() as session:
        assert await verify_anchors(session) is None


@pytest.mark.parametrize(
    "removed",
    [
        (AuditRow.subject == "ticket/1") & (AuditRow.seq == 2),  # the end of a chain
        AuditRow.subject == "ticket/2",  # a whole one
    ],
)
async def test_what_no_chain_shows_an_anchor_does(sessions: Sessions, anchoring: Anchoring, removed: Any) -> None:
    """The chains that are left are whole, and yet the log is not."""
    await write_all(sessions, "ticket/1", "ticket/2", "ticket/1")
    await anchoring.set_anchor()
    async with sessions.begin() as session:
        await session.execute(delete(AuditRow).where(removed))
    async with sessions() as session:
        assert await audit.verify(session) is None
        broken = await verify_anchors(session)
    assert str(broken) == "anchor #1 (entries 1 to 3 are not the 3 that it covers)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: delete(AnchorRow).where(AnchorRow.number == 1), "anchor #2 (an anchor before it is missing)"),
        (lambda: update(AnchorRow).where(AnchorRow.number == 1).values(entries=9), "anchor #1 (it was changed)"),
    ],
)
async def test_anchors_are_a_chain_of_their_own(
    sessions: Sessions, anchoring: Anchoring, change: Callable[[], Any], told: str
) -> None:
    """One that was removed or rewritten shows."""
    for subject in ("ticket/1", "ticket/2"):
        await write_all(sessions, subject)
        await anchoring.set_anchor()
    async with sessions.begin() as session:
        await session.execute(change())
    async with sessions() as session:
        assert str(await verify_anchors(session)) == told


async def test_no_anchor_is_set_over_an_entry_that_is_still_being_written(
    sessions: Sessions, anchoring: Anchoring
) -> None:
    """Its number is smaller than one that is there: the anchor waits for the next time, and then has both."""
    async with sessions.begin() as slow:
        await write(slow, "ticket/1")
        await write_all(sessions, "ticket/2")
        assert await anchoring.set_anchor() is None
    anchor = await anchoring.set_anchor()
    assert anchor is not None
    assert anchor.entries == 2


async def test_two_processes_cover_a_span_once(sessions: Sessions, anchoring: Anchoring) -> None:
    """Whoever comes second finds it done."""
    await write_all(sessions, "ticket/1", "ticket/2")
    other = Anchoring(sessions, FakeClock(NOON))
    done = await asyncio.gather(anchoring.set_anchor(), other.set_anchor())
    assert sum(anchor is not None for anchor in done) == 1
    async with sessions() as session:
        assert await verify_anchors(session) is None


async def test_a_writer_of_one_subject_keeps_nobody_from_another(sessions: Sessions) -> None:
    """While one transaction holds the chain of a ticket, another commits to a second ticket's."""
    async with sessions.begin() as slow:
        await write(slow, "ticket/1")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await write_all(sessions, "ticket/2", "ticket/3")
