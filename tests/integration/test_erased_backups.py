"""A backup that is older than an erasure: whoever restores it finds nobody in it who was erased since."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.operation.administration import verify_audit
from bot.operation.privacy import apply_erasures, erase_person, list_erasures
from bot.operation.restore import RestoreError, restore_backup
from bot.privacy.erasing import Reason
from bot.privacy.ledger import load_ledger
from bot.security.sealing import Seal
from bot.settings import Settings, read_secret_key
from escalation.testing import NOON, make_person
from tests.integration.backed_up import back_up, elsewhere, kill, quiet, restore, shop, url_of
from tests.integration.persons import Person, plant, search

__all__ = ["elsewhere", "shop"]
pytestmark = pytest.mark.postgres

ASKED = Reason("customer_asked")


@pytest.fixture
async def wang(shop: Settings) -> Person:
    """Somebody of the shop of whom something lies in every table; chenmeili is another."""
    async with _sessions(shop) as sessions:
        async with sessions.begin() as session:
            session.add(make_person("ann", "agent", "quality", now=NOON))
        await plant(sessions, _seal(shop), "chenmeili", at=NOON)
        return await plant(sessions, _seal(shop), "wangxiaoming", at=NOON)


@asynccontextmanager
async def _sessions(settings: Settings) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine = create_async_engine(url_of(settings))
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


def _seal(settings: Settings) -> Seal:
    return Seal(read_secret_key(settings))


async def _find(settings: Settings, person: Person) -> list[str]:
    async with _sessions(settings) as sessions:
        return await search(sessions, _seal(settings), person.words)


async def test_an_older_backup_is_restored_without_who_was_erased_since(
    shop: Settings, wang: Person, tmp_path: Path
) -> None:
    """In the same place: its list, and the database that is replaced, know. Others are there, the log is whole."""
    file = await back_up(shop, tmp_path / "b.zip")
    await erase_person(shop, wang.customer_id, ASKED)
    restored = await restore(shop, file, force=True)
    assert 1 == restored.erased
    assert [] == await _find(shop, wang)
    chen = Person("chenmeili", "", 0, wang.customer_id, wang.conversation_id, "session-chenmeili", "", "")
    async with _sessions(shop) as sessions:
        assert len(await search(sessions, _seal(shop), [chen.name])) > 20
    assert await verify_audit(shop) is None
    assert 0 == (await restore(shop, await back_up(shop, tmp_path / "c.zip"), force=True)).erased


async def test_the_list_outlives_the_database(shop: Settings, wang: Person, tmp_path: Path) -> None:
    """Also where the database that knew of it is gone, DATA_DIR knows."""
    file = await back_up(shop, tmp_path / "b.zip")
    await erase_person(shop, wang.customer_id, ASKED)
    assert 1 == (await restore(shop, file, force=True)).erased
    async with _sessions(shop) as sessions, sessions.begin() as session:
        await session.execute(text("TRUNCATE erasures"))
    assert 1 == (await restore(shop, file, force=True)).erased
    assert [] == await _find(shop, wang)


async def test_elsewhere_a_list_or_a_newer_backup_tells(
    shop: Settings, wang: Person, elsewhere: Settings, tmp_path: Path
) -> None:
    """Without one it is said that none is known; with one they are erased, and may be later as well."""
    file = await back_up(shop, tmp_path / "b.zip")
    await erase_person(shop, wang.customer_id, ASKED)
    newer = await back_up(shop, tmp_path / "newer.zip")
    listed = tmp_path / "erasures.jsonl"
    listed.write_text(await list_erasures(shop))
    assert (await restore(elsewhere, file)).erased is None
    assert [] != await _find(elsewhere, wang)
    assert 1 == await apply_erasures(elsewhere, listed)
    assert [] == await _find(elsewhere, wang)
    for told in (listed, newer):
        (elsewhere.data_dir / "erasures.jsonl").unlink(missing_ok=True)
        async with _sessions(elsewhere) as sessions, sessions.begin() as session:
            await session.execute(text("TRUNCATE erasures"))
        done = await restore_backup(elsewhere, file, force=True, at=NOON, progress=quiet, erasures=told)
        assert 1 == done.erased
        assert [] == await _find(elsewhere, wang)
        assert [wang.customer_id] == [one.customer_id for one in load_ledger(elsewhere.data_dir)]
    listed.write_text("{}\n")
    with pytest.raises(RestoreError, match="line 1 is no erasure"):
        await restore_backup(elsewhere, file, force=True, at=NOON, progress=quiet, erasures=listed)


async def test_a_restore_killed_while_it_erases_leaves_the_old(shop: Settings, wang: Person, tmp_path: Path) -> None:
    """The restored database takes its place only once nobody who was erased is in it."""
    file = await back_up(shop, tmp_path / "b.zip")
    await erase_person(shop, wang.customer_id, ASKED)
    await kill(shop, "restore", file, "erasing who was erased")
    assert 1 == len(load_ledger(shop.data_dir))
    assert [] == await _find(shop, wang)
    assert 1 == (await restore(shop, file, force=True)).erased
