"""What a database holds, of whatever release: its schema, its rows, whether a key opens what is sealed in it."""

import contextlib
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

import actions.models
import bot.faq.models
import bot.models
import bot.privacy.models
from bot.security.sealing import Seal
from escalation.models import Base

VERSIONS = "alembic_version"
_ALL = (actions.models, bot.models, bot.faq.models, bot.privacy.models)  # importing them registers their tables
# Where sealed texts lie. A few of each are tried: what an older key had sealed may lie among them.
_SEALED = (
    ("customers", "sealed_key", "sealed_key"),
    ("inbox", "sealed_text", "sealed_text"),
    ("shop_lookups", "sealed_digits", "sealed_digits"),
    ("messages", "survey", "convert_to(survey->>'token', 'UTF8')"),
)
_SAMPLES = 20


async def find_revision(connection: AsyncConnection) -> str | None:
    """Return the name of the state that a database is in; None if it has none of our tables."""
    if VERSIONS not in await list_tables(connection):
        return None
    revision: str | None = await connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))  # noqa: S608
    return revision


async def list_tables(connection: AsyncConnection) -> list[str]:
    """Return the names of the tables in the schema that unqualified names go to."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    return list((await connection.scalars(text(query))).all())


async def count_rows(connection: AsyncConnection) -> dict[str, int]:
    """Return how many rows each table has."""
    counts = {}
    for table in await list_tables(connection):
        counts[table] = int(await connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0)  # noqa: S608
    return counts


async def find_strangers(connection: AsyncConnection) -> list[str]:
    """Return the tables of a database that are not ours, whatever schema they lie in."""
    query = (
        "SELECT CASE schemaname WHEN current_schema() THEN tablename ELSE schemaname || '.' || tablename END "
        "FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    )
    found = (await connection.scalars(text(query))).all()
    return [name for name in found if name not in Base.metadata.tables and name != VERSIONS]


async def can_open(connection: AsyncConnection, key: str) -> bool:
    """Tell whether a key is the one that sealed what lies sealed; of a database without such, yes."""
    seal, tables = Seal(key), await list_tables(connection)
    samples: list[Any] = []
    for table, column, value in _SEALED:
        if table in tables and await _has_column(connection, table, column):
            query = f"SELECT {value} FROM {table} WHERE {value} IS NOT NULL LIMIT {_SAMPLES}"  # noqa: S608
            samples += (await connection.scalars(text(query))).all()
    return not samples or any(_opens(seal, bytes(sample)) for sample in samples)


async def _has_column(connection: AsyncConnection, table: str, column: str) -> bool:
    query = (
        "SELECT true FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = :table AND column_name = :column"
    )
    return bool(await connection.scalar(text(query), {"table": table, "column": column}))


def _opens(seal: Seal, sample: bytes) -> bool:
    with contextlib.suppress(InvalidToken):
        seal.open(sample)
        return True
    return False
