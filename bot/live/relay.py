"""Hints between the processes of one database, and who looks at what: PostgreSQL's NOTIFY carries them.

A hint is sent outside the transactions of what it tells of, on a connection of its own: a transaction that notifies
waits, at its commit, for every other that does. What comes while one is being sent is sent together. Whoever could not
be heard for a while looks at everything again.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.console.colleagues import Colleagues
from bot.live.bus import Change, InMemoryBus

log = logging.getLogger(__name__)

CHANNEL = "shouwen_hints"
COLLEAGUES_CHANNEL = "shouwen_colleagues"
NAME = "shouwen hints"
"""What PostgreSQL calls the connection (`application_name`)."""

# A notification may have 8,000 bytes; what there may be to tell of a conversation has 300 at the most.
_CONVERSATIONS_AT_ONCE = 25
# So long, what comes is sent together; nobody sees the difference, and each sending costs both sides.
_PAUSE_SECONDS = 0.05
_CONNECT_AGAIN_SECONDS = 1.0
_ASK_EVERY_SECONDS = 30.0
_ANSWER_WITHIN_SECONDS = 10.0
_LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError)


class Relay:
    """Carries a bus's hints, and what colleagues do, to the other processes, and theirs to this one."""

    def __init__(self, database_url: str, bus: InMemoryBus, colleagues: Colleagues) -> None:
        self._database_url, self._bus, self._colleagues = database_url, bus, colleagues
        self._waiting: defaultdict[UUID, set[tuple[Change, str | None]]] = defaultdict(set)
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Send and listen until cancelled; after a loss of the connection, again."""
        with self._bus.relay(self._note), self._colleagues.relay(self._woken.set):
            while True:
                try:
                    async with self._listen() as connection:
                        self._bus.wake_all()
                        self._colleagues.begin()
                        await self._send(connection)
                    log.warning("hints from other processes cannot be heard; connecting again")
                except _LOST as error:
                    log.warning("hints from other processes cannot be heard (%s); connecting again", error)
                await asyncio.sleep(_CONNECT_AGAIN_SECONDS)

    def _note(self, conversation_id: UUID, change: Change, typing: str | None) -> None:
        self._waiting[conversation_id].add((change, typing))
        self._woken.set()

    @asynccontextmanager
    async def _listen(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        named = {"server_settings": {"application_name": NAME}, "command_timeout": _ANSWER_WITHIN_SECONDS}
        engine = create_async_engine(self._database_url, poolclass=NullPool, connect_args=named)
        try:
            async with engine.connect() as pooled:
                connection: asyncpg.Connection[Any] = (await pooled.get_raw_connection()).driver_connection
                connection.add_termination_listener(self._wake)
                # Nothing that is sent need outlive a power cut. (A bouncer refuses this as a connection's parameter.)
                await connection.execute("SET synchronous_commit = off")
                await connection.add_listener(CHANNEL, self._hear)
                await connection.add_listener(COLLEAGUES_CHANNEL, self._hear_of_colleagues)
                try:
                    yield connection
                finally:
                    connection.remove_termination_listener(self._wake)
                    with suppress(*_LOST):
                        await connection.remove_listener(CHANNEL, self._hear)
                        await connection.remove_listener(COLLEAGUES_CHANNEL, self._hear_of_colleagues)
        finally:
            await engine.dispose()

    async def _send(self, connection: "asyncpg.Connection[Any]") -> None:
        """Send what is noted, until the connection is lost; what could not be sent then is kept."""
        while not connection.is_closed():
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_EVERY_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            told = self._colleagues.send()
            for payload in told:
                await connection.execute("SELECT pg_notify($1, $2)", COLLEAGUES_CHANNEL, payload)
            if not self._waiting and not told:
                # A connection that a firewall forgot looks alive until something is asked of it.
                await connection.execute("SELECT 1")
            while self._waiting:
                sent = dict(islice(self._waiting.items(), _CONVERSATIONS_AT_ONCE))
                for conversation_id in sent:
                    del self._waiting[conversation_id]
                try:
                    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, _write(sent))
                except BaseException:
                    for conversation_id, hints in sent.items():
                        self._waiting[conversation_id] |= hints
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)

    def _wake(self, _connection: object) -> None:
        self._woken.set()

    def _hear(self, connection: Any, pid: int, _channel: str, payload: object) -> None:
        if pid == connection.get_server_pid():
            return
        for conversation_id, change, typing in _read(str(payload)):
            self._bus.deliver(conversation_id, change, typing)

    def _hear_of_colleagues(self, connection: Any, pid: int, _channel: str, payload: object) -> None:
        if pid != connection.get_server_pid():
            self._colleagues.hear(str(payload))


def _write(hints: dict[UUID, set[tuple[Change, str | None]]]) -> str:
    listed = [[conversation_id.hex, *hint] for conversation_id, noted in hints.items() for hint in noted]
    return json.dumps(listed, separators=(",", ":"))


def _read(payload: str) -> Iterator[tuple[UUID, Change, str | None]]:
    """Yield the hints of a notification; anybody with the database's password may send one, so nonsense is left out."""
    try:
        for conversation_id, change, typing in json.loads(payload):
            yield UUID(conversation_id), Change(change), typing if isinstance(typing, str) else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        log.warning("a notification on %s is none of ours", CHANNEL)
