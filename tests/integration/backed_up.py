"""Shops that are backed up and restored, on databases of the tests' server; for the tests of both."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.models import Customer
from bot.operation.backup import make_backup
from bot.operation.contents import can_open
from bot.operation.database import EmbeddedPostgres
from bot.operation.restore import Restored, restore_backup
from bot.operation.serving import open_database
from bot.security.sealing import Seal
from bot.settings import PROJECT, Settings, read_secret_key
from escalation.ports import SystemClock

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
COMPLAINT = "I want to make a complaint about your terrible service"


def quiet(_line: str) -> None:
    """Say nothing."""


async def back_up(settings: Settings, target: Path, *, force: bool = False) -> Path:
    """Make a backup at noon."""
    return await make_backup(settings, target, force=force, at=NOON, progress=quiet)


async def restore(settings: Settings, file: Path, *, force: bool = False) -> Restored:
    """Restore a backup at noon."""
    return await restore_backup(settings, file, force=force, at=NOON, progress=quiet)


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Settings:
    """A shop on the test's database, with a key of its own."""
    made = Settings(data_dir=tmp_path / "shop", nlu_engine="embedded", database_url=SecretStr(database_url))
    read_secret_key(made)
    return made


@pytest.fixture
def elsewhere(tmp_path: Path, postgres: EmbeddedPostgres) -> Settings:
    """A place where no shop is yet, not even a database: another one of the tests' server."""
    name = f"elsewhere_{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    url = SecretStr(postgres.url(name))
    return Settings(data_dir=tmp_path / "elsewhere", nlu_engine="embedded", database_url=url)


async def add_customers(settings: Settings, count: int) -> None:
    """Let there be customers of whom something is sealed with the shop's key."""
    seal = Seal(read_secret_key(settings))
    async with connecting(settings) as connection:
        for number in range(count):
            row = {"created_at": SystemClock().now(), "sealed_key": seal.close(f"key {number}")}
            await connection.execute(Customer.__table__.insert(), row)
        await connection.commit()


def connecting(settings: Settings) -> "Connecting":
    """Connect to a shop's database, for as long as the block takes."""
    assert settings.database_url is not None
    return Connecting(settings.database_url.get_secret_value())


class Connecting:
    """A connection that nobody keeps."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, poolclass=NullPool)
        self._connection = self._engine.connect()

    async def __aenter__(self) -> AsyncConnection:
        """Connect."""
        return await self._connection.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        """Be gone."""
        await self._connection.__aexit__(*error)
        await self._engine.dispose()


async def look(settings: Settings) -> tuple[int, bool]:
    """Return how many customers a shop has, and whether the key that it would start with opens what is sealed."""
    async with open_database(settings, quiet) as url, Connecting(url) as connection:
        count = len((await connection.execute(select(Customer.id))).all())
        return count, await can_open(connection, read_secret_key(settings))


async def list_databases(settings: Settings) -> list[str]:
    """Return the databases whose names begin with the shop's."""
    assert settings.database_url is not None
    url = make_url(settings.database_url.get_secret_value())
    async with Connecting(url.set(database="postgres").render_as_string(hide_password=False)) as connection:
        query = text("SELECT datname FROM pg_database WHERE datname ~ ('^' || :name || '(_|$)') ORDER BY 1")
        return list((await connection.scalars(query, {"name": url.database})).all())


@pytest.fixture
async def file(shop: Settings, tmp_path: Path) -> Path:
    """A backup of a shop with three customers."""
    await add_customers(shop, 3)
    return await back_up(shop, tmp_path / "b.zip")


def url_of(settings: Settings) -> str:
    """Return a shop's database's address."""
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


async def kill(settings: Settings, action: str, file: Path, step: str) -> None:
    """Let a command run in a process of its own that kills itself at a step."""
    arguments = (action, str(file), str(settings.data_dir), step)
    own = os.environ | {"SHOUWEN_DATABASE_URL": url_of(settings)}
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.backup_victim", *arguments, env=own, cwd=PROJECT
    )
    assert -signal.SIGKILL == await run.wait()


def read_manifest(file: Path) -> dict[str, Any]:
    """Return what a backup says of itself."""
    with ZipFile(file) as archive:
        told: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return told
