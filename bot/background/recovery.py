"""What must happen although nobody asks: messages whose turn died, shop commands that wait, requests to look up.

All are rows, claimed with SKIP LOCKED so that several processes share the work, and leased so that a process that
dies with one gives it back when the lease expires, never earlier.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import CommandResult, ShopCommand, ShopError
from bot.background.due_rows import claim_due
from bot.background.looking_up import Lookups
from bot.conversation import Turns, TurnServices
from bot.models import Inbound, ShopCommandRow
from bot.turn.inbox import LEASE, insert_event
from bot.turn.private import SEALED, open_private

log = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 5.0
_BATCH = 50
_BACK_OFF = timedelta(seconds=2)
_LONGEST_BACK_OFF = timedelta(minutes=5)
# A customer who was told that the shop does it now waits so long without another word.
_TOLD_AFTER = timedelta(minutes=1)


class Recovery:
    """Picks up abandoned messages, and carries out shop commands once each.

    None of these waits for another: a shop that is slow to cancel one order keeps nobody else waiting.
    """

    def __init__(self, services: TurnServices, turns: Turns) -> None:
        """Work with the turns' own services, and wake their conversations."""
        self._services = services
        self._turns = turns
        self._lookups = Lookups(services, turns)
        self._in_hand = set[asyncio.Task[None]]()
        self._on_command, self._on_lookup = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Look every five seconds, and at once when a command was written; until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass_on())
            group.create_task(_repeat(self._wake_abandoned, asyncio.Event()))
            group.create_task(_repeat(lambda: self._take_commands(group), self._on_command))
            group.create_task(_repeat(self._lookups.look, self._on_lookup))

    async def _pass_on(self) -> None:
        """Tell both who ask the shop that something was written."""
        while True:
            await self._turns.on_command.wait()
            self._turns.on_command.clear()
            self._on_command.set()
            self._on_lookup.set()

    async def _wake_abandoned(self) -> None:
        for conversation_id in await self._claim_abandoned():
            self._turns.wake(conversation_id)

    async def _take_commands(self, group: asyncio.TaskGroup) -> None:
        """Begin what is due, up to so many at a time; who has done one looks again."""
        if room := _BATCH - len(self._in_hand):
            for row in await self._claim_commands(room):
                task = group.create_task(self._try(row))
                self._in_hand.add(task)
                task.add_done_callback(self._let_go)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self._on_command.set()

    async def _try(self, row: ShopCommandRow) -> None:
        try:
            await self._execute(row)
        except Exception:
            log.exception("shop command %s was not recorded; it is tried again once its lease has expired", row.key)

    async def _claim_abandoned(self) -> set[UUID]:
        """Take over messages whose lease has expired; each taking counts as a try."""
        now = self._services.clock.now()
        expired = select(Inbound.id).where(Inbound.handled_at.is_(None), Inbound.lease_until < now)
        claimed = expired.order_by(Inbound.lease_until).limit(_BATCH).with_for_update(skip_locked=True)
        taking = (
            update(Inbound)
            .where(Inbound.id.in_(claimed.scalar_subquery()))
            .values(attempts=Inbound.attempts + 1, lease_until=now + LEASE)
            .returning(Inbound.conversation_id)
        )
        async with self._services.sessions.begin() as session:
            return set((await session.execute(taking)).scalars())

    async def _claim_commands(self, limit: int) -> list[ShopCommandRow]:
        services = self._services
        commands = await claim_due(services.sessions, ShopCommandRow, limit=limit, now=services.clock.now())
        if commands:
            await services.observer.reached("command_claimed")
        return commands

    async def _execute(self, row: ShopCommandRow) -> None:
        """Ask the shop; its answer becomes an inbound event with a turn of its own."""
        command = ShopCommand(row.key, row.kind, row.order_number, self._details(row))
        try:
            result = await self._services.shop.execute(command)
        except ShopError as error:
            log.warning("shop command %s (%s) failed, try %d: %s", row.key, row.kind, row.attempts, error)
            await self._put_off(row)
            return
        await self._services.observer.reached("command_executed")
        async with self._services.sessions.begin() as session:
            await self._record(session, row, result)
        await self._services.observer.reached("command_recorded")
        self._turns.wake(row.conversation_id)

    def _details(self, row: ShopCommandRow) -> dict[str, str]:
        """Return all that a command says; what cannot be opened any more is left out, and the shop refuses it."""
        sealed = {SEALED: row.sealed_details.decode()} if row.sealed_details else {}
        return open_private({**row.details, **sealed}, self._services.seal)

    async def _put_off(self, row: ShopCommandRow) -> None:
        """Try again later; once the customer has waited long enough, a turn of its own tells them."""
        now = self._services.clock.now()
        wait = min(_BACK_OFF * 2 ** min(row.attempts - 1, 10), _LONGEST_BACK_OFF)
        late = row.delayed_at is None and now - (row.confirmed_at or row.created_at) >= _TOLD_AFTER
        values: dict[str, object] = {"next_attempt_at": now + wait, **({"delayed_at": now} if late else {})}
        async with self._services.sessions.begin() as session:
            kept = update(ShopCommandRow).where(ShopCommandRow.key == row.key, ShopCommandRow.done_at.is_(None))
            noted = await session.scalar(kept.values(values).returning(ShopCommandRow.key))
            if late and noted:
                event = {"kind": row.kind, "order_number": row.order_number, "ticket": row.ticket_number}
                await session.execute(insert_event(row.conversation_id, "delay", f"{row.key}/delayed", event, now=now))
        if late:
            self._turns.wake(row.conversation_id)

    async def _record(self, session: AsyncSession, row: ShopCommandRow, result: CommandResult) -> None:
        now = self._services.clock.now()
        answer = {"done": result.done, "reason": result.reason, "details": result.details}
        done = update(ShopCommandRow).where(ShopCommandRow.key == row.key, ShopCommandRow.done_at.is_(None))
        noted = await session.scalar(done.values(done_at=now, result=answer).returning(ShopCommandRow.key))
        if noted is None:
            return  # by another process, or its customer is erased meanwhile
        event = {
            "kind": row.kind, "order_number": row.order_number, "ticket": row.ticket_number,
            "delayed": row.delayed_at is not None, **answer,
        }  # fmt: skip
        await session.execute(insert_event(row.conversation_id, "command", row.key, event, now=now))


async def _repeat(look: Callable[[], Awaitable[None]], wake: asyncio.Event) -> None:
    """Look at once, then every five seconds and whenever woken; what fails is tried again."""
    while True:
        wake.clear()
        try:
            await look()
        except Exception:
            log.exception("recovery could not look; it will again")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
                await wake.wait()
