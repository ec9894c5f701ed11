"""Notices on their way: what people must know goes out to where they are reached beside the console.

A way (mail, a chat) has its own `Notifier`, so that one that is slow or broken holds up no other. Deliveries are
claimed with SKIP LOCKED in small batches and leased: several processes share the work, and one that dies gives it back.
A way is spoken to outside any transaction, and what it took is recorded at once. Nothing is sent twice unless the
process dies between the way's answer and that record, or the answer never comes: at least once.

What need not go out any more (`find_objection`), and what is a day late, is not sent.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.texts import Catalogue
from escalation.addresses import EMAIL
from escalation.models import ClockRow, NoticeDeliveryRow, NoticeRow, PersonRow, TicketRow
from escalation.notices import find_objection
from escalation.ports import Clock

log = logging.getLogger(__name__)

# The language of people who have not chosen one.
SHOP_LANGUAGE = "zh-Hans"
# Longer than a delivery may take: none is worked on by two.
LEASE = timedelta(seconds=60)
# So often one that is refused for good is tried: a mailbox may have been full.
TRIES_WHEN_REFUSED = 3
# What was not taken for so long is no news any more; the console has it.
GIVE_UP_AFTER = timedelta(days=1)
_SEND_WITHIN_SECONDS = 40.0
_BACK_OFF = timedelta(seconds=10)
_LONGEST_BACK_OFF = timedelta(minutes=10)
_BATCH = 8
_LOOK_AGAIN_SECONDS = 5.0
_STOP_WITHIN_SECONDS = 3.0


class NotTakenError(Exception):
    """The way has not taken it; it may later. The message names no person."""


class RefusedError(NotTakenError):
    """The way refuses this one for good."""


@dataclass(frozen=True)
class Note:
    """A notice as its person reads it: no customer's data, for it leaves the house. `number` is the ticket's."""

    notice_id: UUID
    person: PersonRow
    number: str
    subject: str
    text: str
    link: str | None


class Way(Protocol):
    """How people are reached beside the console."""

    @property
    def name(self) -> str:
        """Its name, as deliveries have it."""

    def can_reach(self, person: PersonRow) -> bool:
        """Tell whether the person has what this way needs."""

    async def send(self, note: Note) -> None:
        """Hand it over, once. Raises NotTakenError."""


@dataclass(frozen=True)
class _Case:
    """All that one delivery is about."""

    delivery: NoticeDeliveryRow
    notice: NoticeRow
    ticket: TicketRow
    person: PersonRow
    clocks: Sequence[ClockRow]


class Notifier:
    """Sends what waits for one way."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        clock: Clock,
        way: Way,
        catalogue: Catalogue,
        *,
        public_url: str | None = None,
    ) -> None:
        """`catalogue` has the domain "notices"; `public_url` is where the console is, for links."""
        self._sessions, self._clock, self._way = sessions, clock, way
        self._catalogue, self._public_url = catalogue, public_url

    async def run(self) -> None:
        """Look every five seconds; until cancelled."""
        while True:
            try:
                while await self.look():
                    pass
            except Exception:
                log.exception("notices could not be looked at; they will be again")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def look(self) -> int:
        """Send one batch of what is due; returns how many were claimed. Cancelled, what is in hand may still end."""
        working = [asyncio.create_task(self._take(row)) for row in await self._claim()]
        if working:
            try:
                await asyncio.wait(working)
            except asyncio.CancelledError:
                await _end(working)
                raise
        return len(working)

    async def _claim(self) -> list[NoticeDeliveryRow]:
        now = self._clock.now()
        due = select(NoticeDeliveryRow.notice_id).where(
            NoticeDeliveryRow.way == self._way.name,
            NoticeDeliveryRow.done_at.is_(None),
            NoticeDeliveryRow.next_attempt_at <= now,
        )
        claimed = due.order_by(NoticeDeliveryRow.next_attempt_at).limit(_BATCH).with_for_update(skip_locked=True)
        taking = (
            update(NoticeDeliveryRow)
            .where(NoticeDeliveryRow.way == self._way.name, NoticeDeliveryRow.notice_id.in_(claimed.scalar_subquery()))
            .values(attempts=NoticeDeliveryRow.attempts + 1, next_attempt_at=now + LEASE)
            .returning(NoticeDeliveryRow)
        )
        async with self._sessions.begin() as session:
            rows = list(await session.scalars(taking))
            session.expunge_all()
        return rows

    async def _take(self, row: NoticeDeliveryRow) -> None:
        try:
            await self._deliver(await self._load(row))
        except Exception:
            # The database is away, most likely: the lease runs out and the delivery is found again.
            log.exception("a notice could not be sent or recorded; it stays in the queue")

    async def _load(self, row: NoticeDeliveryRow) -> _Case:
        async with self._sessions() as session:
            notice = await session.get_one(NoticeRow, row.notice_id)
            ticket = await session.get_one(TicketRow, notice.ticket_id)
            person = await session.get_one(PersonRow, notice.person_id)
            running = select(ClockRow).where(
                ClockRow.ticket_id == ticket.id, ClockRow.met_at.is_(None), ClockRow.dropped_at.is_(None)
            )
            clocks = (await session.scalars(running.order_by(ClockRow.due_at))).all()
        return _Case(row, notice, ticket, person, clocks)

    async def _deliver(self, case: _Case) -> None:
        objection = self._find_objection(case)
        if objection is not None:
            await self._settle(case, objection)
            return
        note = self._write(case)
        try:
            async with asyncio.timeout(_SEND_WITHIN_SECONDS):
                await self._way.send(note)
        except RefusedError as error:
            await self._put_off(case, str(error), last=case.delivery.attempts >= TRIES_WHEN_REFUSED)
        except (NotTakenError, TimeoutError) as error:
            late = self._clock.now() - case.notice.not_before > GIVE_UP_AFTER
            await self._put_off(case, str(error) or "no answer in time", last=late)
        else:
            await self._settle(case, "sent")

    def _write(self, case: _Case) -> Note:
        told = (case.notice, case.ticket, case.person, case.clocks, self._catalogue)
        return write_note(*told, public_url=self._public_url, now=self._clock.now())

    def _find_objection(self, case: _Case) -> str | None:
        if not case.person.active or not self._way.can_reach(case.person):
            return "unreachable"
        if self._clock.now() - case.notice.not_before > GIVE_UP_AFTER:
            return "late"
        runs = any(clock.kind == case.notice.details.get("clock") for clock in case.clocks)
        return find_objection(case.notice, case.ticket, clock_runs=runs)

    async def _put_off(self, case: _Case, fault: str, *, last: bool) -> None:
        row = case.delivery
        told = "notice %s was not taken by %s (try %d): %s"
        if last:
            log.error(f"{told}; it is given up", row.notice_id, row.way, row.attempts, fault)
            await self._settle(case, "given_up")
            return
        log.warning(told, row.notice_id, row.way, row.attempts, fault)
        wait = min(_BACK_OFF * 2 ** min(row.attempts - 1, 10), _LONGEST_BACK_OFF)
        async with self._sessions.begin() as session:
            await session.execute(_this(row).values(next_attempt_at=self._clock.now() + wait))

    async def _settle(self, case: _Case, outcome: str) -> None:
        now = self._clock.now()
        async with self._sessions.begin() as session:
            await session.execute(_this(case.delivery).values(done_at=now, outcome=outcome))
            if outcome == "sent" and self._way.name == EMAIL:
                mailed = update(NoticeRow).where(NoticeRow.id == case.notice.id)
                await session.execute(mailed.values(emailed_at=now))


