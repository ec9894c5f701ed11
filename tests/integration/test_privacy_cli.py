"""The commands as an operator types them: nobody is chosen by chance, and nobody's value is printed."""

import asyncio
import os
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bot.security.sealing import Seal
from bot.settings import PROJECT, Settings, read_secret_key
from escalation.models import TicketRow
from escalation.testing import NOON, make_person
from tests.integration.backed_up import shop, url_of
from tests.integration.persons import Person, plant, search

__all__ = ["shop"]
pytestmark = pytest.mark.postgres


async def _run(settings: Settings, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    own = os.environ | {"SHOUWEN_DATABASE_URL": url_of(settings), "SHOUWEN_DATA_DIR": str(settings.data_dir)}
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from bot.cli import main; main()", "privacy", *arguments, env=own, cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, errors = await run.communicate(typed.encode())
    assert run.returncode is not None
    return run.returncode, told.decode(), errors.decode()


async def test_an_operator_finds_exports_and_erases(shop: Settings, tmp_path: Path) -> None:
    """Several matches are listed and refused; by one of them it is done, and said what stays."""
    engine = create_async_engine(url_of(shop))
    sessions, seal = async_sessionmaker(engine, expire_on_commit=False), Seal(read_secret_key(shop))
    async with sessions.begin() as session:
        session.add(make_person("ann", "agent", "quality", now=NOON))
    wang = await plant(sessions, seal, "wangxiaoming", at=NOON)
    chen = await plant(sessions, seal, "chenmeili", at=NOON)
    async with sessions.begin() as session:
        (
            await session.scalars(select(TicketRow).where(TicketRow.number == chen.ticket))
        ).one().order_number = wang.order
    file = tmp_path / "wang.zip"
    ended, told, errors = await _run(shop, "export", str(file), "--order", wang.order)
    assert (1, 2) == (ended, len(told.splitlines()))
    assert "2 people may be meant" in errors
    assert not file.exists()
    ended, told, errors = await _run(shop, "export", str(file), "--phone", "-", typed=f"{wang.phone}\n")
    assert (0, f"{file}\n") == (ended, told)
    assert 0o600 == file.stat().st_mode & 0o777
    with ZipFile(file) as archive:
        assert wang.phone in archive.read("data.json").decode()
    _nothing_of(wang, told + errors)
    ended, _, errors = await _run(shop, "erase", "--ticket", wang.ticket, "--reason", "customer_asked", typed="n\n")
    assert 1 == ended
    ended, told, errors = await _run(shop, "erase", "--ticket", wang.ticket, "--reason", "customer_asked", "--yes")
    assert 0 == ended
    assert "kept: 1 tickets" in told
    _nothing_of(wang, told + errors)
    assert [] == await search(sessions, seal, wang.words)
    assert 1 == (await _run(shop, "erase", "--email", wang.email, "--reason", "unlawful", "--yes"))[0]
    assert 2 == (await _run(shop, "erase", "--reason", "unlawful"))[0]
    ended, told, _ = await _run(shop, "erasures")
    assert str(wang.customer_id) in told
    ended, told, _ = await _run(shop, "retention", "--dry-run")
    assert (0, True) == (ended, "conversations with their words and photos" in told)
    await engine.dispose()


def _nothing_of(person: Person, told: str) -> None:
    assert [] == [word for word in (*person.words, person.email, person.phone[-4:]) if word in told]
