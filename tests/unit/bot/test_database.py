"""The embedded database's address: one a data directory, reached by a socket whose path every system takes."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from bot.operation.database import DatabaseError, EmbeddedPostgres
from bot.operation.serving import open_database
from bot.settings import Settings


@pytest.mark.parametrize("folder", ["data", "with space", "with'quote", "数据", "a?b&c=d#e", "50%"])
def test_the_url_leads_to_the_socket_whatever_the_folder_is_called(folder: str, tmp_path: Path) -> None:
    """Driver, user, database and socket folder come out of the URL as they went in."""
    (tmp_path / folder / "postgres").mkdir(parents=True)
    server = EmbeddedPostgres(tmp_path / folder)
    url = make_url(server.url("shop"))
    assert ("postgresql+asyncpg", "shouwen", "shop") == (url.drivername, url.username, url.database)
    assert (tmp_path / folder / "postgres" / "password").read_text() == url.password
    assert Path(str(url.query["host"])).is_absolute()


def test_the_password_is_kept_and_private(tmp_path: Path) -> None:
    """The same at every start, readable by its owner only."""
    (tmp_path / "postgres").mkdir()
    assert EmbeddedPostgres(tmp_path).url("a") == EmbeddedPostgres(tmp_path).url("a")
    assert 0o600 == stat.S_IMODE((tmp_path / "postgres" / "password").stat().st_mode)


def test_two_data_directories_never_share_a_socket(tmp_path: Path) -> None:
    """However deep they lie, and without a path too long for a socket."""
    sockets = set()
    for name in ("a", "b", "c" * 120, "d" * 120):
        (tmp_path / name / "postgres").mkdir(parents=True)
        host = str(make_url(EmbeddedPostgres(tmp_path / name).url("x")).query["host"])
        assert len(f"{host}/.s.PGSQL.5432".encode()) < 104
        sockets.add(host)
    assert 4 == len(sockets)


def test_a_server_that_never_ran_does_not_run(tmp_path: Path) -> None:
    """No pid, not running, and stopping it is no error."""
    server = EmbeddedPostgres(tmp_path / "nothing here")
    server.stop()
    assert (None, False) == (server.pid(), server.is_running())
    assert not (tmp_path / "nothing here").exists()


async def test_a_database_that_cannot_be_reached_is_told_with_its_setting(tmp_path: Path) -> None:
    """In a line, without the password."""
    url = f"postgresql+asyncpg://me:secret@/shop?host={tmp_path}"
    with pytest.raises(DatabaseError, match="SHOUWEN_DATABASE_URL") as told:
        async with open_database(Settings(database_url=SecretStr(url)), print):
            pass
    assert "secret" not in str(told.value)
