"""One database and its key take the place of another, so that a death at any line leaves the old or the new of both.

A restore writes down what it is about before it begins (`Journal`, in DATA_DIR). The new database grows under a name of
its own; then both change their names in one transaction. Whether that was committed decides everything: `end_exchange`
asks it, by the new database's oid, and then either sets the new key and removes the old database, or takes back what
was prepared. The restore itself ends so, and so does whoever comes first after one that was killed.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.operation.archive import sync_folder, write_private
from bot.operation.database import DatabaseError

Progress = Callable[[str], None]

_JOURNAL = "restore.json"
_LOCK = "restore.lock"
_KEY = "secret_key"
_NEW_KEY = "secret_key.restoring"
# PostgreSQL cuts names at 63 bytes, and 27 go to what tells these databases from any other.
_LONGEST_NAME = 36


@dataclass(frozen=True)
class Journal:
    """What a restore is about: names of databases, the new one's oid once it is there, a name for the former key.

    `server` tells it from any other, where it says who it is.
    """

    name: str
    new: str
    old: str
    former_key: str
    server: str | None = None
    oid: int | None = None


def make_journal(url: str, *, at: str) -> Journal:
    """Return the plan of a restore into the database of a URL; `at`, a time of 16 characters, tells it from others."""
    name = str(make_url(url).database)
    stem = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return Journal(name, f"{stem}_restoring_{at}", f"{stem}_until_{at}", f"{_KEY}.until-{at}")


def write_journal(data_dir: Path, journal: Journal) -> None:
    """Write down what is about to happen; on the disk when this returns."""
    write_private(data_dir / _JOURNAL, json.dumps(asdict(journal)))


def stage_key(data_dir: Path, key: str) -> None:
    """Lay the new key ready; on the disk when this returns."""
    write_private(data_dir / _NEW_KEY, key)


@asynccontextmanager
async def only_restore(data_dir: Path) -> AsyncIterator[None]:
    """Let one restore at a time, or who ends one that was killed, see to a data directory; the next waits."""
    with (data_dir / _LOCK).open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


async def finish_exchange(data_dir: Path, url: str, progress: Progress) -> None:
    """End a restore that was killed, this way or that; nothing to do where none was. Raises DatabaseError.

    One into another database than that of the URL is left for whoever uses that: what became of it is not known here.
    """
    if not (data_dir / _JOURNAL).exists():
        return
    async with only_restore(data_dir):
        if not (data_dir / _JOURNAL).exists():
            return
        async with administering(url) as connection:
            if elsewhere := await find_elsewhere(connection, data_dir, url):
                progress(f"database: a restore was interrupted, of another database than this one ({elsewhere!r})")
                return
            progress("database: a restore was interrupted; ending it")
            await end_exchange(connection, data_dir, progress)


async def find_elsewhere(connection: AsyncConnection, data_dir: Path, url: str) -> str | None:
    """Return the name of the database that a killed restore was about, if it is none of this server's URL; or None."""
    if not (data_dir / _JOURNAL).exists():
        return None
    journal = _read_journal(data_dir)
    server = await find_server(connection)
    is_same_server = journal.server == server or None in {journal.server, server}
    return None if is_same_server and journal.name == make_url(url).database else journal.name


async def exchange(connection: AsyncConnection, journal: Journal) -> None:
    """Let the new database have the old one's name: both renamed, or none. Raises DatabaseError while it is used."""
    try:
        await connection.exec_driver_sql("BEGIN")
        if await find_oid(connection, journal.name) is not None:
            await connection.exec_driver_sql(f"ALTER DATABASE {quote(journal.name)} RENAME TO {quote(journal.old)}")
        await connection.exec_driver_sql(f"ALTER DATABASE {quote(journal.new)} RENAME TO {quote(journal.name)}")
        await connection.exec_driver_sql("COMMIT")
    except DBAPIError as error:
        await connection.exec_driver_sql("ROLLBACK")
        raise DatabaseError(f"the database cannot be put in its place, the old one stays: {error.orig}") from None


async def end_exchange(connection: AsyncConnection, data_dir: Path, progress: Progress) -> bool:
    """Make the exchange whole if it took place, else take it back; may be done any number of times. Tells which."""
    journal = _read_journal(data_dir)
    is_new = journal.oid is not None and journal.oid == await find_oid(connection, journal.name)
    if is_new:
        progress("restore: the key")
        _set_key(data_dir, journal)
        progress("restore: removing what was there before")
        await drop_database(connection, journal.old)
    else:
        await drop_database(connection, journal.new)
        (data_dir / _NEW_KEY).unlink(missing_ok=True)
    (data_dir / _JOURNAL).unlink()
    sync_folder(data_dir)
    return is_new


def _read_journal(data_dir: Path) -> Journal:
    return Journal(**json.loads((data_dir / _JOURNAL).read_text(encoding="utf-8")))


def _set_key(data_dir: Path, journal: Journal) -> None:
    """Put the key that lies ready in its place; the former one is kept beside it: nobody could make it again."""
    new, key, former = data_dir / _NEW_KEY, data_dir / _KEY, data_dir / journal.former_key
    if not new.exists():
        return
    if key.exists() and key.read_text(encoding="utf-8").strip() != new.read_text(encoding="utf-8"):
        former.unlink(missing_ok=True)
        os.link(key, former)
    new.replace(key)
    sync_folder(data_dir)


@asynccontextmanager
async def administering(url: str) -> AsyncIterator[AsyncConnection]:
    """Connect beside the database of a URL, so that it can be renamed; each statement commits. Raises DatabaseError."""
    parts = make_url(url)
    beside = "template1" if parts.database == "postgres" else "postgres"
    engine = create_async_engine(
        parts.set(database=beside), isolation_level="AUTOCOMMIT", poolclass=NullPool, hide_parameters=True
    )
    try:
        connection = await _connect(engine)
        try:
            yield connection
        except DBAPIError as error:
            raise DatabaseError(str(error.orig)) from None
        finally:
            await connection.close()
    finally:
        await engine.dispose()


async def _connect(engine: AsyncEngine) -> AsyncConnection:
    try:
        return await engine.connect()
    except (OSError, PostgresError, SQLAlchemyError, TypeError, ValueError) as error:
        raise DatabaseError(f"the server's database {engine.url.database!r} cannot be used: {error}") from None


async def find_oid(connection: AsyncConnection, database: str) -> int | None:
    """Return what stays the same of a database when it is renamed; None where there is none of that name."""
    query = text("SELECT oid::bigint FROM pg_database WHERE datname = :name")
    oid: int | None = await connection.scalar(query, {"name": database})
    return oid


async def find_server(connection: AsyncConnection) -> str | None:
    """Return what tells a server's data from any other's; None where one may not know."""
    try:
        identifier: str = await connection.scalar(text("SELECT system_identifier::text FROM pg_control_system()"))
    except DBAPIError:
        return None
    return identifier


async def drop_database(connection: AsyncConnection, database: str) -> None:
    """Remove a database, if there is one, and whoever a killed restore left connected to it."""
    await connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quote(database)} WITH (FORCE)")


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
