"""`shouwen restore`: put a backup in the place of what is there, whole and looked over before, or not at all.

The file is checked first. Its database is read into a new one, counted against the manifest, brought to this release,
and its audit log verified, while the old one stands untouched; then they change places (`bot.operation.exchange`).
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.app import make_engine
from bot.migrate import list_revisions, upgrade_database
from bot.operation.archive import DATABASE, FILES, KEY, Archive, open_archive
from bot.operation.contents import VERSIONS, can_open, count_rows, find_strangers
from bot.operation.database import DatabaseError, held_database
from bot.operation.exchange import (
    Journal,
    administering,
    end_exchange,
    exchange,
    find_oid,
    finish_exchange,
    make_journal,
    only_restore,
    quote,
    stage_key,
    write_journal,
)
from bot.operation.postgres_programs import load
from bot.settings import PREFIX, Settings
from escalation import audit
from escalation.anchors import verify_anchors

Progress = Callable[[str], None]

_TOLD_TABLES = ("people", "customers", "conversations", "messages", "tickets")


class RestoreError(RuntimeError):
    """The backup is not restored, and nothing has changed; the message says why."""


@dataclass(frozen=True)
class Restored:
    """What was restored. `rows` by table; `files` where the shop's own files lie; `unset` which settings it had."""

    made_at: datetime
    rows: dict[str, int]
    files: dict[str, Path]
    unset: list[str]


@dataclass(frozen=True)
class _Place:
    """Where it goes: the database's URL, and a connection beside it."""

    settings: Settings
    connection: AsyncConnection
    url: str


async def restore_backup(settings: Settings, path: Path, *, force: bool, at: datetime, progress: Progress) -> Restored:
    """Put a backup in the place of what is there (`force`: even of data); returns what it was.

    Raises ArchiveError, RestoreError and DatabaseError, with everything as it was before.
    """
    with open_archive(path) as archive:
        progress(f"restore: checking {path}")
        await asyncio.to_thread(archive.check)
        _check_release(archive, path)
        key = archive.read(KEY).decode()
        _check_key(settings, key)
        _check_owner(settings.data_dir)
        async with _holding(settings, progress) as url:
            await finish_exchange(settings.data_dir, url, progress)
            async with only_restore(settings.data_dir), administering(url) as connection:
                await _take_place(connection, url, force=force)
                place = _Place(settings, connection, url)
                files = await _replace(place, archive, key=key, at=at, progress=progress)
        manifest = archive.manifest
        return Restored(manifest.made_at, manifest.tables, files, _find_unset(settings, manifest.settings))


def _check_release(archive: Archive, path: Path) -> None:
    manifest = archive.manifest
    if manifest.schema_revision not in (known := list_revisions()):
        raise RestoreError(
            f"{path} was made by release {manifest.version}, whose database (schema {manifest.schema_revision}) this "
            f"release does not know (up to {known[0]}): install that release, or a newer one"
        )


def _check_key(settings: Settings, key: str) -> None:
    """What the database has sealed must open with the key that the app will use."""
    if settings.secret_key and settings.secret_key.get_secret_value() != key:
        raise RestoreError(
            f"{PREFIX}SECRET_KEY is set, and is not the backup's: what is sealed in it could not be opened. "
            "Unset it: the backup's key is then put into DATA_DIR"
        )


def _check_owner(data_dir: Path) -> None:
    """What is put there must be the app's to read."""
    if data_dir.exists() and data_dir.stat().st_uid != os.geteuid():
        raise RestoreError(f"{data_dir} belongs to {data_dir.owner()}: restore as that user, as whom the app runs")


