"""The servers that `bench/turn.py` compares, each with its children: the app (on either engine), a stock Rasa bot.

async with run_app(data_dir, engine="embedded") as target: ...
"""

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from nlu_servers import (
    NLU_DATA,
    RASA_PYTHON,
    ROOT,
    end_process,
    find_free_port,
    install_tokenizer,
    run_ours,
    run_rasa,
    shouwen,
    wait_for,
)
from ruamel.yaml import YAML
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.nlu.data import load_examples
from bot.operation.database import running_database

STOCK_BOT = Path(__file__).parent / "stock_bot"
_ORDERS, _GOODS = 4000, 500
# The stock bot learns every so-manieth of our sentences: an answer costs it the same, its training much less.
_EVERY = 40
_PEOPLE = (
    ("agent", "after_sales"), ("agent", "order"), ("logistics_coordinator", "logistics"),
    ("quality_controller", "quality"), ("team_lead", "complaint"),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """Where customers write to, how (`kind`), and the processes that serve them."""

    name: str
    kind: str
    url: str
    processes: tuple[psutil.Process, ...]


def make_orders() -> list[dict[str, Any]]:
    """Return signed orders of electronics, as an import takes them."""
    signed_at = datetime.now(UTC) - timedelta(days=10)
    chance = random.Random(7)
    return [_make_order(f"B{number:09}", f"{chance.randrange(10000):04}", signed_at) for number in range(_ORDERS)]


def _make_order(number: str, digits: str, signed_at: datetime) -> dict[str, Any]:
    placed_at = (signed_at - timedelta(days=4)).isoformat()
    sku = f"EAR-{int(number[1:]) % _GOODS}"
    item = {"sku": sku, "name": "蓝牙耳机", "kind": "electronics", "quantity": 1, "price": "299.00"}
    scan = {"at": (signed_at - timedelta(hours=20)).isoformat(), "place": "杭州", "note": "到达"}
    return {
        "number": number, "customer_sub": None, "phone_last4": digits, "status": "signed", "placed_at": placed_at,
        "amount": "299.00", "items": [item], "payment": {"amount": "299.00", "paid_at": placed_at, "method": "wechat"},
        "shipment": {
            "carrier": "SF", "tracking_number": f"SF{number[1:]}", "signed_at": signed_at.isoformat(),
            "dispatched_at": (signed_at - timedelta(days=2)).isoformat(), "signed_by": "本人", "scans": [scan],
        },
    }  # fmt: skip


def name_orders() -> list[dict[str, str]]:
    """Return number and proof of each order, in an order of chance."""
    named = [{"number": order["number"], "digits": order["phone_last4"]} for order in make_orders()]
    random.Random(11).shuffle(named)
    return named


@asynccontextmanager
async def run_app(data_dir: Path, *, rasa_url: str | None = None) -> AsyncIterator[Target]:
    """The application and its database with orders and people in it; on the embedded engine, or on a Rasa server."""
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    await _forget(data_dir)
    port = find_free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWEN_")}
    environment |= {"SHOUWEN_DATA_DIR": str(data_dir), "SHOUWEN_PORT": str(port)}
    environment |= {"SHOUWEN_NLU_ENGINE": "rasa", "SHOUWEN_RASA_URL": rasa_url} if rasa_url else {
        "SHOUWEN_NLU_ENGINE": "embedded"
    }  # fmt: skip
    with (data_dir / "app.log").open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *shouwen("serve"), env=environment, cwd=ROOT, stdout=stream, stderr=stream
        )
    try:
        await wait_for(f"http://127.0.0.1:{port}/readyz", process)
        await _fill(data_dir, environment)
        name = "app on Rasa" if rasa_url else "app, embedded engine"
        yield Target(name, "socket", f"ws://127.0.0.1:{port}/ws/chat", _family(process.pid))
    finally:
        await end_process(process)


async def _forget(data_dir: Path) -> None:
    """Leave nothing of earlier runs in the database: clocks of thousands of tickets would fall due meanwhile."""
    if not (data_dir / "filled").exists():
        return
    async with running_database(data_dir, lambda _: None) as url:
        await _empty(url, "TRUNCATE customers, tickets CASCADE", "VACUUM ANALYZE")


