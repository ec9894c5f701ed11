"""After a change of the service file, the clocks that run are set to its terms: those that differ, batch by batch.

Each clock carries what it was promised, so that between two batches, or while the app is down, nothing is computed by a
mixture of the old file and the new one.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import product
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import InstrumentedAttribute

from escalation.clocks import ClockKind
from escalation.models import ClockRow, TicketRow
from escalation.ports import Clock
from escalation.severity import Tier
from escalation.terms import ServiceLevels, find_unknown_years
from escalation.timekeeping import set_terms

log = logging.getLogger(__name__)
_Value = TypeVar("_Value")

# What is locked by somebody else, or failed, is looked at again after this.
_LOOK_AGAIN_AFTER = timedelta(seconds=5)
_TELL_EVERY = 10_000


class Renewal:
    """Takes the clocks of one database over into a service file: when the app starts, and when the file was edited."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], clock: Clock, levels: ServiceLevels, *, batch: int = 200
    ) -> None:
        """`batch` is how many tickets one transaction takes: an edited calendar never holds up everything at once."""
        self._sessions, self._clock, self._levels, self._batch = sessions, clock, levels, batch
        self._renewed = 0

    async def run(self) -> None:
        """Say which holidays are not known, and renew until every running clock has the file's terms."""
        for sentence in find_unknown_years(self._levels, self._clock.now()):
            log.warning("%s", sentence)
        while True:
            if not await self._is_anything_left():
                if self._renewed:
                    log.info("all running clocks have the service file's terms; %d were set to them", self._renewed)
                return
            await asyncio.sleep(_LOOK_AGAIN_AFTER.total_seconds())

    async def _is_anything_left(self) -> bool:
        try:
            while renewed := await self.renew():
                self._tell(renewed)
            async with self._sessions() as session:
                stale = _select_with_tickets(ClockRow.id).where(await self._is_stale(session))
                return await session.scalar(stale.limit(1)) is not None
        except Exception:
            log.exception("running clocks could not be set to the service file; they are tried again")
            return True

    def _tell(self, renewed: int) -> None:
        before, self._renewed = self._renewed, self._renewed + renewed
        if before // _TELL_EVERY != self._renewed // _TELL_EVERY:
            log.info("%d running clocks have the service file's terms", self._renewed)

    async def renew(self) -> int:
        """Do one batch; return how many clocks were set (0: there are no others, or somebody holds their tickets)."""
        now = self._clock.now()
        async with self._sessions.begin() as session:
            stale = _select_with_tickets(ClockRow.ticket_id).where(await self._is_stale(session))
            tickets = select(TicketRow).where(TicketRow.id.in_(stale)).order_by(TicketRow.id).limit(self._batch)
            locked = {row.id: row for row in await session.scalars(tickets.with_for_update(skip_locked=True))}
            clocks = select(ClockRow).where(ClockRow.ticket_id.in_(locked), _is_running())
            renewed = 0
            for clock in (await session.scalars(clocks)).all():
                tier = Tier(clock.tier)
                terms = self._levels.terms_for(tier, ClockKind(clock.kind), locked[clock.ticket_id].desk)
                if clock.terms != terms.digest:
                    await set_terms(session, clock, terms, tier=tier, levels=self._levels, now=now)
                    renewed += 1
        return renewed

    async def _is_stale(self, session: AsyncSession) -> ColumnElement[bool]:
        """A clock that runs on other terms than its tier, kind and desk have now."""
        desks = await session.scalars(_select_with_tickets(TicketRow.desk).where(_is_running()).distinct())
        current = tuple_(ClockRow.tier, ClockRow.kind, TicketRow.desk, ClockRow.terms)
        return and_(_is_running(), or_(ClockRow.terms.is_(None), current.not_in(list(self._terms_of(desks)))))

    def _terms_of(self, desks: Iterable[str]) -> Iterator[tuple[str, str, str, str]]:
        for desk, tier, kind in product(desks, Tier, ClockKind):
            yield tier.value, kind.value, desk, self._levels.terms_for(tier, kind, desk).digest


def _is_running() -> ColumnElement[bool]:
    return and_(ClockRow.met_at.is_(None), ClockRow.dropped_at.is_(None))


def _select_with_tickets(column: InstrumentedAttribute[_Value]) -> Select[_Value]:
    return select(column).select_from(ClockRow).join(TicketRow, TicketRow.id == ClockRow.ticket_id)
