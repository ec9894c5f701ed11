"""Looking: statements that stand alone, without a transaction, whose beginning and end are two trips to the database.

Several are asked for each message that a customer writes. So they are compiled once and the driver itself is asked:
what SQLAlchemy does around a session and a statement takes five times as long as the answer.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import JSON, Dialect, Select
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

    def __init__(self, connection: "asyncpg.Connection[Any]", dialect: Dialect) -> None:
        """`connection` is the driver's own, in no transaction."""
        self._connection, self._dialect = connection, dialect

    async def execute(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> Result[Any]:
        """Ask a statement of plain columns that was built once (it is remembered). Raises SQLAlchemy's errors.

        What the model would fill in by itself must be given.
        """
        asked = _prepare(statement, self._dialect)
        with _as_sqlalchemy(asked.sql):
            rows = await self._connection.fetch(asked.sql, *asked.arrange(parameters or {}))
        return IteratorResult(SimpleResultMetaData(asked.columns), asked.read(rows))

    async def scalar(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None where there is none."""
        return (await self.execute(statement, parameters)).scalar()


Asking = AsyncSession | Look
"""Where a question may be asked: within a transaction, or by itself."""


@asynccontextmanager
async def look(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[Look]:
    """Yield one of the sessions' connections, for looking only or for one writing statement that needs no other."""
    engine: AsyncEngine = sessions.kw["bind"]
    with _as_sqlalchemy(None):
        pooled = await engine.raw_connection()
    try:
        yield Look(pooled.driver_connection, engine.dialect)
    finally:
        pooled.close()


@dataclass(frozen=True)
class _Prepared:
    """A compiled statement: how its parameters are arranged, and how its rows are read."""

    sql: str
    constants: Mapping[str, Any]
    places: tuple[tuple[str, _Process | None], ...]
    columns: tuple[str, ...]
    readers: tuple[tuple[int, _Process], ...]

    def arrange(self, parameters: Mapping[str, Any]) -> list[Any]:
        given = {**self.constants, **parameters}
        return [process(given[name]) if process else given[name] for name, process in self.places]

    def read(self, rows: list[asyncpg.Record]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            values = list(row)
            for place, process in self.readers:
                values[place] = process(values[place])
            yield tuple(values)


@lru_cache(maxsize=_STATEMENTS_REMEMBERED)
def _prepare(statement: Statement, dialect: Dialect) -> _Prepared:
    compiled = statement.compile(dialect=dialect)
    types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    places = tuple((name, types[name].bind_processor(dialect)) for name in compiled.positiontup or ())
    columns = statement.selected_columns
    # The driver makes everything else of a row what it is in Python.
    readers = (
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(columns)
        if isinstance(column.type, JSON)
    )
    read = tuple((place, reader) for place, reader in readers if reader is not None)
    return _Prepared(compiled.string, constants, places, tuple(str(column.key) for column in columns), read)


@contextmanager
def _as_sqlalchemy(statement: str | None) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy does, without parameters or details: a customer's words are in them."""
    try:
        yield
    except tuple(kind for kind, _ in _ERRORS) as error:
        named = next(named for kind, named in _ERRORS if isinstance(error, kind))
        raise named(statement, None, type(error)(error.args[0])) from None