@asynccontextmanager
async def _holding(settings: Settings, progress: Progress) -> AsyncIterator[str]:
    """Yield the database's URL: the operator's, or the embedded one, which nobody else uses meanwhile."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    async with held_database(settings.data_dir, progress) as url:
        yield url


async def _take_place(connection: AsyncConnection, url: str, *, force: bool) -> None:
    """Be the only restore there. Raises RestoreError where the place is in use, or is not ours, or has data in it."""
    name = str(make_url(url).database)
    lock = text("SELECT pg_try_advisory_lock(hashtextextended('shouwen restore ' || :name, 0))")
    if not await connection.scalar(lock, {"name": name}):
        raise RestoreError(f"another restore into the database {name!r} is under way")
    users = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND usesysid IS NOT NULL")
    if count := await connection.scalar(users, {"name": name}):
        raise RestoreError(f"the database {name!r} is in use ({count} connections): stop the app, everywhere, first")
    if await find_oid(connection, name) is None:
        return
    async with _looking_into(url) as inside:
        if strangers := await find_strangers(inside):
            what = ", ".join(strangers[:5])
            raise RestoreError(f"the database {name!r} has other tables too ({what}): give shouwen one of its own")
        counts = {} if force else await count_rows(inside)
    if any(count for table, count in counts.items() if table != VERSIONS):
        told = describe_rows(counts)
        raise RestoreError(f"there is data already ({told}): --force puts the backup in its place, and removes it")


async def _replace(place: _Place, archive: Archive, *, key: str, at: datetime, progress: Progress) -> dict[str, Path]:
    """Build the new database, look it over, and let it take the old one's place; returns where the shop's files lie."""
    journal = make_journal(place.url, at=f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    data_dir = place.settings.data_dir
    try:
        write_journal(data_dir, journal)
        if not place.settings.secret_key:
            stage_key(data_dir, key)
        journal = await _create(place.connection, journal)
        write_journal(data_dir, journal)
        new_url = make_url(place.url).set(database=journal.new).render_as_string(hide_password=False)
        await _fill(archive, new_url, progress)
        await _look_over(archive, new_url, key=key, progress=progress)
        files = _keep_files(place.settings, archive)
        progress("restore: the new database takes its place")
        await exchange(place.connection, journal)
    except BaseException:
        # The fault is what counts: what cannot be tidied now is when the database is used next.
        with suppress(DBAPIError, DatabaseError, OSError):
            await end_exchange(place.connection, data_dir, progress)
        raise
    try:
        await end_exchange(place.connection, data_dir, progress)
    except (DBAPIError, OSError) as error:
        raise DatabaseError(f"it is restored, but for the last step, which any other command takes: {error}") from None
    return files


async def _create(connection: AsyncConnection, journal: Journal) -> Journal:
    try:
        await connection.exec_driver_sql(f"CREATE DATABASE {quote(journal.new)} TEMPLATE template0 ENCODING 'UTF8'")
    except DBAPIError as error:
        raise RestoreError(
            f"no new database can be made beside the old one: {error.orig} (the user of {PREFIX}DATABASE_URL must own "
            "its database and have the right CREATEDB)"
        ) from None
    return replace(journal, oid=await find_oid(connection, journal.new))


async def _fill(archive: Archive, url: str, progress: Progress) -> None:
    manifest = archive.manifest
    size = manifest.parts[DATABASE].bytes
    progress(f"restore: the database, {sum(manifest.tables.values()):,} rows ({size / 1e6:,.1f} MB)")
    async with _looking_into(url) as connection:
        await connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quote(manifest.schema_name)}")
        await connection.commit()
    with archive.open(DATABASE) as dump:
        try:
            await asyncio.to_thread(load, url, dump, manifest.schema_name, size=size, progress=progress)
        except DatabaseError as error:
            raise RestoreError(f"its database cannot be read in: {error}") from None


async def _look_over(archive: Archive, url: str, *, key: str, progress: Progress) -> None:
    """Find out whether all is there, and fit for this release. Raises RestoreError."""
    async with _looking_into(url) as connection:
        progress("restore: counting the rows of each table")
        counts, wanted = await count_rows(connection), archive.manifest.tables
        for table in sorted({*counts, *wanted}):
            if counts.get(table) != wanted.get(table):
                raise RestoreError(f"table {table}: {counts.get(table)} rows were restored of {wanted.get(table)}")
        if not await can_open(connection, key):
            raise RestoreError("the backup's key does not open what is sealed in its database")
    progress("restore: bringing it to this release")
    await upgrade_database(url)
    async with _looking_into(url) as connection:
        progress("restore: verifying the audit log")
        session = AsyncSession(connection)
        if broken := await audit.verify(session) or await verify_anchors(session):
            raise RestoreError(f"its audit log is broken at {broken}")
        await session.close()
    await _analyze(url)


async def _analyze(url: str) -> None:
    """Let the server know its tables, else the first customers wait for bad plans."""
    async with _looking_into(url) as connection:
        await connection.exec_driver_sql("ANALYZE")
        await connection.commit()


@asynccontextmanager
async def _looking_into(url: str) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise DatabaseError(f"the database cannot be read: {error.orig}") from None
    finally:
        await engine.dispose()


def _keep_files(settings: Settings, archive: Archive) -> dict[str, Path]:
    """Lay the shop's own files where settings can name them, unless these name the same already."""
    kept = {}
    folder = settings.data_dir / f"restored-{archive.manifest.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for setting, name in FILES.items():
        if not archive.has(name):
            continue
        content, standing = archive.read(name), getattr(settings, setting)
        if standing is None or standing.read_bytes() != content:
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
            kept[f"{PREFIX}{setting.upper()}"] = folder / name
    return kept


def _find_unset(settings: Settings, there: list[str]) -> list[str]:
    """Return the settings that were set where the backup was made and are not here, but for what was restored."""
    here = {f"{PREFIX}{name.upper()}" for name in settings.model_fields_set}
    told = {f"{PREFIX}{name.upper()}" for name in (*FILES, "secret_key", "data_dir", "database_url")}
    return [name for name in there if name not in here | told]


def describe_rows(rows: dict[str, int]) -> str:
    """Return in words how much there is of what counts."""
    told = [f"{table} {rows[table]:,}" for table in _TOLD_TABLES if rows.get(table)]
    return ", ".join(told) or f"rows {sum(rows.values()):,}"
