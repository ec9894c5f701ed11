"""Looking: statements that stand alone, without a transaction, whose beginning and end are two trips to the database.

Several are asked for each message that a customer writes. So they are compiled once and the driver itself is asked, on
a connection of the pool: what SQLAlchemy does around a session and a statement takes longer than the answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import Dialect, PoolProxiedConnection, Select
from sqlalchemy.engine import IteratorResult, Result
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

Statement = Select[*tuple[Any, ...]]
_Process = Callable[[Any], Any]
# What SQLAlchemy calls the driver's errors; those of a kind stand before what they are a kind of.
_ERRORS: tuple[tuple[type[Exception], type[DBAPIError]], ...] = (
    (asyncpg.IntegrityConstraintViolationError, IntegrityError),
    (asyncpg.DataError, DataError),
    (asyncpg.SyntaxOrAccessError, ProgrammingError),
    (asyncpg.InterfaceError, InterfaceError),
    (asyncpg.PostgresError, DBAPIError),
)
_STATEMENTS_REMEMBERED = 64


class Look:
    """A connection on which each statement stands alone: two of them need not agree with one another."""

    def __init__(self, pooled: PoolProxiedConnection, dialect: Dialect) -> None:
        """`pooled` is in no transaction."""
        self._pooled, self._dialect = pooled, dialect

    async def execute(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> Result[Any]:
        """Ask a statement of plain columns that was built once (it is remembered). Raises SQLAlchemy's errors.

        Its columns are of types that the driver itself makes what they are in Python; what the model would fill in by
        itself must be given.
        """
        asked = _prepare(statement, self._dialect)
        with _as_sqlalchemy(asked.sql):
            rows = await self._fetch(asked.sql, asked.arrange(parameters or {}))
        return IteratorResult(SimpleResultMetaData(asked.columns), map(tuple, rows))

    async def scalar(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None where there is none."""
        return (await self.execute(statement, parameters)).scalar()

    async def _fetch(self, sql: str, values: list[Any]) -> list[asyncpg.Record]:
        driver: asyncpg.Connection[Any] = self._pooled.driver_connection
        try:
            rows: list[asyncpg.Record] = await driver.fetch(sql, *values)
        except asyncio.CancelledError:
            # The driver may have to wait for the server, however long, before it can be asked again.
            self._pooled.invalidate()
            raise
        return rows


Asking = AsyncSession | Look
"""Where a question may be asked: within a transaction, or by itself."""


@asynccontextmanager
async def look(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[Look]:
    """Yield one of the sessions' connections, for looking only or for one writing statement that needs no other.

    Whether the server has dropped a connection must be asked by the engine when it hands one out.
    """
    engine: AsyncEngine = sessions.kw["bind"]
    async with engine.connect() as connection:
        yield Look(await connection.get_raw_connection(), engine.dialect)


@dataclass(frozen=True)
class _Prepared:
    """A compiled statement, how its parameters are arranged, and the names of its columns."""

    sql: str
    constants: Mapping[str, Any]
    places: tuple[tuple[str, _Process | None], ...]
    columns: tuple[str, ...]

    def arrange(self, parameters: Mapping[str, Any]) -> list[Any]:
        given = {**self.constants, **parameters}
        return [process(given[name]) if process else given[name] for name, process in self.places]


@lru_cache(maxsize=_STATEMENTS_REMEMBERED)
def _prepare(statement: Statement, dialect: Dialect) -> _Prepared:
    compiled = statement.compile(dialect=dialect)
    types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    places = tuple((name, types[name].bind_processor(dialect)) for name in compiled.positiontup or ())
    columns = tuple(str(column.key) for column in statement.selected_columns)
    return _Prepared(compiled.string, constants, places, columns)


@contextmanager
def _as_sqlalchemy(statement: str) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy does, without parameters or details: a customer's words are in them."""
    try:
        yield
    except tuple(kind for kind, _ in _ERRORS) as error:
        named = next(named for kind, named in _ERRORS if isinstance(error, kind))
        # Of a value that fits no parameter the driver itself tells the value.
        told = getattr(error, "message", None) or type(error).__name__
        raise named(statement, None, type(error)(told)) from None
