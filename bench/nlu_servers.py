"""The three servers that `bench/nlu.py` compares, each a process of its own: stock Rasa, Rasa with ours, the app.

    async with run_ours(data_dir) as target: ...       # Target(name, url, headers, process)

The stock pipeline is trained on our sentences with Rasa's own environment, once for each state of them.
"""

import asyncio
import hashlib
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from bot.nlu.rasa_server import RasaServer

ROOT = Path(__file__).parents[1]
NLU_DATA = ROOT / "nlu_data"
STOCK = Path(__file__).parent / "stock_rasa"
RASA_PYTHON = NLU_DATA / ".venv" / "bin" / "python"
_BOOT_WITHIN_SECONDS = 180


@dataclass(frozen=True)
class Target:
    """Where to ask, and whose memory and CPU time it costs."""

    name: str
    url: str
    headers: dict[str, str]
    process: psutil.Process
    booted_in: float


def find_free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def run_stock(data_dir: Path, epochs: int) -> AsyncIterator[Target]:
    """Stock Rasa, trained if need be. An answer costs the same however long it was trained."""
    packages = await install_tokenizer(data_dir)
    environment = {**os.environ, "PYTHONPATH": str(packages), "RASA_TELEMETRY_ENABLED": "false"}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "2"}
    config = _write_config(data_dir, epochs)
    model = _name_stock_model(data_dir, config)
    log = data_dir / "stock.log"
    if not model.exists():
        print(f"training the stock pipeline ({epochs} epochs of a minute and more)", flush=True)
        started = time.perf_counter()
        await run_rasa(
            *("train", "nlu", "--config", str(config), "--nlu", str(NLU_DATA / "nlu")),
            *("--domain", str(NLU_DATA / "domain.yml"), "--out", str(model.parent)),
            *("--fixed-model-name", model.name.removesuffix(".tar.gz")), env=environment, log=log,
        )  # fmt: skip
        print(f"stock: trained in {time.perf_counter() - started:.0f} s", flush=True)
    port = find_free_port()
    command = ("run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", str(model))
    command += ("--credentials", str(NLU_DATA / "credentials.yml"))
    started = time.perf_counter()
    with log.open("ab") as stream:
        process = await asyncio.create_subprocess_exec(
            str(RASA_PYTHON), "-W", "ignore", "-m", "rasa", *command, env=environment, cwd=STOCK, stdout=stream,
            stderr=stream,
        )  # fmt: skip
    try:
        await wait_for(f"http://127.0.0.1:{port}/status", process)
        yield _make_target("stock Rasa", f"http://127.0.0.1:{port}/model/parse", {}, process.pid, started)
    finally:
        await end_process(process)


@asynccontextmanager
async def run_ours(data_dir: Path) -> AsyncIterator[Target]:
    """Rasa with the project's model, as the app starts it."""
    server = RasaServer(nlu_data=NLU_DATA, data_dir=data_dir)
    await server.prepare(lambda _: None)
    started = time.perf_counter()
    await server.start(lambda _: None)
    try:
        address, pid = server.address, server.pid
        assert address is not None
        assert pid is not None
        yield _make_target("Rasa with ours", f"{address.url}/model/parse?token={address.token}", {}, pid, started)
    finally:
        await server.stop()


@asynccontextmanager
async def run_app(data_dir: Path) -> AsyncIterator[Target]:
    """The application on the embedded engine."""
    port = find_free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWEN_")}
    environment |= {"SHOUWEN_DATA_DIR": str(data_dir), "SHOUWEN_PORT": str(port), "SHOUWEN_NLU_ENGINE": "embedded"}
    started = time.perf_counter()
    with (data_dir / "app.log").open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *shouwen("serve"), env=environment, cwd=ROOT, stdout=stream, stderr=stream
        )
    try:
        await wait_for(f"http://127.0.0.1:{port}/", process)
        booted_in = time.perf_counter() - started
        token = await _make_token(environment)
        url = f"http://127.0.0.1:{port}/api/v1/nlu/parse"
        yield Target("app, embedded", url, {"Authorization": f"Bearer {token}"}, psutil.Process(process.pid), booted_in)
    finally:
        await end_process(process)


def _make_target(name: str, url: str, headers: dict[str, str], pid: int, started: float) -> Target:
    return Target(name, url, headers, psutil.Process(pid), time.perf_counter() - started)


def shouwen(*arguments: str) -> tuple[str, ...]:
    """Return the command line of the project's own command."""
    return (str(Path(sys.executable).parent / "shouwen"), *arguments)


async def _make_token(environment: dict[str, str]) -> str:
    command = shouwen("people", "add", "--login", f"bench{time.time_ns()}", "--name", "Bench", "--role", "admin")
    process = await asyncio.create_subprocess_exec(
        *command, "--token", env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    return told.decode().split("token: ", 1)[1].split()[0]


async def install_tokenizer(data_dir: Path) -> Path:
    """Return the folder of the stock pipeline's tokenizer, installed if need be."""
    packages = data_dir / "stock-packages"
    if not packages.exists():
        command = (str(ROOT / ".tools" / "bin" / "uv"), "pip", "install", "--quiet", "--no-deps", "--require-hashes")
        command += ("--python", str(RASA_PYTHON), "--target", str(packages), "-r", str(STOCK / "requirements.txt"))
        process = await asyncio.create_subprocess_exec(*command)
        if await process.wait():
            shutil.rmtree(packages, ignore_errors=True)
            raise SystemExit("the stock pipeline's tokenizer could not be installed")
    return packages


def _write_config(data_dir: Path, epochs: int) -> Path:
    config = data_dir / "stock-config.yml"
    text = (STOCK / "config.yml").read_text(encoding="utf-8")
    config.write_text(text.replace("epochs: 100", f"epochs: {epochs}"), encoding="utf-8")
    return config


def _name_stock_model(data_dir: Path, config: Path) -> Path:
    digest = hashlib.sha256()
    for path in (config, *sorted((NLU_DATA / "nlu").rglob("*.yml"))):
        digest.update(path.read_bytes())
    return data_dir / "stock-models" / f"{digest.hexdigest()[:16]}.tar.gz"


async def run_rasa(*arguments: str, env: dict[str, str], log: Path) -> None:
    """Run one of Rasa's commands to its end."""
    with log.open("ab") as stream:
        process = await asyncio.create_subprocess_exec(
            str(RASA_PYTHON), "-W", "ignore", "-m", "rasa", *arguments, env=env, cwd=STOCK, stdout=stream, stderr=stream
        )
        if await process.wait():
            raise SystemExit(f"rasa {arguments[0]} failed; see {log}")


async def wait_for(url: str, process: asyncio.subprocess.Process) -> None:
    """Wait until a server answers with 200."""
    async with asyncio.timeout(_BOOT_WITHIN_SECONDS), aiohttp.ClientSession() as http:
        while process.returncode is None:
            try:
                async with http.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.2)
    raise SystemExit(f"{url} ended before it answered")


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Stop a server."""
    if process.returncode is None:
        process.terminate()
        await process.wait()
