"""Customers in a process of their own, over the widget's socket or a REST channel: each turn is sent and waited for.

    echo '{"kind": "socket" | "rest", "url", "orders", "rate" | "clients", "seconds"}' | python bench/turn_load.py

A conversation is two turns about one order: a fault and a wish are told (read, looked up, decided by policy, a ticket
with owner and clocks opened), then the case is asked about. With `rate`, so many turns a second begin whether or not
earlier ones are answered, and a turn's time counts from the instant it was due. With `clients`, so many customers write
without a pause.
Prints one JSON object: turns, unanswered, rate, p50 and p99 in ms, in all and by turn.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiohttp

_SAID = "左边耳机没声音了，是坏的，想换货。订单号{number}，手机尾号{digits}"
_ASKED = "我的工单到哪一步了"
# A session may send twenty messages at once; nine conversations are eighteen.
_CONVERSATIONS_A_SESSION = 9
_TURNS = ("told", "asked")
_GIVE_UP_SECONDS = 20
_SETTLED_AFTER_SECONDS = 2


def word(step: int, order: dict[str, str]) -> str:
    """Return what is written in a turn of the conversation."""
    return _ASKED if step else _SAID.format(**order)


class Customer(Protocol):
    """Somebody who does one turn after another; each returns once the bot has answered."""

    async def turn(self, step: int, order: dict[str, str]) -> bool:
        """Do one of the two turns; False if no answer came."""
        ...


class SocketCustomer:
    """A visitor at the widget's socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._ids = socket, itertools.count(1)

    async def turn(self, step: int, order: dict[str, str]) -> bool:
        """Send a message, and wait for the bot's bubble behind it."""
        name = f"m{next(self._ids)}"
        await self._socket.send_json({"type": "message", "id": name, "text": word(step, order)})
        return await self._hear(name)

    async def _hear(self, name: str) -> bool:
        seq: float = float("inf")
        async for raw in self._socket:
            frame = json.loads(raw.data)
            if frame["type"] == "error":
                return False
            if frame["type"] == "accepted" and frame["id"] == name:
                seq = frame["seq"]
            is_answer = frame["type"] == "message" and frame["from"] == "bot" and frame["seq"] > seq
            # The last bubble of either answer names the ticket.
            if is_answer and "SW-" in frame["text"]:
                return True
        return False


class RestCustomer:
    """A visitor at a stock bot's REST channel."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url, self._sender = http, url, ""
        self._names = _names

    async def turn(self, step: int, order: dict[str, str]) -> bool:
        """Post a message, and take the answer. Each conversation is a new sender's: long ones are slower."""
        if step == 0:
            self._sender = f"visitor{os.getpid()}-{next(self._names)}"
        text = word(step, order)
        async with self._http.post(self._url, json={"sender": self._sender, "message": text}) as response:
            return response.status == 200 and bool(await response.json())


_names = itertools.count(1)


@asynccontextmanager
async def arrive(http: aiohttp.ClientSession, asked: dict[str, Any]) -> AsyncIterator[Customer]:
    """Yield a customer who has just arrived."""
    if asked["kind"] == "rest":
        yield RestCustomer(http, asked["url"])
        return
    async with http.ws_connect(asked["url"]) as socket:
        hello = {"type": "hello", "session": None, "last_seq": 0, "locale": "zh-Hans", "identity": None}
        await socket.send_json(hello)
        while (await socket.receive_json())["type"] != "welcome":
            pass
        yield SocketCustomer(socket)


class Ledger:
    """How long turns took, by their place in the conversation."""

    def __init__(self) -> None:
        self.took: dict[int, list[float]] = defaultdict(list)
        self.unanswered = 0
        self._noted = asyncio.Semaphore(0)

    async def keep(self, customer: Customer, step: int, order: dict[str, str], since: float) -> None:
        """Do a turn and note its time since it was due."""
        try:
            async with asyncio.timeout(_GIVE_UP_SECONDS):
                answered = await customer.turn(step, order)
        except TimeoutError:
            answered = False
        self.unanswered += not answered
        self.took[step].append((time.perf_counter() - since) * 1000)
        self._noted.release()

    async def count_to(self, turns: int) -> None:
        """Wait until so many turns are over."""
        for _ in range(turns):
            await self._noted.acquire()

    def tell(self, lasted: float) -> dict[str, Any]:
        """Return what came of it."""
        every = sorted(itertools.chain.from_iterable(self.took.values()))
        steps = {name: _quantiles(sorted(self.took[step])) for step, name in enumerate(_TURNS)}
        return {"turns": len(every), "unanswered": self.unanswered, "rate": len(every) / lasted} | {
            **_quantiles(every), "by_turn": steps,
        }  # fmt: skip


def _quantiles(took: list[float]) -> dict[str, float]:
    return {"p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100]} if took else {"p50": 0, "p99": 0}


async def write_without_pause(http: aiohttp.ClientSession, asked: dict[str, Any], ledger: Ledger) -> float:
    """So many customers at once; returns how long it lasted."""
    orders = itertools.cycle(asked["orders"])
    started = time.perf_counter()
    until = started + asked["seconds"]

    async def write() -> None:
        while time.perf_counter() < until:
            async with arrive(http, asked) as customer:
                for _ in range(_CONVERSATIONS_A_SESSION):
                    order = next(orders)
                    for step in range(len(_TURNS)):
                        await ledger.keep(customer, step, order, time.perf_counter())
                    if time.perf_counter() > until:
                        return

    await asyncio.gather(*(write() for _ in range(asked["clients"])))
    return time.perf_counter() - started


async def write_at_rate(http: aiohttp.ClientSession, asked: dict[str, Any], ledger: Ledger) -> float:
    """So many turns a second, by customers who arrived before; returns how long it lasted."""
    turns = int(asked["rate"] * asked["seconds"])
    begun, orders, gap = asyncio.Queue[float](), itertools.cycle(asked["orders"]), 1 / asked["rate"]
    ready, go = asyncio.Semaphore(0), asyncio.Event()

    async def write() -> None:
        async with arrive(http, asked) as customer:
            ready.release()
            await go.wait()
            for _ in range(_CONVERSATIONS_A_SESSION):
                order = next(orders)
                for step in range(len(_TURNS)):
                    due = await begun.get()
                    await ledger.keep(customer, step, order, due)

    writers = [
        asyncio.create_task(write()) for _ in range(max(16, turns // (len(_TURNS) * _CONVERSATIONS_A_SESSION) + 12))
    ]
    for _ in writers:
        await ready.acquire()
    # What thirty arrivals at once leave behind is not the rate's.
    await asyncio.sleep(_SETTLED_AFTER_SECONDS)
    go.set()
    started = time.perf_counter()
    for number in range(turns):
        due = started + number * gap
        await asyncio.sleep(max(0, due - time.perf_counter()))
        begun.put_nowait(due)
    await ledger.count_to(turns)
    lasted = time.perf_counter() - started
    for writer in writers:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    return lasted


async def main() -> None:
    """Write as told on standard input."""
    asked, ledger = json.load(sys.stdin), Ledger()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        lasted = await (write_at_rate if asked.get("rate") else write_without_pause)(http, asked, ledger)
    print(json.dumps(ledger.tell(lasted)))


if __name__ == "__main__":
    asyncio.run(main())
