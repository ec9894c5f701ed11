"""PostgreSQL's programs are led to the app's database, and to no other."""

import pytest

from bot.operation.database import DatabaseError
from bot.operation.postgres_programs import check_server, make_environment

PASSWORD = "p@ss/w:rd"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own settings are taken."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("me:p%40ss%2Fw%3Ard@db:5433/shop", {"PGHOST": "db", "PGPORT": "5433", "PGUSER": "me", "PGPASSWORD": PASSWORD}),
        ("me@/shop?host=/run/a%20b", {"PGHOST": "/run/a b", "PGUSER": "me"}),
        ("me@/shop?host=a&host=b&ssl=verify-full", {"PGHOST": "a,b", "PGUSER": "me", "PGSSLMODE": "verify-full"}),
    ],
)
def test_what_a_url_says_goes_by_the_environment(url: str, told: dict[str, str]) -> None:
    """The password too, so that it stands in no list of processes."""
    found = make_environment(f"postgresql+asyncpg://{url}")
    assert told | {"PGDATABASE": "shop"} == {name: value for name, value in found.items() if name.startswith("PG")}


def test_what_would_lead_elsewhere_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service or an address takes precedence over a host; a file of passwords is the driver's as well."""
    monkeypatch.setenv("PGSERVICE", "other")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    monkeypatch.setenv("PGPASSFILE", "/etc/pgpass")
    found = make_environment("postgresql+asyncpg://me@db/shop")
    assert (False, False, "/etc/pgpass") == ("PGSERVICE" in found, "PGHOSTADDR" in found, found["PGPASSFILE"])


def test_a_server_newer_than_the_programs_is_named() -> None:
    """With what to do."""
    check_server(15)
    check_server(18)
    with pytest.raises(DatabaseError, match="PostgreSQL 19, and the pg_dump that comes with this release is 18"):
        check_server(19)
