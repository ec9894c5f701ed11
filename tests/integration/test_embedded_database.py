"""The embedded database's server: what it has ready before customers come."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.operation.database import EmbeddedPostgres

pytestmark = pytest.mark.postgres

_LOG_FILE_BYTES = 16 * 2**20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server that nobody has written to."""
    made = EmbeddedPostgres(tmp_path)
    made.start(lambda _line: None)
    yield made
    made.stop()


async def test_the_log_grows_into_files_that_lie_ready(server: EmbeddedPostgres) -> None:
    """Making one holds every commit up: none is made while a hundred megabytes are written."""
    server.prepare_log()
    ready, before = await _count_files(server), await _count_written(server)
    megabyte = "pg_logical_emit_message(false, '', repeat('x', 1048576))"
    await _ask(server, f"SELECT count({megabyte}) FROM generate_series(1, 100)")
    assert await _count_written(server) - before > 6 * _LOG_FILE_BYTES
    assert ready == await _count_files(server)


async def test_what_lies_ready_is_not_made_again(server: EmbeddedPostgres) -> None:
    """Every start asks for it; the log goes no further by that."""
    server.prepare_log()
    before = await _count_written(server)
    server.prepare_log()
    assert await _count_written(server) - before < _LOG_FILE_BYTES


async def _count_files(server: EmbeddedPostgres) -> int:
    return await _ask(server, "SELECT count(*) FROM pg_ls_waldir()")


async def _count_written(server: EmbeddedPostgres) -> int:
    return await _ask(server, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")


async def _ask(server: EmbeddedPostgres, question: str) -> int:
    engine = create_async_engine(server.url("postgres"))
    async with engine.connect() as connection:
        answer = int(await connection.scalar(text(question)) or 0)
    await engine.dispose()
    return answer
