"""How fast a customer is answered: whole turns over the widget's socket, beside a stock Rasa bot's.

    python bench/turn.py [--data-dir .data/bench-turn] [--rate 30] [--seconds 20] [--repeats 3] [--clients 8]
                         [--only embedded rasa stock stock-sql]

A turn of the app is all of it: message stored and acknowledged, read, order looked up, policy asked, ticket with owner,
clocks and audit, reply committed (PostgreSQL's defaults: `fsync` and `synchronous_commit` on) and pushed. First so many
turns a second for so long, then as many as customers who never pause can have; medians of interleaved repeats. The
stock bot keeps everything in memory, asks an action server that looks nothing up, and is told and asked the same; with
Rasa's SQL store it keeps its conversations in PostgreSQL too.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
from turn_servers import Target, name_orders, run_app, run_app_on_rasa, run_durable_stock_bot, run_stock_bot

LOAD = Path(__file__).with_name("turn_load.py")
SERVERS = {
    "embedded": run_app, "rasa": run_app_on_rasa, "stock": run_stock_bot, "stock-sql": run_durable_stock_bot,
}  # fmt: skip


def write_to(target: Target, orders: list[dict[str, str]], **asked: Any) -> dict[str, Any]:
    """Let customers write to one server; adds how many cores its processes used."""
    command = {"kind": target.kind, "url": target.url, "orders": orders, **asked}
    before, started = _cpu_seconds(target), time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(LOAD)], input=json.dumps(command), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout) | {"cores": (_cpu_seconds(target) - before) / (time.perf_counter() - started)}


def _cpu_seconds(target: Target) -> float:
    total = 0.0
    for process in target.processes:
        try:
            for member in (process, *process.children(recursive=True)):
                times = member.cpu_times()
                total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total


async def measure(arguments: argparse.Namespace) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Ask all servers in turn, repeat by repeat; each idles while another is asked."""
    figures: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    orders = name_orders()
    async with AsyncExitStack() as stack:
        targets = [await stack.enter_async_context(SERVERS[name](arguments.data_dir / name)) for name in arguments.only]
        for _ in range(arguments.repeats):
            for target in targets:
                for kind, load in _loads(target, arguments):
                    orders = [*orders[500:], *orders[:500]]
                    figure = await asyncio.to_thread(write_to, target, orders, **load)
                    figures[kind][target.name].append(figure)
                    print(f"{kind:22} {_tell([figure], target.name)}", flush=True)
    return figures


def _loads(target: Target, arguments: argparse.Namespace) -> list[tuple[str, dict[str, Any]]]:
    steady = (f"{arguments.rate:g} turns a second", {"rate": arguments.rate, "seconds": arguments.seconds})
    busy = (f"{arguments.clients} without a pause", {"clients": arguments.clients, "seconds": arguments.seconds})
    # A stock bot cannot keep up with the steady rate: its queue would only grow.
    return [busy] if target.kind == "rest" else [steady, busy]


def _tell(figures: list[dict[str, Any]], name: str) -> str:
    def median(key: str) -> float:
        return statistics.median(figure[key] for figure in figures)

    turns = "  ".join(
        f"{step} {statistics.median(figure['by_turn'][step]['p50'] for figure in figures):.0f}"
        for step in ("told", "asked")
    )
    return (
        f"{name:22} {median('rate'):7.1f}/s  p50 {median('p50'):7.1f} ms  p99 {median('p99'):7.1f} ms"
        f"  (p50 by turn: {turns})  cores {median('cores'):.2f}  unanswered {sum(f['unanswered'] for f in figures)}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(".data/bench-turn"))
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--only", nargs="+", choices=list(SERVERS), default=list(SERVERS))
    arguments = parser.parse_args()
    arguments.data_dir = arguments.data_dir.resolve()
    figures = asyncio.run(measure(arguments))
    print("\nmedians")
    for kind, by_server in figures.items():
        for name, repeats in by_server.items():
            print(f"{kind:22} {_tell(repeats, name)}")


if __name__ == "__main__":
    main()
