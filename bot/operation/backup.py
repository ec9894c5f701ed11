"""`shouwen backup`: all that is needed to stand the shop up elsewhere, in one file, while the app runs or not.

Everything in the database is taken as one snapshot shows it: pg_dump and the rows that the manifest counts. Attachments
lie in the database. What DATA_DIR holds besides (the trained models, the FAQ's vectors, the embedded server's password)
is made again where it is missing, but for SECRET_KEY; settings themselves are named, never copied.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import make_engine
from bot.operation.archive import DATABASE, FILES, KEY, PART, ArchiveWriter, Manifest, open_archive, writing_whole
from bot.operation.contents import can_open, count_rows, find_revision
from bot.operation.database import DatabaseError, EmbeddedPostgres
from bot.operation.postgres_programs import check_server, dump
from bot.operation.serving import reach_database
from bot.privacy.ledger import NAME as ERASURES
from bot.privacy.ledger import find_in_database, join, load_ledger, write_ledger
from bot.settings import PREFIX, Settings, read_secret_key

Progress = Callable[[str], None]


class BackupError(RuntimeError):
    """No backup can be made of this; the message says why."""


@dataclass(frozen=True)
class _Snapshot:
    """The database at one moment. `id` lets others see the same as long as the connection stays."""

    connection: AsyncConnection
    id: str
    schema: str
    server: int


async def make_backup(settings: Settings, target: Path, *, force: bool, at: datetime, progress: Progress) -> Path:
    """Write a backup to a file, or into a folder under a name that tells the time; returns its path.

    Raises BackupError, ArchiveError and DatabaseError, with nothing written, and what was there before still there.
    """
    path = _choose_name(target, at)
    if not settings.database_url and not EmbeddedPostgres(settings.data_dir).is_set_up():
        raise BackupError(
            f"there is nothing to back up in {settings.data_dir}: is {PREFIX}DATA_DIR the app's, and you its user?"
        )
    with writing_whole(path, force=force) as file:
        async with reach_database(settings, progress) as url:
            with ArchiveWriter(file, at) as archive:
                await _write(settings, url, archive, at=at, progress=progress)
        file.flush()
        progress("backup: checking what was written")
        with open_archive(path.parent / PART) as written:
            await asyncio.to_thread(written.check)
    return path


def _choose_name(target: Path, at: datetime) -> Path:
    return target / f"shouwen-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target


async def _write(settings: Settings, url: str, archive: ArchiveWriter, *, at: datetime, progress: Progress) -> None:
    async with _snapshot(url) as shot:
        revision = await find_revision(shot.connection)
        if revision is None:
            raise BackupError("there is nothing to back up: the database has no tables of shouwen")
        archive.add(KEY, (await _find_key(settings, shot)).encode())
        for name, content in _read_files(settings):
            archive.add(name, content)
        erased = join(load_ledger(settings.data_dir), await find_in_database(shot.connection))
        archive.add(ERASURES, write_ledger(erased).encode())
        progress("backup: counting the rows of each table")
        counts = await count_rows(shot.connection)
        progress(f"backup: the database, {sum(counts.values()):,} rows")
        with archive.part(DATABASE) as write:
            await asyncio.to_thread(dump, url, shot.id, shot.schema, write=write, progress=progress)
        archive.end(
            Manifest(
                version=version("shouwen"),
                schema_revision=revision,
                schema_name=shot.schema,
                made_at=at,
                postgres=shot.server,
                tables=counts,
                settings=sorted(f"{PREFIX}{name.upper()}" for name in settings.model_fields_set),
            )
        )


@asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[_Snapshot]:
    """Hold a snapshot of the database while the block runs. Raises DatabaseError."""
    engine = make_engine(url)
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for patience in ("idle_in_transaction_session_timeout", "statement_timeout"):
                await connection.exec_driver_sql(f"SET LOCAL {patience} = 0")
            query = (
                "SELECT pg_export_snapshot() AS id, current_schema() AS schema, "
                "current_setting('server_version_num')::int / 10000 AS server"
            )
            shot = _Snapshot(connection, **(await connection.exec_driver_sql(query)).mappings().one())
            check_server(shot.server)
            yield shot
    except DBAPIError as error:
        raise DatabaseError(f"the database cannot be read: {error.orig}") from None
    finally:
        await engine.dispose()


def _read_files(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Return the shop's own files, by their names in a backup. Raises BackupError."""
    for setting, name in FILES.items():
        path: Path | None = getattr(settings, setting)
        if path is None:
            continue
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise BackupError(f"{PREFIX}{setting.upper()}: {path} cannot be read: {error.strerror}") from None


async def _find_key(settings: Settings, shot: _Snapshot) -> str:
    """Return the key in force. Raises BackupError where there is none, or where it is not what sealed the data."""
    if not settings.secret_key and not (settings.data_dir / "secret_key").exists():
        raise BackupError(
            f"there is no {PREFIX}SECRET_KEY, neither set nor in {settings.data_dir} (the app's first start makes "
            "one): set what the app has set"
        )
    key = read_secret_key(settings)
    if not await can_open(shot.connection, key):
        where = "that is set" if settings.secret_key else f"in {settings.data_dir}"
        raise BackupError(
            f"the {PREFIX}SECRET_KEY {where} is not what the data was sealed with: set what the app has set"
        )
    return key