def write_note(
    notice: NoticeRow,
    ticket: TicketRow,
    person: PersonRow,
    clocks: Sequence[ClockRow],
    catalogue: Catalogue,
    *,
    public_url: str | None,
    now: datetime,
) -> Note:
    """Write a notice for its person; `clocks` are the ticket's running ones, what is due first at the head."""
    language = person.language or SHOP_LANGUAGE
    about = {
        "number": ticket.number,
        "tier": catalogue.say(f"mail.tier.{ticket.tier}", language),
        "category": catalogue.say(f"mail.category.{ticket.category}", language),
    }
    what = _say_what(notice, catalogue, language)
    lines = [catalogue.say("mail.what", language, what=what), catalogue.say("mail.ticket", language, **about)]
    due = _find_due(notice, clocks)
    if due is not None:
        promise = catalogue.say(f"mail.clock.{due.kind}", language)
        key = "mail.due" if now < due.due_at else "mail.overdue"
        lines.append(catalogue.say(key, language, promise=promise, at=due.due_at))
    subject = catalogue.say("mail.subject", language, what=what, **about)
    link = f"{public_url.rstrip('/')}/console#{ticket.number}" if public_url else None
    return Note(notice.id, person, ticket.number, subject, "\n".join(lines), link)


def _say_what(notice: NoticeRow, catalogue: Catalogue, language: str) -> str:
    """Say what happened; a shop's own ladder may have steps that no sentence was written for."""
    known = catalogue.texts(language)
    if notice.kind != "step":
        kind = notice.kind if f"mail.kind.{notice.kind}" in known else "other"
        return catalogue.say(f"mail.kind.{kind}", language)
    step = notice.details["step"] if f"mail.step.{notice.details['step']}" in known else "other"
    promise = catalogue.say(f"mail.clock.{notice.details['clock']}", language)
    return catalogue.say(f"mail.step.{step}", language, promise=promise)


def _find_due(notice: NoticeRow, clocks: Sequence[ClockRow]) -> ClockRow | None:
    """The clock that the notice is about, else the one that is due first; a paused one is due at no known time."""
    running = [clock for clock in clocks if clock.paused_at is None]
    meant = [clock for clock in running if clock.kind == notice.details.get("clock")]
    return next(iter(meant or running), None)


def _this(row: NoticeDeliveryRow):  # type: ignore[no-untyped-def]
    """The update of one delivery."""
    return update(NoticeDeliveryRow).where(
        NoticeDeliveryRow.notice_id == row.notice_id, NoticeDeliveryRow.way == row.way
    )


async def _end(working: Sequence["asyncio.Task[None]"]) -> None:
    """Let what is in hand be recorded, within reason."""
    _done, late = await asyncio.wait(working, timeout=_STOP_WITHIN_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
