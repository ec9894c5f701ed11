"""Restoring: whatever happens on the way, there is the old or the new, whole, and its key opens it."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from aiohttp.test_utils import TestClient, TestServer
from alembic import command
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.app import build_app
from bot.migrate import make_config
from bot.nlu.embedded import EmbeddedInterpreter
from bot.operation.administration import verify_audit
from bot.operation.archive import ArchiveError
from bot.operation.contents import find_revision
from bot.operation.database import DatabaseError, running_database
from bot.operation.restore import RestoreError, restore_backup
from bot.operation.serving import open_database, reach_database
from bot.settings import PROJECT, Settings, read_secret_key
from tests.integration.backed_up import (
    COMPLAINT,
    NOON,
    Connecting,
    add_customers,
    back_up,
    connecting,
    elsewhere,
    file,
    kill,
    list_databases,
    look,
    quiet,
    read_manifest,
    restore,
    shop,
    url_of,
)
from tests.integration.chat import Chat

__all__ = ["elsewhere", "file", "shop"]
pytestmark = pytest.mark.postgres


async def test_a_shop_stands_up_elsewhere_from_a_backup_made_while_customers_wrote(
    settings: Settings,
    database_url: str,
    client: TestClient[Any, Any],
    interpreter: EmbeddedInterpreter,
    tmp_path: Path,
) -> None:
    """In an embedded database of its own: same rows, log whole, and who was in the chat goes on there."""
    here = settings.model_copy(update={"database_url": SecretStr(database_url)})
    chat = await Chat.open(client, locale="en")
    await chat.write(COMPLAINT)
    ticket = await chat.hear("SW-")
    done = asyncio.Event()
    others = asyncio.create_task(_write_until(done, client, here))
    file = await back_up(here, tmp_path)
    done.set()
    assert await others > 0

    there = Settings(data_dir=tmp_path / "elsewhere", nlu_engine="embedded")
    restored = await restore(there, file)
    assert restored.rows == read_manifest(file)["tables"]
    assert restored.rows["tickets"] >= 1
    assert await verify_audit(there) is None
    async with open_database(there, quiet) as url:
        app = build_app(there, database_url=url, interpreter=interpreter)
        async with TestClient(TestServer(app)) as moved:
            again = await Chat.open(moved, session=chat.session, locale="en")
            assert ticket["text"] == (await again.hear("SW-"))["text"]


async def _write_until(done: asyncio.Event, client: TestClient[Any, Any], settings: Settings) -> int:
    """Let another customer write, as much as one may at once, and new ones come until it is done; returns how many."""
    chat, count = await Chat.open(client, locale="en"), 0
    for number in range(5):
        await chat.write(f"{COMPLAINT} {number}")
    while not done.is_set():
        await add_customers(settings, 1)
        count += 1
    return count


async def test_what_it_knew_of_the_shop_is_told(shop: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    """The shop's own files lie beside, never over what is there; settings that were set are named, not copied."""
    policy = tmp_path / "our-policy.yml"
    policy.write_bytes((PROJECT / "actions" / "policy" / "default.yml").read_bytes())
    own = Settings(**{**dict(shop), "policy_file": policy, "public_url": "https://chat.example.com"})
    await add_customers(own, 1)
    restored = await restore(elsewhere, await back_up(own, tmp_path / "b.zip"))
    lies = elsewhere.data_dir / "restored-20260310T120000Z" / "policy.yml"
    assert restored.files == {"SHOUWEN_POLICY_FILE": lies}
    assert policy.read_bytes() == lies.read_bytes()
    assert "SHOUWEN_PUBLIC_URL" in restored.unset
    assert "https://chat.example.com" not in (tmp_path / "b.zip").read_bytes().decode("latin-1")


