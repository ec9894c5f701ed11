"""Customers of a reading engine, in a process of their own: each asks, waits for the answer, asks again.

    echo '{"url", "headers", "field", "texts", "clients", "seconds"}' | python bench/nlu_load.py

Prints one JSON object: answers, errors, rate (a second), p50 and p99 (milliseconds).
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import aiohttp


async def ask_on(http: aiohttp.ClientSession, asked: dict[str, Any], texts: Iterator[str], took: list[float]) -> int:
    """Ask until the time is over; returns how often the answer was none."""
    errors, until = 0, time.perf_counter() + asked["seconds"]
    while time.perf_counter() < until:
        started = time.perf_counter()
        async with http.post(asked["url"], json={"text": next(texts)}, headers=asked["headers"]) as response:
            answer = await response.json()
            errors += response.status != 200 or not answer.get("intent")
        took.append(time.perf_counter() - started)
    return errors


async def main() -> None:
    """Ask as told on standard input."""
    asked = json.load(sys.stdin)
    texts, took = cycle(asked["texts"]), list[float]()
    connector = aiohttp.TCPConnector(limit=asked["clients"])
    async with aiohttp.ClientSession(connector=connector) as http:
        started = time.perf_counter()
        errors = await asyncio.gather(*(ask_on(http, asked, texts, took) for _ in range(asked["clients"])))
        lasted = time.perf_counter() - started
    took.sort()
    print(
        json.dumps(
            {
                "answers": len(took),
                "errors": sum(errors),
                "rate": len(took) / lasted,
                "p50": took[len(took) // 2] * 1000,
                "p99": took[len(took) * 99 // 100] * 1000,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
