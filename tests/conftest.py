"""A real PostgreSQL for the tests: one server for the session, one database cloned from a template for each test."""

import asyncio
import hashlib
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bot.migrate import upgrade_database
from bot.nlu.analysis import TextReader
from bot.nlu.embedded import load_reader
from bot.operation.database import EmbeddedPostgres
from bot.settings import PROJECT

# How long an example takes says more of the machine than of the product. The complete check says the same of the same
# code; whoever works at it has other examples made up each time.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize="CI_NO_SKIPS" in os.environ,
)
hypothesis.settings.load_profile("untimed")

_TEMPLATE = "shouwen_template"
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rules first, so that a broken one shows at once; then Rasa's, which keep one process busy while others go on."""
    order = {"unit": 0, "rasa": 1, "integration": 2, "dialogues": 3, "browser": 4}
    items.sort(key=lambda item: order.get(item.path.relative_to(Path(__file__).parent).parts[0], 0))


class _SpreadTests(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to whichever process is free; Rasa's stay together, since one Rasa serves them all."""

    def _split_scope(self, nodeid: str) -> str:
        return "rasa" if nodeid.startswith("tests/rasa/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Let several processes share the tests."""
    return _SpreadTests(config, log)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under CI_NO_SKIPS a skipped test is a failure: nothing may be left out there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI_NO_SKIPS") and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _tidy_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As root, servers keep their data outside the tests' folder: what this run made there goes with it."""
    yield
    ours = tmp_path_factory.getbasetemp()
    for told in Path("/var/lib/shouwen").glob("*/belongs-to"):
        if Path(told.read_text(encoding="utf-8").strip()).is_relative_to(ours):
            shutil.rmtree(told.parent)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of its own, with a migrated template database."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("data"))
    server.start(lambda _line: None)
    try:
        asyncio.run(_make_template(server))
        yield server
    finally:
        server.stop()


async def _make_template(server: EmbeddedPostgres) -> None:
    # A killed server loses nothing by it (what it wrote is the system's already); only a power cut would.
    await _administer(server, "ALTER SYSTEM SET fsync = off")
    await _administer(server, "SELECT pg_reload_conf()")
    await _administer(server, f"CREATE DATABASE {_TEMPLATE}")
    await upgrade_database(server.url(_TEMPLATE))


async def _administer(server: EmbeddedPostgres, statement: str) -> None:
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A migrated database for this test alone."""
    name = f"test_{next(_numbers)}"
    await _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield postgres.url(name)
    await _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the test's database."""
    made = create_async_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions on the test's database."""
    return async_sessionmaker(engine, expire_on_commit=False)


@pytest.fixture(scope="session")
def model_dir(pytestconfig: pytest.Config) -> Path:
    """Where the trained model is kept, from one run to the next as long as neither data nor code changes."""
    assert pytestconfig.cache is not None
    code = hashlib.sha256()
    for path in sorted((PROJECT / "bot" / "nlu").glob("*.py")):
        code.update(path.read_bytes())
    return pytestconfig.cache.mkdir(f"model-{code.hexdigest()[:16]}")


@pytest.fixture(scope="session")
def reader(model_dir: Path) -> TextReader:
    """The text model of the project's own data, trained once a run: by one of its processes, the others wait for it."""
    with (model_dir / "training").open("w") as lock:
        flock(lock, LOCK_EX)
        return load_reader(PROJECT / "nlu_data", model_dir, lambda _line: None)