async def test_a_backup_of_an_older_release_is_brought_to_this_one(
    shop: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    """Backing up changes nothing: it is what one does before an upgrade. Restoring does upgrade."""
    await add_customers(shop, 2)
    async with connecting(shop) as connection:
        newest = await find_revision(connection)
        await connection.run_sync(lambda plain: command.downgrade(make_config(plain), "-1"))
        await connection.commit()
        older = await find_revision(connection)
    file = await back_up(shop, tmp_path / "b.zip")
    assert older == read_manifest(file)["schema_revision"]
    async with reach_database(shop, quiet) as url, Connecting(url) as connection:
        assert older == await find_revision(connection)
    await restore(elsewhere, file)
    async with reach_database(elsewhere, quiet) as url, Connecting(url) as connection:
        assert newest == await find_revision(connection)
    assert (2, True) == await look(elsewhere)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: -file.stat().st_size // 3])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _flip_in(part: str) -> Callable[[Path], None]:
    def flip(file: Path) -> None:
        with ZipFile(file) as archive:
            start = archive.getinfo(part).header_offset + 30 + len(part) + 40
        content = bytearray(file.read_bytes())
        content[start] ^= 1
        file.write_bytes(content)

    return flip


def _change(change: Callable[[dict[str, bytes]], None]) -> Callable[[Path], None]:
    """Make the same archive of other parts."""

    def make(file: Path) -> None:
        with ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        with ZipFile(file, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return make


def _tell(**told: Any) -> Callable[[dict[str, bytes]], None]:
    """Let the manifest say something else."""

    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | told).encode()

    return change


def _spoil_dump(parts: dict[str, bytes]) -> None:
    """A dump that no PostgreSQL reads, whose digest is right."""
    parts["database.dump"] = b"PGDMP" + b"?" * 1000
    told = json.loads(parts["manifest.json"])
    digest = hashlib.sha256(parts["database.dump"]).hexdigest()
    told["parts"]["database.dump"] = {"bytes": len(parts["database.dump"]), "sha256": digest}
    parts["manifest.json"] = json.dumps(told).encode()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(_cut, "is cut short or damaged", id="cut"),
        pytest.param(_empty, "is no backup of shouwen", id="empty"),
        pytest.param(lambda file: file.write_text("PK, or so"), "is no backup of shouwen", id="text"),
        pytest.param(lambda file: file.unlink(), "cannot be read: No such file", id="missing"),
        pytest.param(_change(dict.clear), "there is no manifest.json in it", id="foreign"),
        pytest.param(_flip_in("database.dump"), "database.dump is not what its manifest says", id="dump"),
        pytest.param(_flip_in("secret_key"), "secret_key is not what its manifest says", id="key"),
        pytest.param(_flip_in("manifest.json"), "its manifest.json cannot be read", id="manifest"),
        pytest.param(_change(lambda parts: parts.pop("secret_key")), "secret_key is missing in it", id="no key"),
        pytest.param(_change(_tell(format=2)), "made by a newer release .* cannot read", id="newer format"),
        pytest.param(_change(_tell(schema_revision="9999")), r"schema 9999.* does not know", id="newer schema"),
        pytest.param(_change(_tell(tables={"customers": 4})), "table .* rows were restored of", id="rows"),
        pytest.param(_change(_spoil_dump), "its database cannot be read in: pg_restore", id="unreadable"),
    ],
)
async def test_a_file_with_something_wrong_is_refused_by_it(
    spoil: Callable[[Path], None], told: str, shop: Settings, file: Path
) -> None:
    """Even by force; what was there is still there, and nothing besides."""
    spoil(file)
    with pytest.raises((ArchiveError, RestoreError), match=told):
        await restore(shop, file, force=True)
    assert (3, True) == await look(shop)
    assert [make_url(url_of(shop)).database] == await list_databases(shop)
    assert {"secret_key", "restore.lock"} >= {path.name for path in shop.data_dir.iterdir()}


async def test_data_is_replaced_by_force_only(shop: Settings, file: Path) -> None:
    """What came after the backup is gone then, and said to be; the key that it had is kept beside."""
    await add_customers(shop, 2)
    with pytest.raises(RestoreError, match=r"there is data already \(customers 5\)"):
        await restore(shop, file)
    assert (5, True) == await look(shop)
    (shop.data_dir / "secret_key").write_text("what another shop in this place had as its key")
    await restore(shop, file, force=True)
    assert (3, True) == await look(shop)
    assert [make_url(url_of(shop)).database] == await list_databases(shop)
    kept = shop.data_dir / "secret_key.until-20260310T120000Z"
    assert "what another shop in this place had as its key" == kept.read_text()


async def test_nothing_is_restored_under_an_app_that_runs(shop: Settings, file: Path) -> None:
    """Not even by force: what it is told meanwhile would be lost."""
    async with connecting(shop) as connection:
        await connection.execute(text("SELECT 1"))
        with pytest.raises(RestoreError, match=r"is in use \(1 connections\)"):
            await restore(shop, file, force=True)
    assert (3, True) == await look(shop)


