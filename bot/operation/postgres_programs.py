"""PostgreSQL's own pg_dump, pg_restore and psql, fed and read through pipes.

Where the server is and the password go by environment variables: nothing secret stands in the list of processes.
"""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, cast

from sqlalchemy.engine import make_url

from bot.operation.archive import CHUNK
from bot.operation.database import DatabaseError, find_program

Progress = Callable[[str], None]

_MAJOR = 18  # of the programs that come with the product
# Of what the app's own driver takes from its environment, what these programs take too. Others, PGHOSTADDR or PGSERVICE
# say, would lead them to another server than the app's.
_SHARED = {
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
}
_TELL_EVERY_SECONDS = 5.0
_HEAD = 4096
# Servers before 17 do not know it, and pg_restore sets it whatever the server.
_NEW_SETTING = b"SET transaction_timeout = 0;\n"


def make_environment(url: str) -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs find the database of a URL for asyncpg."""
    parts = make_url(url)
    hosts = parts.query.get("host", parts.host)
    given = {
        "PGHOST": ",".join(hosts) if isinstance(hosts, tuple) else hosts,
        "PGPORT": parts.query.get("port", parts.port),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        "PGSSLMODE": parts.query.get("ssl"),
    }
    kept = {name: value for name, value in os.environ.items() if name in {*_SHARED, "HOME", "PATH"}}
    return kept | {"LC_ALL": "C"} | {name: str(value) for name, value in given.items() if value is not None}


def check_server(major: int) -> None:
    """Find out whether a server's databases can be read. Raises DatabaseError for one newer than the programs."""
    if major > _MAJOR:
        raise DatabaseError(
            f"the database's server is PostgreSQL {major}, and the pg_dump that comes with this release is {_MAJOR}: "
            "it cannot read a newer one. Use a newer release of shouwen, or that server's own pg_dump"
        )


def dump(url: str, snapshot: str, schema: str, *, write: Callable[[bytes], None], progress: Progress) -> None:
    """Write a schema as an exported snapshot shows it, in pg_dump's custom format. Raises DatabaseError, OSError."""
    name = schema.replace('"', '""')
    # Photos get no smaller: the strongest compression takes three times as long for 3 % less.
    chosen = ("--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges", "--no-password")
    tell = _Teller(progress, "backup: the database, {0:,.0f} MB so far")
    with _running(url, "pg_dump", *chosen, f"--snapshot={snapshot}", f'--schema="{name}"') as (_, out):
        while content := out.read(CHUNK):
            write(content)
            tell.more(len(content))


def load(url: str, source: IO[bytes], schema: str, *, size: int, progress: Progress) -> None:
    """Read a schema's dump of that many bytes, as `dump` wrote it, into a database that has it, and nothing in it.

    Raises DatabaseError.
    """
    tell = _Teller(progress, "restore: the database, {0:,.0f} of " + f"{size / 1e6:,.0f} MB")
    to_script = ("pg_restore", "--file=-", "--no-owner", "--no-privileges", f"--schema={schema}")
    # One transaction, until the first error, which is told without the row it is about: a customer's words.
    variables = ("-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse")
    by_script = ("psql", "-X", "-q", "-w", "-1", *variables, "-o", os.devnull)
    with _running(url, *to_script) as (into, script), _running(url, *by_script) as (commands, _):
        feeding = threading.Thread(target=_feed, args=(source, into, tell))
        feeding.start()
        try:
            with suppress(BrokenPipeError):
                commands.write(script.read(_HEAD).replace(_NEW_SETTING, b"", 1))
                while content := script.read(CHUNK):
                    commands.write(content)
        finally:
            script.close()
            feeding.join()


def _feed(source: IO[bytes], pipe: IO[bytes], tell: "_Teller") -> None:
    with suppress(BrokenPipeError), pipe:
        while content := source.read(CHUNK):
            pipe.write(content)
            tell.more(len(content))


@contextmanager
def _running(url: str, program: str, *arguments: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Run a program while the block does; yields its input and output. Raises DatabaseError with its word if it fails.

    An error of the block's own ends it, and is the one that is raised.
    """
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(  # noqa: S603 - our own binaries, no shell
            [str(find_program(program)), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=make_environment(url), cwd="/",
        )  # fmt: skip
        pipes = cast("tuple[IO[bytes], IO[bytes]]", (running.stdin, running.stdout))
        try:
            yield pipes
        except BaseException:
            running.kill()
            raise
        finally:
            for pipe in pipes:
                with suppress(BrokenPipeError):
                    pipe.close()
            running.wait()
        if running.returncode:
            said.seek(0)
            told = " ".join(said.read().split())
            raise DatabaseError(f"{program}: {told or f'it ended with {running.returncode}'}")


class _Teller:
    """Says how far it is, now and then."""

    def __init__(self, progress: Progress, words: str) -> None:
        self._progress, self._words = progress, words
        self._bytes, self._told_at = 0, time.monotonic()

    def more(self, count: int) -> None:
        """So many bytes more have gone through."""
        self._bytes += count
        if time.monotonic() - self._told_at > _TELL_EVERY_SECONDS:
            self._told_at = time.monotonic()
            self._progress(self._words.format(self._bytes / 1e6))
