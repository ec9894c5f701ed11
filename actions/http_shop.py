"""A shop's own system, asked over HTTP by the contract in docs/reference/shop-api.yaml.

Reads are tried again, with jitter, as long as a customer may be kept waiting; a command is sent once for each call:
whoever asks again does so with the same key (`Idempotency-Key`), and the shop answers what it answered before. A system
that fails again and again is left alone for a while. Nothing is cached: facts are asked for when they are needed.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from yarl import URL

from actions import shop_wire
from actions.breaker import Breaker, BreakerState
from actions.shop import CommandResult, Order, ShopCommand, ShopError
from escalation.ports import Clock, SystemClock

_LONGEST_ANSWER = 2 * 1024 * 1024
# What may be a number in a path; nothing else is an order's.
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
# These say nothing of the command itself: still at it, or the key belongs to another.
_NO_REFUSALS = frozenset({"in_progress", "key_reused"})
_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds. A customer waits for a read: its tries together stay below what a turn allows.

    Before a read is tried again there is a `pause`, doubled each time; with less than `too_late` left it is not.
    """

    read: float = 4.5
    read_try: float = 3.0
    command: float = 10.0
    pause: float = 0.2
    too_late: float = 0.5


class ShopDownError(ShopError):
    """The shop's system cannot be reached, is too slow, or fails: it may be tried again."""


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes


# Hears of every operation: its name, its outcome (ok, down, nonsense, given_up) and how many seconds it took.
AnswerObserver = Callable[[str, str, float], None]


def ignore_answer(_operation: str, _outcome: str, _seconds: float) -> None:
    """Note nothing."""


class HttpShop:
    """Implements `actions.shop.Shop`. Close it when done; its connections are opened at the first request."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        clock: Clock | None = None,
        breaker: Breaker | None = None,
        on_answer: AnswerObserver = ignore_answer,
        patience: Patience = Patience(),
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """`url` is the address under which /orders and /commands lie."""
        self._base = URL(url.rstrip("/") + "/")
        self._token = token
        self._clock = clock or SystemClock()
        self._breaker = breaker or Breaker(failures_allowed=5)
        self._on_answer, self._patience, self._jitter = on_answer, patience, jitter
        self._http: aiohttp.ClientSession | None = None

    @property
    def state(self) -> BreakerState:
        """Whether the shop's system is trusted, being tried, or left alone."""
        return self._breaker.state(self._clock.now())

    async def find_order(self, number: str) -> Order | None:
        """Return the order, or None if the shop has no such number. Raises ShopError."""
        if not _NUMBER.fullmatch(number):
            return None
        with _Measured(self._on_answer, "find_order"):
            answer = await self._read(f"orders/{quote(number, safe='')}", {})
            if answer.status == 404:
                return None
            order = shop_wire.read_order(_expect(answer, 200))
            if order.number != number:
                raise ShopError("it answered with another order than was asked for")
        return order

    async def find_orders(self, customer_sub: str, *, limit: int = 10) -> list[Order]:
        """Return a signed-in customer's orders, newest first. Raises ShopError."""
        with _Measured(self._on_answer, "find_orders"):
            answer = await self._read("orders", {"customer_sub": customer_sub, "limit": str(limit)})
            orders = shop_wire.read_orders(_expect(answer, 200))
            if any(order.customer_sub != customer_sub for order in orders):
                raise ShopError("it answered with an order of another customer")
        return sorted(orders, key=lambda order: order.placed_at, reverse=True)[:limit]

    async def execute(self, command: ShopCommand) -> CommandResult:
        """Carry out a command exactly once per key; a failed call may be made again. Raises ShopError."""
        what = {"kind": command.kind, "order_number": command.order_number, "details": command.details}
        with _Measured(self._on_answer, "execute"):
            answer = await self._ask(
                "POST", "commands", within=self._patience.command, body=what, headers={"Idempotency-Key": command.key}
            )
            if answer.status in {409, 422}:
                return _refused(answer)
            return shop_wire.read_done(command.kind, _expect(answer, 200))

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def _read(self, path: str, query: Mapping[str, str]) -> _Answer:
        """Ask again what failed in passing, until the time is up."""
        patience = self._patience
        ends_at, pause = time.monotonic() + patience.read, patience.pause
        while True:
            left = ends_at - time.monotonic()
            try:
                return await self._ask("GET", path, within=min(patience.read_try, left), query=query)
            except ShopDownError:
                wait = self._jitter(pause / 2, pause)
                if ends_at - time.monotonic() < wait + patience.too_late or not self._breaker.is_closed:
                    raise
            await asyncio.sleep(wait)
            pause *= 2

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        within: float,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Answer:
        """Ask once, if the breaker allows; it hears how that went."""
        if not self._breaker.allows(self._clock.now()):
            raise ShopDownError("it failed several times in a row and is left alone for a while")
        try:
            async with asyncio.timeout(within):
                answer = await self._send(method, path, query or {}, body, headers or {})
        except (ShopDownError, TimeoutError, aiohttp.ClientError, OSError) as error:
            self._breaker.record_failure(self._clock.now())
            raise _down(error, within) from None
        except ShopError:
            # Nonsense, but the system is there: others need not be kept from asking it.
            self._breaker.record_success()
            raise
        self._breaker.record_success()
        return answer

    async def _send(
        self, method: str, path: str, query: Mapping[str, str], body: object, headers: Mapping[str, str]
    ) -> _Answer:
        url = self._base.join(URL(path, encoded=True)).with_query(query)
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        sent = {**headers, "Content-Type": "application/json"} if data else headers
        async with self._session().request(method, url, data=data, headers=sent, allow_redirects=False) as response:
            if response.status in _PASSING:
                raise ShopDownError(f"it answered {response.status}")
            return _Answer(response.status, await _read_body(response))

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            headers = {
                "Authorization": f"Bearer {self._token}",
                "Accept": "application/json",
                # What is not packed cannot unpack into more than is read.
                "Accept-Encoding": "identity",
            }
            self._http = aiohttp.ClientSession(headers=headers, auto_decompress=False)
        return self._http