async def test_an_app_that_is_started_meanwhile_keeps_its_data(shop: Settings, file: Path) -> None:
    """It took customers' messages already: the restore gives way."""
    apps = []

    def start_app(line: str) -> None:
        if "verifying the audit log" in line:
            apps.append(asyncio.create_task(_stay(shop, over)))

    over = asyncio.Event()
    try:
        with pytest.raises(DatabaseError, match="the old one stays"):
            await restore_backup(shop, file, force=True, at=NOON, progress=start_app)
    finally:
        over.set()
        await asyncio.gather(*apps)
    assert (3, True) == await look(shop)
    assert [make_url(url_of(shop)).database] == await list_databases(shop)


async def _stay(settings: Settings, over: asyncio.Event) -> None:
    async with connecting(settings) as connection:
        await connection.execute(text("SELECT 1"))
        await over.wait()


async def test_a_data_directory_in_use_is_not_restored_into(file: Path, tmp_path: Path) -> None:
    """The embedded server's users know of one another."""
    there = Settings(data_dir=tmp_path / "elsewhere")
    async with running_database(there.data_dir, quiet):
        with pytest.raises(DatabaseError, match="is in use, by the app or another command"):
            await restore(there, file, force=True)


async def test_a_database_that_others_use_too_is_left_alone(shop: Settings, file: Path) -> None:
    """All of it would go."""
    async with connecting(shop) as connection:
        await connection.execute(text("CREATE TABLE invoices (number int)"))
        await connection.commit()
    with pytest.raises(RestoreError, match=r"has other tables too \(invoices\)"):
        await restore(shop, file, force=True)


async def test_a_key_that_is_set_must_be_the_backups(elsewhere: Settings, file: Path, shop: Settings) -> None:
    """The app would start with it, and open nothing. The right one is taken, and written nowhere."""
    wrong = elsewhere.model_copy(update={"secret_key": SecretStr("another key than that, of enough characters")})
    with pytest.raises(RestoreError, match="SECRET_KEY is set, and is not the backup's"):
        await restore(wrong, file)
    right = elsewhere.model_copy(update={"secret_key": SecretStr(read_secret_key(shop))})
    await restore(right, file)
    assert (3, True) == await look(right)
    assert not (right.data_dir / "secret_key").exists()


RESTORE_STEPS = {
    "restore: the database": 5,
    "counting the rows": 5,
    "bringing it to this release": 5,
    "verifying the audit log": 5,
    "the new database takes its place": 5,
    "restore: the key": 3,
    "removing what was there before": 3,
}


@pytest.mark.parametrize(("step", "customers"), RESTORE_STEPS.items())
async def test_a_restore_killed_leaves_the_old_or_the_new(
    step: str, customers: int, shop: Settings, file: Path
) -> None:
    """Five customers under one key before, three under another after: whichever it is, the key is that one's."""
    async with connecting(shop) as connection:
        await connection.execute(text("DELETE FROM customers"))
        await connection.commit()
    (shop.data_dir / "secret_key").write_text("the key of the shop that was in this place before")
    await add_customers(shop, 5)
    await kill(shop, "restore", file, step)
    assert (customers, True) == await look(shop)
    assert [make_url(url_of(shop)).database] == await list_databases(shop)
    assert not list(shop.data_dir.glob("*restoring*")) + list(shop.data_dir.glob("restore.json*"))
    await restore(shop, file, force=True)
    assert (3, True) == await look(shop)


@pytest.mark.parametrize("is_of", ["another name", "another server"])
async def test_what_is_not_of_this_database_is_not_ended_here(
    is_of: str, shop: Settings, elsewhere: Settings, file: Path
) -> None:
    """A restore killed before its key was set, then settings that name another database: the key waits for its own."""
    async with connecting(shop) as connection:
        await connection.execute(text("DELETE FROM customers"))
        await connection.commit()
    (shop.data_dir / "secret_key").write_text("the key of the shop that was in this place before")
    await kill(shop, "restore", file, "restore: the key")
    journal = shop.data_dir / "restore.json"
    written = json.loads(journal.read_text())
    if is_of == "another name":
        other = shop.model_copy(update={"database_url": elsewhere.database_url})
    else:
        other = shop
        journal.write_text(json.dumps(written | {"server": "7713081405563586186"}))
    with pytest.raises(RestoreError, match=r"a restore into another database .* was interrupted"):
        await restore(other, file, force=True)
    assert "the key of the shop that was in this place before" == (shop.data_dir / "secret_key").read_text()
    journal.write_text(json.dumps(written))
    assert (3, True) == await look(shop)
