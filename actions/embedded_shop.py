"""The shop in our own database, for shops without a system of their own, and for the demo."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.embedded_commands import WHOLE_ORDER, carry_out
from actions.embedded_records import WHOLE_ORDER_ROWS, read_whole_order, to_order
from actions.models import ShopCommandResult, ShopOrder
from actions.shop import PERSONAL_DETAILS, CommandResult, Order, ShopCommand, ShopError
from escalation.looking import look
from escalation.ports import Clock, SystemClock

Asked = TypeVar("Asked")


class Sealer(Protocol):
    """Encrypts what tells something of a person."""

    def close(self, text: str) -> bytes:
        """Encrypt a text."""
        ...

    def open(self, sealed: bytes) -> str:
        """Decrypt what `close` made."""
        ...


@dataclass(frozen=True)
class TakenCommand:
    """A command that was carried out, for whoever packs and books; `details` with everything it says."""

    kind: str
    order_number: str
    details: dict[str, str]
    at: datetime


class EmbeddedShop:
    """Implements `actions.shop.Shop` on own tables. Every call is a short transaction of its own."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], clock: Clock | None = None, seal: Sealer | None = None
    ) -> None:
        """Without a seal it takes no command that tells something of a person."""
        self._sessions = sessions
        self._clock = clock or SystemClock()
        self._seal = seal

    async def find_order(self, number: str) -> Order | None:
        """Return the order, or None if there is no such number."""
        async with self._asking(look(self._sessions)) as looking:
            rows = (await looking.execute(WHOLE_ORDER_ROWS, {"number": number})).all()
            return read_whole_order(rows) if rows else None

    async def find_orders(self, customer_sub: str, *, limit: int = 10) -> list[Order]:
        """Return a signed-in customer's orders, newest first."""
        theirs = select(ShopOrder).where(ShopOrder.customer_sub == customer_sub).options(*WHOLE_ORDER)
        newest = theirs.order_by(ShopOrder.placed_at.desc(), ShopOrder.number.desc()).limit(limit)
        async with self._asking(self._sessions.begin()) as session:
            return [to_order(row) for row in await session.scalars(newest)]

    async def execute(self, command: ShopCommand) -> CommandResult:
        """Carry out a command exactly once per key; the same key again, even at the same moment, gets that result."""
        async with self._asking(self._sessions.begin()) as session:
            now = self._clock.now()
            if not await self._claim_key(session, command, now):
                return await _read_result(session, command)
            result = await carry_out(session, command, now)
            row = await session.get_one(ShopCommandResult, command.key)
            row.result = asdict(result)
            return result

    async def list_taken(self, since: datetime) -> list[TakenCommand]:
        """Return the commands carried out since an instant, oldest first."""
        done = ShopCommandResult.result["done"].as_boolean()
        taken = select(ShopCommandResult).where(ShopCommandResult.executed_at >= since, done)
        async with self._asking(self._sessions.begin()) as session:
            rows = await session.scalars(taken.order_by(ShopCommandResult.executed_at, ShopCommandResult.key))
            return [
                TakenCommand(row.kind, row.order_number, row.details | self._open(row.sealed_details), row.executed_at)
                for row in rows
            ]

    async def _claim_key(self, session: AsyncSession, command: ShopCommand, now: datetime) -> bool:
        """Insert the key; a second transaction with it waits here for the first, then finds it taken."""
        row = {
            "key": command.key,
            "kind": command.kind,
            "order_number": command.order_number,
            "details": {name: value for name, value in command.details.items() if name not in PERSONAL_DETAILS},
            "sealed_details": self._close(command.details),
            "executed_at": now,
        }
        claim = insert(ShopCommandResult).values(row).on_conflict_do_nothing().returning(ShopCommandResult.key)
        return await session.scalar(claim) is not None

    def _close(self, details: dict[str, str]) -> bytes | None:
        personal = {name: value for name, value in details.items() if name in PERSONAL_DETAILS}
        if not personal:
            return None
        if self._seal is None:
            raise ShopError("the embedded shop was opened without a key, so it keeps nothing of a person")
        return self._seal.close(json.dumps(personal, ensure_ascii=False))

    def _open(self, sealed: bytes | None) -> dict[str, str]:
        if sealed is None or self._seal is None:
            return {}
        opened: dict[str, str] = json.loads(self._seal.open(sealed))
        return opened

    @asynccontextmanager
    async def _asking(self, opened: AbstractAsyncContextManager[Asked]) -> AsyncIterator[Asked]:
        try:
            async with opened as asked:
                yield asked
        except (SQLAlchemyError, OSError) as error:
            raise ShopError(f"the embedded shop's database failed: {type(error).__name__}") from error


async def _read_result(session: AsyncSession, command: ShopCommand) -> CommandResult:
    row = await session.get_one(ShopCommandResult, command.key)
    if (row.kind, row.order_number) != (command.kind, command.order_number):
        raise ShopError(f"command key {command.key} was used for another command")
    return CommandResult(**(row.result or {}))
