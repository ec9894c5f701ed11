"""How fast a message is read: by a stock Rasa pipeline, by Rasa with our model, by the app on the embedded engine.

    python bench/nlu.py [--data-dir .data/bench] [--seconds 5] [--repeats 5] [--stock-epochs 100] [--no-servers]

First the embedded engine's parts, its training and loading, and the longest time it kept the event loop from working.
Then the three servers, asked by the same generator in its own process; repeats are interleaved, medians are printed.
Training sentences with a nonsense word behind them are asked, so that nothing is found in the encoder's memory.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from functools import cache
from itertools import cycle, islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import psutil
from nlu_servers import NLU_DATA, Target, run_app, run_ours, run_stock

from bot.nlu.data import load_examples
from bot.nlu.embedded import EmbeddedInterpreter, load_reader
from bot.nlu.entities import find_entities
from bot.nlu.features import SentenceEncoder, prepare_texts
from bot.nlu.language import find_language

LOAD = Path(__file__).with_name("nlu_load.py")
CLIENTS = (1, 8, 32)
MEGABYTE = 1024 * 1024
_MOST_A_SECOND = 1500


def make_texts(n: int) -> list[str]:
    """Return texts that nobody asked before: a sentence and a word that is none; digits would be masked."""
    return [f"{sentence} {next(_words)}" for sentence in islice(cycle(_list_sentences()), n)]


@cache
def _list_sentences() -> list[str]:
    return [example.text for example in load_examples(NLU_DATA / "nlu")[::7]]


def _make_words() -> Iterator[str]:
    for letters in product(ascii_lowercase, repeat=5):
        yield "".join(letters)[::-1]


_words = _make_words()


def measure(name: str, work: Callable[[str], object]) -> None:
    """Print median and 99th percentile of the work for one text."""
    took = []
    for text in make_texts(600):
        started = time.perf_counter()
        work(text)
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    print(f"{name:34} median {took[len(took) // 2]:7.3f} ms   p99 {took[len(took) * 99 // 100]:7.3f} ms", flush=True)


def measure_parts(data_dir: Path) -> None:
    """Print what training and loading cost, and a message's parts."""
    with tempfile.TemporaryDirectory() as empty:
        started = time.perf_counter()
        load_reader(NLU_DATA, Path(empty), lambda _: None)
        print(f"training                           {time.perf_counter() - started:.1f} s")
    load_reader(NLU_DATA, data_dir, lambda _: None)
    started = time.perf_counter()
    reader = load_reader(NLU_DATA, data_dir, lambda _: None)
    print(f"loading                            {time.perf_counter() - started:.2f} s", flush=True)
    encoder = SentenceEncoder(remember=0)
    measure("one message, read completely", lambda text: reader.read([text], engine="embedded"))
    measure("  of which the encoder", lambda text: encoder.encode(prepare_texts([text])))
    measure("  of which entities", find_entities)
    measure("  of which language", find_language)
    asyncio.run(measure_loop(EmbeddedInterpreter(reader)))


async def measure_loop(interpreter: EmbeddedInterpreter) -> None:
    """Print how long the event loop was kept from working while 32 customers write without a pause."""
    texts = iter(make_texts(1600))
    late: list[float] = []

    async def write() -> None:
        for text in texts:
            await interpreter.parse(text)

    async def watch() -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append((time.perf_counter() - started - 0.001) * 1000)

    watching = asyncio.create_task(watch())
    started = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(32)))
    took = time.perf_counter() - started
    watching.cancel()
    await interpreter.close()
    late.sort()
    print(f"32 customers in one process        {1600 / took:.0f} messages a second")
    print(
        f"  the event loop was late by       p99 {late[len(late) * 99 // 100]:.1f} ms, longest {late[-1]:.1f} ms",
        flush=True,
    )


def ask(target: Target, clients: int, seconds: float) -> dict[str, Any]:
    """Let the generator ask one server; adds how many cores the server used."""
    asked = {
        "url": target.url,
        "headers": target.headers,
        "texts": make_texts(round(seconds * _MOST_A_SECOND)),
        "clients": clients,
    }
    before, started = _cpu_seconds(target.process), time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(LOAD)], input=json.dumps(asked | {"seconds": seconds}), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    cores = (_cpu_seconds(target.process) - before) / (time.perf_counter() - started)
    return json.loads(done.stdout) | {"cores": cores}


def _cpu_seconds(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family if "postgres" not in one.name())


async def compare(data_dir: Path, asked: argparse.Namespace) -> None:
    """Print the servers beside one another."""
    async with AsyncExitStack() as stack:
        servers = (run_stock(data_dir, asked.stock_epochs), run_ours(data_dir), run_app(data_dir))
        targets = [await stack.enter_async_context(server) for server in servers]
        for target in targets:
            print(f"{target.name:16} booted in {target.booted_in:5.1f} s", flush=True)
            await asyncio.to_thread(ask, target, 8, asked.seconds)
        figures: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for _ in range(asked.repeats):
            for clients in CLIENTS:
                for target in targets:
                    found = await asyncio.to_thread(ask, target, clients, asked.seconds)
                    figures.setdefault((target.name, clients), []).append(found)
        for clients in CLIENTS:
            for target in targets:
                print(_format(target.name, clients, figures[target.name, clients]))
        for target in targets:
            print(f"{target.name:16} {target.process.memory_info().rss / MEGABYTE:6.0f} MB resident")


def _format(name: str, clients: int, found: list[dict[str, Any]]) -> str:
    rate, p50, p99, cores = (statistics.median(one[key] for one in found) for key in ("rate", "p50", "p99", "cores"))
    errors = sum(one["errors"] for one in found)
    return (
        f"{clients:3} clients  {name:16} {rate:7.1f}/s   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   {cores:.2f} cores"
        f"   {errors} errors"
    )


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, default=Path(".data/bench"))
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--stock-epochs", type=int, default=100, help="fewer: the same speed when asked, hours sooner")
    parser.add_argument("--no-servers", action="store_true")
    asked = parser.parse_args()
    data_dir = asked.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    measure_parts(data_dir)
    if not asked.no_servers:
        asyncio.run(compare(data_dir, asked))


if __name__ == "__main__":
    main()
