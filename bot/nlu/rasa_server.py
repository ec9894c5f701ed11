"""The Rasa process as a child of ours: trained when stale, started on loopback, stopped with us.

    server = RasaServer(nlu_data=Path("nlu_data"), data_dir=settings.data_dir)
    await server.prepare(progress)      # exports the text model, trains Rasa's; nothing to do when both are fresh
    await server.start(progress)        # returns once it answers; server.url, server.token
    await server.wait()                 # returns its exit code when it ends by itself
    await server.stop()

`progress` is called with one line of plain English for each slow step. The app finds a running server through
`read_address(data_dir)` (a file that only its owner may read), so it may start before or after it.
Raises RasaServerError with a reason fit to print, wherever Rasa is not installed, cannot be trained or started.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.nlu.model_store import prepare_text_model

Progress = Callable[[str], None]

_ROOT = Path(__file__).resolve().parents[2]
_CODE = (
    "normalise.py",
    "encoder.py",
    "features.py",
    "neighbours.py",
    "text_model.py",
    "entities.py",
    "patterns.py",
    "addresses.py",
    "folding.py",
    "numerals.py",
    "lexicon.py",
    "lexicon.yml",
    "language.py",
    "analysis.py",
    "rasa_components.py",
)
_LOOPBACK = "127.0.0.1"


class RasaServerError(Exception):
    """Rasa is not installed, or could not be trained or started; the message says which and where the log is."""


@dataclass(frozen=True)
class RasaAddress:
    """Where a Rasa server answers, and the token it wants (None: none)."""

    url: str
    token: str | None


def read_address(data_dir: Path) -> RasaAddress | None:
    """Return the address of the Rasa server that was started for this data directory; None where there is none."""
    try:
        written = json.loads(_address_file(data_dir).read_text(encoding="utf-8"))
        return RasaAddress(written["url"], written["token"])
    except (OSError, ValueError, KeyError):
        return None


class RasaServer:
    """Trains and runs one Rasa process. Not to be shared between event loops."""

    def __init__(
        self,
        *,
        nlu_data: Path,
        data_dir: Path,
        python: Path | None = None,
        start_within: timedelta = timedelta(minutes=3),
    ) -> None:
        self._nlu_data, self._data_dir = nlu_data.resolve(), data_dir.resolve()
        self._python = python or self._nlu_data / ".venv" / "bin" / "python"
        self._start_within = start_within
        self._process: Process | None = None
        self._address: RasaAddress | None = None

    @property
    def address(self) -> RasaAddress | None:
        """The running server's address; None while it does not run."""
        return self._address

    @property
    def pid(self) -> int | None:
        """The running process; None while none runs."""
        return self._process.pid if self._process else None

    async def prepare(self, progress: Progress) -> None:
        """Export the text model and train Rasa's, each only if the one there is stale. Keeps one trained model."""
        if not self._python.exists():
            raise RasaServerError(f"Rasa is not installed ({self._python} is missing)")
        await asyncio.to_thread(prepare_text_model, self._nlu_data, self._data_dir, progress)
        model = await asyncio.to_thread(self._find_model_name)
        if model.exists():
            return
        progress("Training Rasa (about a minute, only when the training data or the code has changed)")
        await self._train(model)
        for old in set(model.parent.glob("*.tar.gz")) - {model}:
            old.unlink()

    async def start(self, progress: Progress) -> None:
        """Start the process and return once it answers; `prepare` comes first."""
        progress("Starting Rasa (20 to 40 seconds)")
        port, token = _find_free_port(), secrets.token_hex(32)
        address = RasaAddress(f"http://{_LOOPBACK}:{port}", token)
        model = await asyncio.to_thread(self._find_model_name)
        self._process = await self._spawn(
            *("run", "--enable-api", "-i", _LOOPBACK, "-p", str(port), "-m", str(model)),
            *("--credentials", str(self._nlu_data / "credentials.yml")),
            token=token,
        )
        try:
            await self._wait_until_healthy(address)
        except BaseException:
            await self.stop()
            raise
        self._address = address
        _write_private(_address_file(self._data_dir), json.dumps({"url": address.url, "token": token}))
        progress("Rasa answers")

    async def wait(self) -> int:
        """Return the exit code of the process once it has ended."""
        if self._process is None:
            raise RasaServerError("Rasa was not started")
        return await self._process.wait()

    async def stop(self) -> None:
        """End the process: gently, and after ten seconds at once. Does nothing where none runs."""
        process, self._process, self._address = self._process, None, None
        _address_file(self._data_dir).unlink(missing_ok=True)
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _train(self, model: Path) -> None:
        model.parent.mkdir(parents=True, exist_ok=True)
        process = await self._spawn(
            *("train", "nlu", "--config", str(self._nlu_data / "config.yml"), "--nlu", str(self._nlu_data / "nlu")),
            *("--domain", str(self._nlu_data / "domain.yml"), "--out", str(model.parent)),
            *("--fixed-model-name", model.name.removesuffix(".tar.gz")),
            token="",
        )
        try:
            code = await process.wait()
        except BaseException:
            process.kill()
            await process.wait()
            raise
        if code or not await asyncio.to_thread(model.exists):
            raise RasaServerError(f"Rasa could not be trained (exit code {code}; see {self._log_file})")

    async def _spawn(self, *arguments: str, token: str) -> Process:
        home = self._data_dir / "rasa"
        home.mkdir(parents=True, exist_ok=True)
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(str(self._python), "-m", "bot.nlu.rasa_child", *arguments),
                stdin=PIPE, stdout=log, stderr=log, cwd=home, env=self._environment(home), start_new_session=True,
            )  # fmt: skip
        if process.stdin:
            process.stdin.write(f"{token}\n".encode())
            with contextlib.suppress(ConnectionError):
                await process.stdin.drain()
        return process

    def _environment(self, home: Path) -> dict[str, str]:
        """Rasa's environment: no telemetry, its caches in our data, one thread, and the project on the path."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(home),
            "PYTHONPATH": str(_ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "LANG": "C.UTF-8",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "OMP_NUM_THREADS": "1",
            "NLU_MODELS_DIR": str(self._data_dir / "models"),
        }

    @property
    def _log_file(self) -> Path:
        return self._data_dir / "log" / "rasa.log"

    def _find_model_name(self) -> Path:
        """Return where the model trained from the present data, configuration and code lies, or will lie."""
        parts = [*sorted((self._nlu_data / "nlu").rglob("*.yml"))]
        parts += [self._nlu_data / name for name in ("config.yml", "domain.yml", "requirements.lock")]
        parts += [Path(__file__).parent / name for name in _CODE]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part.name.encode() + b"\0" + part.read_bytes())
        return self._data_dir / "rasa" / "models" / f"{digest.hexdigest()[:16]}.tar.gz"

    async def _wait_until_healthy(self, address: RasaAddress) -> None:
        try:
            async with asyncio.timeout(self._start_within.total_seconds()), aiohttp.ClientSession() as http:
                while not await _answers(http, address):
                    await self._check_alive()
        except TimeoutError:
            raise RasaServerError(f"Rasa did not answer within {self._start_within} (see {self._log_file})") from None

    async def _check_alive(self) -> None:
        """Wait half a second for the process to end; if it does, that is the error."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                code = await self.wait()
            raise RasaServerError(f"Rasa ended while starting (exit code {code}; see {self._log_file})")


async def _answers(http: aiohttp.ClientSession, address: RasaAddress) -> bool:
    try:
        async with http.get(f"{address.url}/status", params={"token": address.token or ""}) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _address_file(data_dir: Path) -> Path:
    return data_dir / "rasa" / "address.json"


def _write_private(file: Path, content: str) -> None:
    """Write a file that only its owner may read, all at once."""
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(content)
    draft.replace(file)
