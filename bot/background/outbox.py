"""The outbox at work: hand each bubble to its channel, in order within a conversation, until the channel has taken it.

Rows are claimed with SKIP LOCKED and leased, so that several processes share the work and one that dies gives it back.
The channel is spoken to outside any transaction, and what it took is recorded at once. A channel without keys for
repeats (Telegram) can be told twice only if the process dies between its answer and that record.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversation import TurnServices
from bot.models import Conversation, Message, Outbound
from bot.turn.inbox import LEASE, lock_conversation
from escalation import service

log = logging.getLogger(__name__)

# Shorter than the lease: a row is never worked on by two.
_DELIVER_WITHIN_SECONDS = 25.0
_GIVE_UP_AFTER = timedelta(days=1)
_BACK_OFF = timedelta(seconds=1)
_LONGEST_BACK_OFF = timedelta(minutes=5)
_LOOK_AGAIN_SECONDS = 5.0
_AT_ONCE = 16
_STOP_WITHIN_SECONDS = 3.0
UNREACHABLE = "unreachable"


class DeliveryError(Exception):
    """The channel has not taken it; it may later."""


class HoldError(DeliveryError):
    """The channel wants to be left alone for a time (flood control, or our access to it is broken)."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"left alone for {wait}")
        self.wait = wait


class RejectedError(DeliveryError):
    """The channel will never take this one."""


class UnreachableError(DeliveryError):
    """The customer is not to be reached there any more."""


@dataclass(frozen=True)
class Letter:
    """A bubble on its way: where to, and in which language its conversation is held."""

    message: Message
    address: str
    language: str


class Courier(Protocol):
    """A channel that must be handed what is said."""

    @property
    def channel(self) -> str:
        """Its name, as conversations have it."""

    def count_parts(self, letter: Letter) -> int:
        """How many times the channel has to be told (a long text goes in parts)."""

    async def deliver(self, letter: Letter, part: int) -> str:
        """Hand over one part; returns the channel's id for it. Raises DeliveryError."""


