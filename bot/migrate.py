"""Bring a database to this release's tables (Alembic, in `migrations/`)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

_FOLDER = Path(__file__).parent / "migrations"
# Any number, the same in every process: two starts at a time migrate one after the other.
_LOCK = 7_241_936


async def upgrade_database(url: str) -> None:
    """Apply the migrations that are missing, all or none."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def list_revisions() -> list[str]:
    """Return the names of all states a database can be in that this release knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(make_config()).walk_revisions()]


def make_config(connection: Connection | None = None) -> Config:
    """Return Alembic's settings; `connection` is the one to migrate on."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(make_config(connection), "head")