class _Measured:
    """Tells the observer how an operation went."""

    def __init__(self, on_answer: AnswerObserver, operation: str) -> None:
        self._on_answer, self._operation, self._began = on_answer, operation, time.perf_counter()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case None:
                outcome = "ok"
            case ShopDownError():
                outcome = "down"
            case ShopError():
                outcome = "nonsense"
            case _:
                outcome = "given_up"
        self._on_answer(self._operation, outcome, time.perf_counter() - self._began)


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, or b"" where it is none of ours. Raises ShopError for what is too long, packed or not JSON."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise ShopError(f"its answer is longer than {_LONGEST_ANSWER // 1024} KB")
    if response.status not in {200, 409, 422}:
        return b""
    kind = response.content_type
    if kind != "application/json" and not kind.endswith("+json"):
        raise ShopError("its answer is no JSON by its Content-Type")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ShopError("its answer is packed, which was not asked for")
    return bytes(body)


def _expect(answer: _Answer, status: int) -> bytes:
    if answer.status in {401, 403}:
        raise ShopError(f"it does not accept the token ({answer.status}): is SHOUWEN_SHOP_TOKEN the one it knows?")
    if 300 <= answer.status < 400:
        raise ShopError(f"it redirects ({answer.status}): SHOUWEN_SHOP_URL must be its final address")
    if answer.status != status:
        raise ShopError(f"it answered {answer.status}, which the contract does not have here")
    return answer.body


def _refused(answer: _Answer) -> CommandResult:
    result = shop_wire.read_refusal(answer.body)
    if result.reason in _NO_REFUSALS:
        raise ShopError(f"it could not tell what became of the command ({result.reason})")
    return result


def _down(error: Exception, within: float) -> ShopDownError:
    match error:
        case ShopDownError():
            return error
        case TimeoutError():
            return ShopDownError(f"it did not answer within {within:.1f} s")
        case aiohttp.ClientConnectorError():
            return ShopDownError(f"it cannot be reached ({error.os_error.strerror or type(error.os_error).__name__})")
    return ShopDownError(f"the connection broke ({type(error).__name__})")