class Outbox:
    """Delivers what waits for one channel."""

    def __init__(self, services: TurnServices, courier: Courier, *, at_once: bool = True) -> None:
        """`courier` is the channel; one that is never told anything at once (mail) need not look at every word said."""
        self._services, self._courier, self._at_once = services, courier, at_once
        self._woken = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        self._held_until: datetime | None = None

    async def run(self) -> None:
        """Deliver whenever something was said, until cancelled; what is in hand then may still be recorded."""
        with self._services.bus.watch(self._hear) if self._at_once else contextlib.nullcontext():
            try:
                while True:
                    self._woken.clear()
                    try:
                        await self.look()
                    except Exception:
                        log.exception("the outbox could not be looked at; it will be again")
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
                            await self._woken.wait()
            finally:
                await self._stop()

    async def look(self) -> None:
        """Begin to deliver what is due, as much at once as may be."""
        free = _AT_ONCE - len(self._working)
        if free <= 0 or self._is_held():
            return
        for row in await self._claim(free):
            task = asyncio.create_task(self._take(row))
            self._working.add(task)
            task.add_done_callback(self._finished)

    async def settle(self) -> None:
        """Deliver all that is due and wait for it."""
        await self.look()
        while self._working:
            await asyncio.wait(self._working)
            await self.look()

    async def _stop(self) -> None:
        if self._working:
            _done, late = await asyncio.wait(self._working, timeout=_STOP_WITHIN_SECONDS)
            for task in late:
                task.cancel()

    def _hear(self, _conversation_id: UUID, typing: str | None) -> None:
        if typing is None:
            self._woken.set()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._woken.set()

    def _is_held(self) -> bool:
        return self._held_until is not None and self._services.clock.now() < self._held_until

    async def _claim(self, limit: int) -> list[Outbound]:
        """Lease what is due and first in its conversation: nothing overtakes what was said before it."""
        now = self._services.clock.now()
        earlier = aliased(Outbound)
        behind = select(earlier.id).where(
            earlier.conversation_id == Outbound.conversation_id,
            earlier.id < Outbound.id,
            earlier.sent_at.is_(None),
            earlier.dead_at.is_(None),
        )
        due = select(Outbound.id).where(
            Outbound.channel == self._courier.channel,
            Outbound.sent_at.is_(None),
            Outbound.dead_at.is_(None),
            Outbound.next_attempt_at <= now,
            ~behind.exists(),
        )
        claimed = due.order_by(Outbound.next_attempt_at).limit(limit).with_for_update(skip_locked=True)
        taking = (
            update(Outbound)
            .where(Outbound.id.in_(claimed.scalar_subquery()))
            .values(attempts=Outbound.attempts + 1, next_attempt_at=now + LEASE)
            .returning(Outbound)
        )
        async with self._services.sessions.begin() as session:
            rows = list(await session.scalars(taking))
            session.expunge_all()
        return rows

    async def _take(self, row: Outbound) -> None:
        try:
            await self._deliver(row)
        except Exception:
            # The database is away, most likely: the lease runs out and the row is found again.
            log.exception("a delivery could not be recorded; it stays in the outbox")

    async def _deliver(self, row: Outbound) -> None:
        """Hand over what is left of one bubble, and keep what came of it."""
        letter = await self._load(row)
        try:
            for part in range(len(row.external_ids), self._courier.count_parts(letter)):
                async with asyncio.timeout(_DELIVER_WITHIN_SECONDS):
                    taken = await self._courier.deliver(letter, part)
                await self._services.observer.reached("delivered")
                row.external_ids = [*row.external_ids, taken]
                lease = self._services.clock.now() + LEASE
                await self._record(row, external_ids=row.external_ids, next_attempt_at=lease)
        except HoldError as hold:
            await self._hold(row, hold.wait)
        except UnreachableError:
            await self._lose_customer(row)
        except RejectedError as error:
            log.error("message %s cannot be delivered by %s: %s", row.message_id, row.channel, error)  # noqa: TRY400
            await self._record(row, dead_at=self._services.clock.now(), fault=str(error)[:200])
        except (DeliveryError, TimeoutError) as error:
            await self._put_off(row, str(error) or "no answer in time")
        else:
            await self._record(row, sent_at=self._services.clock.now())
            await self._services.observer.reached("delivery_recorded")

    async def _load(self, row: Outbound) -> Letter:
        async with self._services.sessions() as session:
            message = await session.get_one(Message, row.message_id)
            conversation = await session.get_one(Conversation, row.conversation_id)
        return Letter(message, conversation.address or "", conversation.language)

    async def _record(self, row: Outbound, **values: object) -> None:
        async with self._services.sessions.begin() as session:
            await session.execute(update(Outbound).where(Outbound.id == row.id).values(**values))

    async def _hold(self, row: Outbound, wait: timedelta) -> None:
        """Leave the whole channel alone as long as it wants; that was no failed try."""
        self._held_until = self._services.clock.now() + wait
        asyncio.get_running_loop().call_later(wait.total_seconds(), self._woken.set)
        log.warning("%s wants to be left alone for %s s", row.channel, wait.total_seconds())
        await self._record(row, attempts=Outbound.attempts - 1, next_attempt_at=self._held_until)

    async def _put_off(self, row: Outbound, fault: str) -> None:
        now = self._services.clock.now()
        if now - row.created_at > _GIVE_UP_AFTER:
            log.error("message %s is given up after a day: %s", row.message_id, fault)
            await self._record(row, dead_at=now, fault=fault[:200])
            return
        wait = min(_BACK_OFF * 2 ** min(row.attempts - 1, 10), _LONGEST_BACK_OFF)
        asyncio.get_running_loop().call_later(wait.total_seconds(), self._woken.set)
        log.warning("message %s was not taken by %s (try %d): %s", row.message_id, row.channel, row.attempts, fault)
        await self._record(row, next_attempt_at=now + wait)

    async def _lose_customer(self, row: Outbound) -> None:
        async with self._services.sessions.begin() as session:
            await lose_customer(session, row.conversation_id, self._services, now=self._services.clock.now())
        self._services.bus.hint(row.conversation_id)


async def lose_customer(session: AsyncSession, conversation_id: UUID, services: TurnServices, *, now: datetime) -> None:
    """The customer is not to be reached any more: what waits is kept aside, and the owner of their case is told."""
    conversation = await lock_conversation(session, conversation_id)
    waiting = update(Outbound).where(
        Outbound.conversation_id == conversation_id, Outbound.sent_at.is_(None), Outbound.dead_at.is_(None)
    )
    await session.execute(waiting.values(dead_at=now, fault=UNREACHABLE))
    if conversation.unreachable_at is None:
        conversation.unreachable_at = now
        await service.record_reachability(
            session, conversation_id=conversation_id, reachable=False, levels=services.levels, now=now
        )


async def regain_customer(
    session: AsyncSession, conversation_id: UUID, services: TurnServices, *, now: datetime
) -> None:
    """The customer is back: what was kept aside goes out now."""
    conversation = await lock_conversation(session, conversation_id)
    if conversation.unreachable_at is None:
        return
    conversation.unreachable_at = None
    kept = update(Outbound).where(Outbound.conversation_id == conversation_id, Outbound.fault == UNREACHABLE)
    await session.execute(kept.values(dead_at=None, fault=None, next_attempt_at=now))
    await service.record_reachability(
        session, conversation_id=conversation_id, reachable=True, levels=services.levels, now=now
    )


async def replay_dead(session: AsyncSession, *, now: datetime, message_id: UUID | None = None) -> int:
    """Try again what was given up: one message, or all; returns how many. The caller commits."""
    dead = update(Outbound).where(Outbound.dead_at.is_not(None), Outbound.sent_at.is_(None))
    if message_id is not None:
        dead = dead.where(Outbound.message_id == message_id)
    again = dead.values(dead_at=None, fault=None, attempts=0, created_at=now, next_attempt_at=now)
    return len((await session.scalars(again.returning(Outbound.id))).all())
