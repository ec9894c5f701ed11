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
from zipfile import is_zipfile

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

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
    find_elsewhere,
    find_oid,
    find_server,
    finish_exchange,
    make_journal,
    only_restore,
    quote,
    stage_key,
    write_journal,
)
from bot.operation.postgres_programs import load
from bot.privacy.erasing import Eraser
from bot.privacy.ledger import NAME as ERASURES
from bot.privacy.ledger import Erased, LedgerError, find_in_database, join, load_ledger, note_erased, read_ledger
from bot.settings import PREFIX, Settings
from escalation import audit
from escalation.anchors import verify_anchors
from escalation.ports import SystemClock

Progress = Callable[[str], None]

_TOLD_TABLES = ("people", "customers", "conversations", "messages", "tickets")


class RestoreError(RuntimeError):
    """The backup is not restored, and nothing has changed; the message says why."""


@dataclass(frozen=True)
class Restored:
    """What was restored. `rows` by table; `files` where the shop's own files lie; `unset` which settings it had.

    `erased`: how many people were erased since, and are so now; None where no list was there that could tell.
    """

    made_at: datetime
    rows: dict[str, int]
    files: dict[str, Path]
    unset: list[str]
    erased: int | None = None


@dataclass(frozen=True)
class _Place:
    """Where it goes: the database's URL, and a connection beside it. `erased`: who was, as is known there."""

    settings: Settings
    connection: AsyncConnection
    url: str
    erased: list[Erased]


@dataclass(frozen=True)
class _Done:
    """What a replacement came to: where the shop's own files lie, and how many people were erased again."""

    files: dict[str, Path]
    erased: int


async def restore_backup(
    settings: Settings,
    path: Path,
    *,
    force: bool,
    at: datetime,
    progress: Progress,
    erasures: Path | None = None,
) -> Restored:
    """Put a backup in the place of what is there (`force`: even of data); returns what it was.

    Who was erased since it was made is erased in it before it takes its place: as the place knows, and `erasures` (a
    list, or a newer backup) tells. Raises ArchiveError, RestoreError and DatabaseError, with everything as it was
    before.
    """
    with open_archive(path) as archive:
        progress(f"restore: checking {path}")
        await asyncio.to_thread(archive.check)
        _check_release(archive, path)
        key = archive.read(KEY).decode()
        _check_key(settings, key)
        _check_owner(settings.data_dir)
        told = await asyncio.to_thread(_read_erasures, erasures)
        async with _holding(settings, progress) as url:
            await finish_exchange(settings.data_dir, url, progress)
            async with only_restore(settings.data_dir), administering(url) as connection:
                await _check_journal(settings.data_dir, connection, url)
                await _take_place(connection, url, force=force)
                here = await _find_erased(settings, connection, url)
                place = _Place(settings, connection, url, join(told or (), here))
                done = await _replace(place, archive, key=key, at=at, progress=progress)
        manifest = archive.manifest
        is_known = told is not None or bool(here)
        return Restored(
            manifest.made_at,
            manifest.tables,
            done.files,
            _find_unset(settings, manifest.settings),
            done.erased if is_known else None,
        )


def _read_erasures(path: Path | None) -> list[Erased] | None:
    """Return what a list says, or a newer backup; None where there is none. Raises RestoreError, ArchiveError."""
    if path is None:
        return None
    try:
        if not is_zipfile(path):
            return read_ledger(path.read_text(encoding="utf-8"), name=str(path))
        with open_archive(path) as archive:
            archive.check()
            return read_ledger(archive.read(ERASURES).decode(), name=str(path)) if archive.has(ERASURES) else []
    except (LedgerError, OSError, UnicodeDecodeError) as error:
        raise RestoreError(f"the erasures of {path} cannot be read: {error}") from None


async def _find_erased(settings: Settings, connection: AsyncConnection, url: str) -> list[Erased]:
    """Return who was erased, as the place knows: by its own list, and by the database that is to be replaced."""
    try:
        known = load_ledger(settings.data_dir)
    except LedgerError as error:
        raise RestoreError(f"who was erased cannot be told, and would be back: {error}") from None
    if await find_oid(connection, str(make_url(url).database)) is None:
        return known
    async with _looking_into(url) as inside:
        return join(known, await find_in_database(inside))


async def _check_journal(data_dir: Path, connection: AsyncConnection, url: str) -> None:
    """One thing at a time is written down in a data directory."""
    if name := await find_elsewhere(connection, data_dir, url):
        raise RestoreError(
            f"a restore into another database ({name!r}) was interrupted: end it first, with any command and the "
            "settings that it had"
        )


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


async def _replace(place: _Place, archive: Archive, *, key: str, at: datetime, progress: Progress) -> _Done:
    """Build the new database, look it over, and let it take the old one's place."""
    planned = make_journal(place.url, at=f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    journal = replace(planned, server=await find_server(place.connection))
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
        erased = await _erase_again(place, new_url, progress)
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
    return _Done(files, erased)


async def _erase_again(place: _Place, url: str, progress: Progress) -> int:
    """Erase in the new database who was erased since; returns how many. The list of the place has them all after."""
    async with _looking_into(url) as connection:
        in_backup = await find_in_database(connection)
    await asyncio.to_thread(note_erased, place.settings.data_dir, join(place.erased, in_backup))
    if not place.erased:
        return 0
    progress("restore: erasing who was erased since")
    engine = make_engine(url)
    try:
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        eraser = Eraser(sessions, None, SystemClock())
        return sum([await eraser.apply(one) for one in place.erased])
    finally:
        await engine.dispose()


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
