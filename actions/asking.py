"""Asks a shop's system by the contract, and reads its answers: what `actions.conformance` tries it with."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
from yarl import URL

from actions import shop_wire
from actions.shop import Order, ShopError

_ANSWER_WITHIN = 10.0
# A command that a shop does not offer is refused like one that nobody knows; it need not offer any.
NOT_OFFERED = "unknown_command"


@dataclass(frozen=True)
class TrialOrders:
    """Orders that commands may be tried on: one that was `sent`, one `unsent` that can be cancelled; whose they are."""

    sent: str
    unsent: str
    customer_sub: str


class FaultError(Exception):
    """What was wrong with an answer."""


@dataclass(frozen=True)
class Answer:
    """What the system answered, and how long that took."""

    status: int
    kind: str
    body: bytes
    seconds: float

    def read(self) -> Any:
        """Return the answer's JSON. Raises FaultError."""
        if self.kind != "application/json" and not self.kind.endswith("+json"):
            raise FaultError(f"the answer is {self.kind or 'of no type'}, not application/json")
        try:
            return json.loads(self.body)
        except ValueError:
            raise FaultError("the answer is not JSON") from None


@dataclass
class Asker:
    """Asks the system, and keeps how long reads took."""

    base: URL
    token: str
    http: aiohttp.ClientSession
    orders: TrialOrders
    seconds: list[float] = field(default_factory=list)

    async def get(self, path: str, *, token: str | None = "", **query: str) -> Answer:
        """Read something; `token` as in `command`. Raises FaultError."""
        answer = await self._ask("GET", path, token=token, params=query)
        if answer.status == 200:
            self.seconds.append(answer.seconds)
        return answer

    async def command(
        self, kind: str, number: str, *, key: str | None, token: str | None = "", **details: str
    ) -> Answer:
        """Send a command; `token` "" is the right one, None sends none. Raises FaultError."""
        body = json.dumps({"kind": kind, "order_number": number, "details": details})
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        return await self._ask("POST", "commands", token=token, headers=headers, data=body)

    async def _ask(
        self, method: str, path: str, *, token: str | None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        """Ask once; `token` "" is the right one, None sends none."""
        bearer = {} if token is None else {"Authorization": f"Bearer {token or self.token}"}
        began = time.perf_counter()
        try:
            async with (
                asyncio.timeout(_ANSWER_WITHIN),
                self.http.request(
                    method, self.base / path, headers={**bearer, **(headers or {})}, allow_redirects=False, **more
                ) as response,
            ):
                body = await response.read()
                return Answer(response.status, response.content_type, body, time.perf_counter() - began)
        except TimeoutError:
            raise FaultError(f"{method} was not answered within {_ANSWER_WITHIN:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise FaultError(f"{method} got no answer ({type(error).__name__})") from None


async def read_order(asker: Asker, number: str) -> Order:
    """Return an order as the contract has it. Raises FaultError."""
    answer = await asker.get(f"orders/{number}")
    expect(answer, 200)
    answer.read()
    try:
        return shop_wire.read_order(answer.body)
    except ShopError as error:
        raise FaultError(str(error)) from None


def expect(answer: Answer, *statuses: int) -> None:
    """Raise FaultError unless the answer has one of these statuses."""
    if answer.status not in statuses:
        wanted = " or ".join(map(str, statuses))
        raise FaultError(f"it answered {answer.status}, {wanted} was wanted")


def demand(holds: bool, fault: str) -> None:
    """Raise FaultError with a fault unless something holds."""
    if not holds:
        raise FaultError(fault)


def new_key() -> str:
    """Return a command's key that was never used."""
    return f"check-{uuid4().hex}/0"


def read_reason(answer: Answer) -> str:
    """Return why a command was refused. Raises FaultError where it was not."""
    expect(answer, 409, 422)
    answer.read()
    try:
        return shop_wire.read_refusal(answer.body).reason or ""
    except ShopError as error:
        raise FaultError(str(error)) from None


def read_done(kind: str, answer: Answer) -> Mapping[str, str]:
    """Return what a command that was carried out tells. Raises FaultError."""
    expect(answer, 200)
    answer.read()
    try:
        return shop_wire.read_done(kind, answer.body).details
    except ShopError as error:
        raise FaultError(str(error)) from None
