"""Backups: whole or not there at all, for their owner alone, and with the key that opens them."""

import asyncio
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from bot.operation.archive import ArchiveError, writing_whole
from bot.operation.backup import BackupError
from bot.settings import PROJECT, Settings, read_secret_key
from tests.integration.backed_up import (
    add_customers,
    back_up,
    file,
    kill,
    read_manifest,
    shop,
    url_of,
)

__all__ = ["file", "shop"]
pytestmark = pytest.mark.postgres


async def test_a_backup_is_its_owners_alone_and_named_by_the_time(shop: Settings, tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    folder = tmp_path / "backups"
    folder.mkdir()
    file = await back_up(shop, folder)
    assert folder / "shouwen-20260310T120000Z.zip" == file
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert [file] == list(folder.iterdir())


async def test_a_file_that_is_there_stays_unless_forced(shop: Settings, tmp_path: Path) -> None:
    """Whatever it is."""
    file = tmp_path / "b.zip"
    file.write_text("last week's")
    with pytest.raises(ArchiveError, match="already; --force"):
        await back_up(shop, file)
    assert "last week's" == file.read_text()
    await back_up(shop, file, force=True)
    assert "0018" <= read_manifest(file)["schema_revision"]


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    """Rights, and folders that are not there."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with _as_anybody(), pytest.raises(ArchiveError, match=r"b\.zip cannot be written: Permission denied"):
        _write_nothing(folder / "b.zip")
    with pytest.raises(ArchiveError, match="there is no folder"):
        _write_nothing(tmp_path / "missing" / "b.zip")


def _write_nothing(path: Path) -> None:
    with writing_whole(path, force=False):
        pass


@contextmanager
def _as_anybody() -> Iterator[None]:
    """Root may write anywhere: be somebody else meanwhile."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_full_disk_leaves_what_was_there(shop: Settings, tmp_path: Path) -> None:
    """Said in a line, with exit code 1; the former backup is still it, and no half one lies about."""
    file = tmp_path / "backups" / "b.zip"
    file.parent.mkdir()
    file.write_text("last week's")
    code, said = await _run_command(shop, f"ulimit -f 20; exec {_SHOUWEN} backup --force {file}")
    assert (1, "last week's", [file]) == (code, file.read_text(), list(file.parent.iterdir()))
    assert f"no backup was made: {file} cannot be written: File too large" in said


async def test_the_command_tells_of_the_key_and_no_secret_is_said(shop: Settings, tmp_path: Path) -> None:
    """Progress goes beside; the answer is the file's name."""
    await add_customers(shop, 1)
    code, said = await _run_command(shop, f"{_SHOUWEN} backup {tmp_path}")
    assert 0 == code
    assert "keep it secret" in said
    assert re.search(rf"^{tmp_path}/shouwen-\w+\.zip$", said, re.MULTILINE)
    assert read_secret_key(shop) not in said
    assert str(make_url(url_of(shop)).password) not in said


_SHOUWEN = f"{sys.executable} -c 'from bot.cli import main; main()'"


async def _run_command(settings: Settings, line: str) -> tuple[int, str]:
    """Run a shell's line on a shop; returns its exit code and what it said."""
    own = {"SHOUWEN_DATABASE_URL": url_of(settings), "SHOUWEN_DATA_DIR": str(settings.data_dir)}
    pipe = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
    run = await asyncio.create_subprocess_shell(line, env=os.environ | own, cwd=PROJECT, **pipe)
    said, _ = await run.communicate()
    assert run.returncode is not None
    return run.returncode, said.decode()


async def test_a_key_that_is_not_the_datas_is_no_backup(shop: Settings, tmp_path: Path) -> None:
    """Where the app has another one set, as a unit of systemd may, it would not restore; nor without any."""
    await add_customers(shop, 1)
    wrong = shop.model_copy(update={"secret_key": SecretStr("another key than that, of enough characters")})
    with pytest.raises(BackupError, match="SECRET_KEY that is set is not what the data was sealed with"):
        await back_up(wrong, tmp_path / "b.zip")
    (shop.data_dir / "secret_key").unlink()
    with pytest.raises(BackupError, match="there is no SHOUWEN_SECRET_KEY"):
        await back_up(shop, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
    assert not (shop.data_dir / "secret_key").exists()


async def test_nothing_is_no_backup(tmp_path: Path) -> None:
    """A data directory mistyped is not set up and then backed up."""
    with pytest.raises(BackupError, match="there is nothing to back up"):
        await back_up(Settings(data_dir=tmp_path / "mistyped"), tmp_path / "b.zip")
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("step", ["counting", "the database", "checking what was written"])
async def test_a_backup_killed_leaves_the_former_one(step: str, shop: Settings, file: Path) -> None:
    """And what it left does not hinder the next."""
    before = read_manifest(file)
    await add_customers(shop, 1)
    await kill(shop, "backup", file, step)
    assert before == read_manifest(file)
    await back_up(shop, file, force=True)
    assert 4 == read_manifest(file)["tables"]["customers"]
    assert [] == list(file.parent.glob(".*"))