async def _empty(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def _fill(data_dir: Path, environment: dict[str, str]) -> None:
    if (data_dir / "filled").exists():
        return
    orders = data_dir / "orders.jsonl"
    orders.write_text("".join(json.dumps(order) + "\n" for order in make_orders()), encoding="utf-8")
    await _command(environment, "shop", "import", str(orders))
    for number, (role, desk) in enumerate(_PEOPLE):
        named = ("--login", f"bench{number}", "--name", f"Bench {number}", "--role", role, "--desk", desk)
        await _command(environment, "people", "add", *named)
    (data_dir / "filled").touch()


async def _command(environment: dict[str, str], *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *shouwen(*arguments), env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"shouwen {' '.join(arguments)} failed: {told.decode()}")


@asynccontextmanager
async def run_app_on_rasa(data_dir: Path) -> AsyncIterator[Target]:
    """The application, reading through Rasa with the project's model."""
    async with run_ours(data_dir / "rasa") as rasa:
        url = rasa.url.replace("/model/parse", "")
        async with run_app(data_dir / "app", rasa_url=url) as target:
            family = (*target.processes, *_family(rasa.process.pid))
            yield Target(target.name, target.kind, target.url, family)


@asynccontextmanager
async def run_durable_stock_bot(data_dir: Path) -> AsyncIterator[Target]:
    """The same bot with Rasa's SQL store: conversations are kept in a PostgreSQL like the app's; cases are not."""
    async with running_database(data_dir, lambda _: None) as url:
        await _empty(url, "DROP TABLE IF EXISTS events")
        async with run_stock_bot(data_dir, tracker_url=url.replace("+asyncpg", "")) as target:
            yield Target("stock bot, SQL store", target.kind, target.url, target.processes)


@asynccontextmanager
async def run_stock_bot(data_dir: Path, *, tracker_url: str | None = None) -> AsyncIterator[Target]:
    """A stock Rasa bot: rules and a form, one call of its action server a turn.

    Its memory is in memory, or conversations in the database of `tracker_url`.
    """
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    # Trained once, however it keeps its memory.
    learnt = data_dir.with_name("stock")
    await asyncio.to_thread(learnt.mkdir, exist_ok=True)
    packages = await install_tokenizer(learnt)
    port, actions_port = find_free_port(), find_free_port()
    environment = {**os.environ, "PYTHONPATH": str(packages), "RASA_TELEMETRY_ENABLED": "false"}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "2", "STOCK_ACTIONS_PORT": str(actions_port)}
    environment |= {"STOCK_TRACKER_URL": tracker_url} if tracker_url else {}
    model = await _train_stock_bot(learnt, environment)
    with (data_dir / "stock.log").open("ab") as stream:
        actions = await _start(environment, stream, "rasa_sdk", "--actions", "actions", "-p", str(actions_port))
        bot = await _start(
            environment, stream, "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "-m", str(model), "--endpoints",
            "endpoints_durable.yml" if tracker_url else "endpoints.yml", "--credentials", "credentials.yml",
        )  # fmt: skip
    try:
        await wait_for(f"http://127.0.0.1:{port}/", bot)
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        yield Target("stock Rasa bot", "rest", url, (*_family(bot.pid), *_family(actions.pid)))
    finally:
        await end_process(bot)
        await end_process(actions)


async def _train_stock_bot(data_dir: Path, environment: dict[str, str]) -> Path:
    model = data_dir / "models" / "bot.tar.gz"
    if model.exists():
        return model
    project = data_dir / "project"
    (project / "data").mkdir(parents=True, exist_ok=True)
    _write_sentences(project / "data" / "sentences.yml", project / "domain.yml")
    for name in ("rules.yml", "own_sentences.yml"):
        (project / "data" / name).write_bytes((STOCK_BOT / name).read_bytes())
    print("training the stock bot", flush=True)
    started = time.perf_counter()
    await run_rasa(
        *("train", "--config", str(STOCK_BOT / "config.yml"), "--data", str(project / "data")),
        *("--domain", str(project / "domain.yml"), "--out", str(model.parent), "--fixed-model-name", "bot"),
        env=environment, log=data_dir / "stock.log",
    )  # fmt: skip
    print(f"stock bot: trained in {time.perf_counter() - started:.0f} s", flush=True)
    return model


def _write_sentences(sentences: Path, domain: Path) -> None:
    """Write a part of our training sentences, and the domain with their intents, as Rasa reads them."""
    said: dict[str, list[str]] = {}
    for example in load_examples(NLU_DATA / "nlu")[::_EVERY]:
        said.setdefault(example.intent, []).append(example.text.replace("\n", " "))
    yaml = YAML()
    nlu = [{"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in said.items()]
    with sentences.open("w", encoding="utf-8") as stream:
        yaml.dump({"version": "3.1", "nlu": nlu}, stream)
    described = yaml.load((STOCK_BOT / "domain.yml").read_text(encoding="utf-8"))
    described["intents"] = [*said, "case_status"]
    with domain.open("w", encoding="utf-8") as stream:
        yaml.dump(described, stream)


async def _start(environment: dict[str, str], stream: Any, *module: str) -> asyncio.subprocess.Process:
    command = (str(RASA_PYTHON), "-W", "ignore", "-m", *module)
    return await asyncio.create_subprocess_exec(*command, env=environment, cwd=STOCK_BOT, stdout=stream, stderr=stream)


def _family(pid: int) -> tuple[psutil.Process, ...]:
    process = psutil.Process(pid)
    return (process, *process.children(recursive=True))
