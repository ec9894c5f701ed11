"""After a change of the service file, the clocks that run are set to its terms: those that differ, batch by batch.

Each clock carries what it was promised, so that between two batches, or while the app is down, nothing is computed by a
mixture of the old file and the new one.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation.clocks import ClockKind
from escalation.models import ClockRow, TicketRow
from escalation.ports import Clock
from escalation.severity import Tier
from escalation.terms import ServiceLevels, find_unknown_years
from escalation.timekeeping import set_terms

log = logging.getLogger(__name__)

# What is locked by somebody else, or failed, is looked at again after this.
_LOOK_AGAIN_AFTER = timedelta(seconds=5)
_TELL_EVERY = 10_000
_FIRST = UUID(int=0)


class Renewal:
    """Takes the clocks of one database over into a service file: when the app starts, and when the file was edited.

    Tickets are gone through in the order of their ids, so that each batch reads its own and none that are done.
    """

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], clock: Clock, levels: ServiceLevels, *, batch: int = 200
    ) -> None:
        """`batch` is how many tickets one transaction takes: an edited calendar never holds up everything at once."""
        self._sessions, self._clock, self._levels, self._batch = sessions, clock, levels, batch
        self._after = _FIRST
        self._renewed = self._asked = 0

    @property
    def left(self) -> int:
        """How many running clocks are still to be set to the file's terms, as far as this process knows."""
        return max(0, self._asked - self._renewed)

    async def run(self) -> None:
        """Say which holidays are not known, and renew until every running clock has the file's terms."""
        for sentence in find_unknown_years(self._levels, self._clock.now()):
            log.warning("%s", sentence)
        left = await self._find_left()
        while left:
            await self._go_through()
            if left := await self._find_left():
                await asyncio.sleep(_LOOK_AGAIN_AFTER.total_seconds())
        if self._renewed:
            log.info("all running clocks have the service file's terms; %d were set to them", self._renewed)

    async def _find_left(self) -> int:
        """Count what is left, for whoever wants to know how far it is; what cannot be counted is tried again."""
        try:
            async with self._sessions() as session:
                left = await count_stale(session, self._levels)
        except Exception:
            log.exception("running clocks could not be compared with the service file; they are looked at again")
            return 1
        self._asked = self._renewed + left
        return left

    async def _go_through(self) -> None:
        try:
            while renewed := await self.renew():
                self._tell(renewed)
        except Exception:
            log.exception("running clocks could not be set to the service file; they are tried again")

    def _tell(self, renewed: int) -> None:
        before, self._renewed = self._renewed, self._renewed + renewed
        if before // _TELL_EVERY != self._renewed // _TELL_EVERY:
            log.info("%d of %d running clocks have the service file's terms", self._renewed, self._asked)

    async def renew(self) -> int:
        """Do one batch; return how many clocks were set.

        0: there are no others behind it, or somebody holds their tickets; the next one begins at the first ticket.
        """
        async with self._sessions() as session:
            known = await _find_current(session, self._levels)
        while tickets := await self._find_batch(known):
            if renewed := await self._renew(tickets):
                return renewed
        self._after = _FIRST
        return 0

    async def _find_batch(self, current: Sequence[str]) -> Sequence[UUID]:
        query = select(ClockRow.ticket_id).join(TicketRow, TicketRow.id == ClockRow.ticket_id).distinct()
        behind = query.where(_is_stale(current), ClockRow.ticket_id > self._after).order_by(ClockRow.ticket_id)
        async with self._sessions() as session:
            found = (await session.scalars(behind.limit(self._batch))).all()
        self._after = found[-1] if found else self._after
        return found

    async def _renew(self, tickets: Sequence[UUID]) -> int:
        now, renewed = self._clock.now(), 0
        async with self._sessions.begin() as session:
            query = select(TicketRow).where(TicketRow.id.in_(tickets)).order_by(TicketRow.id)
            locked = {row.id: row for row in await session.scalars(query.with_for_update(skip_locked=True))}
            clocks = select(ClockRow).where(ClockRow.ticket_id.in_(locked), _is_running())
            for clock in (await session.scalars(clocks)).all():
                tier = Tier(clock.tier)
                terms = self._levels.terms_for(tier, ClockKind(clock.kind), locked[clock.ticket_id].desk)
                if clock.terms != terms.digest:
                    before = clock.due_at
                    await set_terms(session, clock, terms, tier=tier, levels=self._levels, now=now)
                    if clock.due_at != before:
                        locked[clock.ticket_id].untold_since = now
                    renewed += 1
        return renewed


async def count_stale(session: AsyncSession, levels: ServiceLevels) -> int:
    """Return how many running clocks have other terms than a service file gives them."""
    query = select(func.count()).select_from(ClockRow).join(TicketRow, TicketRow.id == ClockRow.ticket_id)
    return await session.scalar(query.where(_is_stale(await _find_current(session, levels)))) or 0


async def _find_current(session: AsyncSession, levels: ServiceLevels) -> Sequence[str]:
    """Return what clocks run on now, as text: their tier, kind, desk and the digest of their terms."""
    desks = {*levels.desks.values(), *await session.scalars(select(TicketRow.desk).distinct())}
    return [
        f"{tier}/{kind}/{desk}/{levels.terms_for(tier, kind, desk).digest}"
        for desk, tier, kind in product(sorted(desks), Tier, ClockKind)
    ]


def _is_stale(current: Sequence[str]) -> ColumnElement[bool]:
    """A clock that runs on other terms than its tier, kind and desk have now."""
    # One text: a list of those is looked up by its hash, a list of rows would be gone through.
    terms = ClockRow.tier + "/" + ClockRow.kind + "/" + TicketRow.desk + "/" + ClockRow.terms
    return and_(_is_running(), or_(ClockRow.terms.is_(None), terms.not_in(current)))


def _is_running() -> ColumnElement[bool]:
    return and_(ClockRow.met_at.is_(None), ClockRow.dropped_at.is_(None))
