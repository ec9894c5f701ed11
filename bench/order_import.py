"""How long `shouwen shop import` takes: a file of orders made up here, imported twice into a database of its own.

.venv/bin/python bench/order_import.py [--orders 100000]
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.app import make_engine
from bot.migrate import upgrade_database
from bot.operation.database import running_database

_START = datetime(2026, 11, 1, tzinfo=UTC)
_LANGUAGES = ("zh-Hans", "zh-Hant", "en")


def make_orders(count: int) -> Iterator[dict[str, Any]]:
    """Yield orders of one to three items, most of them sent, with four scans."""
    chance = random.Random(7)
    for number in range(count):
        placed = _START + timedelta(seconds=number * 20)
        items = [
            {"sku": f"SKU-{chance.randrange(5000)}", "name": dict.fromkeys(_LANGUAGES, "保温杯 500 ml"), "kind": "home",
             "quantity": chance.randint(1, 3), "price": "29.95"}
            for _ in range(chance.randint(1, 3))
        ]  # fmt: skip
        amount = f"{sum(29.95 * item['quantity'] for item in items):.2f}"
        order = {
            "number": f"B{number:08}", "customer_sub": f"u-{chance.randrange(40_000)}",
            "phone_last4": f"{chance.randrange(10_000):04}", "status": "paid", "placed_at": placed.isoformat(),
            "amount": amount, "items": items,
            "payment": {"amount": amount, "paid_at": placed.isoformat(), "method": "wechat"},
        }  # fmt: skip
        yield order | (_sent(placed, number) if chance.random() < 0.8 else {})


def _sent(placed: datetime, number: int) -> dict[str, Any]:
    scans = [
        {"at": (placed + timedelta(days=1, hours=6 * hop)).isoformat(), "place": "杭州转运中心", "note": "已离开"}
        for hop in range(4)
    ]
    sent = (placed + timedelta(days=1)).isoformat()
    shipment = {"carrier": "SF", "tracking_number": f"SF{number:012}", "dispatched_at": sent, "scans": scans}
    return {"status": "dispatched", "shipment": shipment}


async def measure(count: int) -> None:
    """Import the file into an empty database, then again over what is there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(order, ensure_ascii=False) + "\n" for order in make_orders(count))
        print(f"{count} orders, {path.stat().st_size / 1e6:.0f} MB")
        async with running_database(Path(folder) / "data", _quiet) as url:
            await upgrade_database(url)
            home = await _find_home(url)
            for what in ("into an empty database", "again, over what is there"):
                print(f"{what}: {await _import(path, url):.1f} s", flush=True)
        # As root it lies elsewhere than in our folder.
        await asyncio.to_thread(shutil.rmtree, home.parent, ignore_errors=True)


async def _find_home(url: str) -> Path:
    engine = make_engine(url)
    async with engine.connect() as connection:
        folder = str(await connection.scalar(text("SHOW data_directory")))
    await engine.dispose()
    return Path(folder)


async def _import(path: Path, url: str) -> float:
    began = time.perf_counter()
    command = (Path(sys.executable).with_name("shouwen"), "shop", "import", path)
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | {"SHOUWEN_DATABASE_URL": url}, stderr=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise SystemExit("the import failed")
    return time.perf_counter() - began


def _quiet(_line: str) -> None:
    pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    asyncio.run(measure(parser.parse_args().orders))
