"""Does a shop's system keep the contract (docs/reference/shop-api.yaml)? `shouwen shop check` tries it, line by line.

Commands are tried on test orders only: those that the system names at /conformance, or that the operator names.
"""

import asyncio
import json
import re
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
from yarl import URL

from actions import shop_wire
from actions.shop import Order, OrderStatus, ShopError

_READS = 10
_USUAL_SECONDS, _LONGEST_SECONDS = 0.5, 3.0
_ANSWER_WITHIN = 10.0
# A command that a shop does not offer is refused like one that nobody knows; it need not offer any.
_NOT_OFFERED = "unknown_command"
_MONEY, _INSTANTS, _PHONE = "amounts", "instants", "phone"
_KIND_OF_FIELD = (
    (_MONEY, re.compile(r"(^|\.)(amount|price|price_now|list_price|bundle_paid|gift_price|coupon): ")),
    (_INSTANTS, re.compile(r"(_at|_until|\.at): ")),
    (_PHONE, re.compile(r"^phone_last4: ")),
)


@dataclass(frozen=True)
class TrialOrders:
    """Orders that commands may be tried on: one that was `sent`, one `unsent` that can be cancelled; whose they are."""

    sent: str
    unsent: str
    customer_sub: str


@dataclass(frozen=True)
class Verdict:
    """One line of the contract. `fault` is empty where it is kept; `advice` says what to do about it."""

    check: str
    fault: str = ""
    advice: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it is kept."""
        return not self.fault


class _FaultError(Exception):
    """What was wrong."""


@dataclass(frozen=True)
class _Answer:
    status: int
    kind: str
    body: bytes
    seconds: float

    def read(self) -> Any:
        if self.kind != "application/json" and not self.kind.endswith("+json"):
            raise _FaultError(f"the answer is {self.kind or 'of no type'}, not application/json")
        try:
            return json.loads(self.body)
        except ValueError:
            raise _FaultError("the answer is not JSON") from None


@dataclass
class _Asker:
    """Asks the system, and keeps how long reads took."""

    base: URL
    token: str
    http: aiohttp.ClientSession
    orders: TrialOrders
    seconds: list[float] = field(default_factory=list)

    async def get(self, path: str, *, token: str | None = "", **query: str) -> _Answer:
        answer = await self._ask("GET", path, token=token, params=query)
        if answer.status == 200:
            self.seconds.append(answer.seconds)
        return answer

    async def command(
        self, kind: str, number: str, *, key: str | None, token: str | None = "", **details: str
    ) -> _Answer:
        body = json.dumps({"kind": kind, "order_number": number, "details": details})
        headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        return await self._ask("POST", "commands", token=token, headers=headers, data=body)

    async def _ask(
        self, method: str, path: str, *, token: str | None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> _Answer:
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
                return _Answer(response.status, response.content_type, body, time.perf_counter() - began)
        except TimeoutError:
            raise _FaultError(f"{method} was not answered within {_ANSWER_WITHIN:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _FaultError(f"{method} got no answer ({type(error).__name__})") from None


Look = Callable[[_Asker], Awaitable[None]]


async def check_shop(url: str, token: str, orders: TrialOrders | None) -> AsyncIterator[Verdict]:
    """Try every line; yields each verdict as it is reached. `orders` None: those that /conformance names."""
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as http:
        asker = _Asker(URL(url.rstrip("/")), token, http, orders or TrialOrders("", "", ""))
        if orders is None:
            try:
                asker.orders = await _read_trial_orders(asker)
            except _FaultError as error:
                advice = "name test orders with --sent, --unsent and --customer, or answer at /conformance"
                yield Verdict("test orders are named", str(error), advice)
                return
        for check, look, advice in _CHECKS:
            try:
                await look(asker)
            except _FaultError as error:
                yield Verdict(check, str(error), advice)
            else:
                yield Verdict(check)


async def _read_trial_orders(asker: _Asker) -> TrialOrders:
    answer = await asker.get("conformance")
    if answer.status != 200:
        raise _FaultError(f"/conformance answered {answer.status}")
    named = answer.read()
    try:
        return TrialOrders(*(_text(named[name]) for name in ("sent", "unsent", "customer_sub")))
    except (KeyError, TypeError):
        raise _FaultError("/conformance must name sent, unsent and customer_sub") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


async def _read_order(asker: _Asker, number: str) -> Order:
    answer = await asker.get(f"orders/{number}")
    _expect(answer, 200)
    answer.read()
    try:
        return shop_wire.read_order(answer.body)
    except ShopError as error:
        raise _FaultError(str(error)) from None


def _expect(answer: _Answer, *statuses: int) -> None:
    if answer.status not in statuses:
        wanted = " or ".join(map(str, statuses))
        raise _FaultError(f"it answered {answer.status}, {wanted} was wanted")


def _demand(holds: bool, fault: str) -> None:
    if not holds:
        raise _FaultError(fault)


async def _reads_orders(asker: _Asker) -> None:
    for number in (asker.orders.sent, asker.orders.unsent):
        answer = await asker.get(f"orders/{number}")
        _expect(answer, 200)
        read = answer.read()
        _demand(isinstance(read, dict) and read.get("number") == number, "it answered with another order's number")


def _fields_of(kind: str | None) -> Look:
    """Look at the fields of one kind (None: all others) of both test orders."""

    async def look(asker: _Asker) -> None:
        for number in (asker.orders.sent, asker.orders.unsent):
            answer = await asker.get(f"orders/{number}")
            answer.read()
            faults = [fault for fault in shop_wire.find_faults(answer.body) if _kind_of(fault) == kind]
            _demand(not faults, "; ".join(faults))

    return look


def _kind_of(fault: str) -> str | None:
    return next((kind for kind, pattern in _KIND_OF_FIELD if pattern.search(fault)), None)


async def _fits_its_status(asker: _Asker) -> None:
    sent, unsent = [await _read_order(asker, number) for number in (asker.orders.sent, asker.orders.unsent)]
    _demand(sent.shipment is not None, "the sent test order has no shipment")
    _demand(unsent.shipment is None, "the unsent test order has a shipment")
    _demand(unsent.status in {OrderStatus.PAID, OrderStatus.AWAITING_PAYMENT}, "the unsent one cannot be cancelled")


async def _knows_no_unknown_order(asker: _Asker) -> None:
    answer = await asker.get(f"orders/NONE-{uuid4().hex[:12]}")
    _expect(answer, 404)


async def _list_orders(asker: _Asker, sub: str, limit: int) -> list[Order]:
    answer = await asker.get("orders", customer_sub=sub, limit=str(limit))
    _expect(answer, 200)
    answer.read()
    try:
        return shop_wire.read_orders(answer.body)
    except ShopError as error:
        raise _FaultError(str(error)) from None


async def _lists_a_customers_orders(asker: _Asker) -> None:
    sub = asker.orders.customer_sub
    listed = await _list_orders(asker, sub, 100)
    _demand(
        asker.orders.sent in {order.number for order in listed}, "the sent test order is not in its customer's list"
    )
    _demand(all(order.customer_sub == sub for order in listed), "there is an order of another customer in the list")


async def _lists_newest_first(asker: _Asker) -> None:
    placed = [order.placed_at for order in await _list_orders(asker, asker.orders.customer_sub, 100)]
    _demand(placed == sorted(placed, reverse=True), "the list is not ordered by placed_at, newest first")
    if len(placed) > 1:
        first = await _list_orders(asker, asker.orders.customer_sub, 1)
        _demand([order.placed_at for order in first] == placed[:1], "limit=1 does not answer with the newest alone")


async def _lists_nothing_for_a_stranger(asker: _Asker) -> None:
    _demand(not await _list_orders(asker, f"nobody-{uuid4().hex[:12]}", 10), "a stranger has orders")


async def _wants_the_token(asker: _Asker) -> None:
    for token, what in ((None, "without a token"), (f"wrong-{uuid4().hex}", "with a wrong token")):
        for answer in (
            await asker.get(f"orders/{asker.orders.sent}", token=token),
            await asker.get("orders", token=token, customer_sub=asker.orders.customer_sub, limit="1"),
            await asker.command("no_such_command", asker.orders.sent, key=_new_key(), token=token),
        ):
            _demand(answer.status in {401, 403}, f"{what} it answered {answer.status}, 401 was wanted")


def _new_key() -> str:
    return f"check-{uuid4().hex}/0"


def _reason(answer: _Answer) -> str:
    _expect(answer, 409, 422)
    answer.read()
    try:
        return shop_wire.read_refusal(answer.body).reason or ""
    except ShopError as error:
        raise _FaultError(str(error)) from None


def _done(kind: str, answer: _Answer) -> Mapping[str, str]:
    _expect(answer, 200)
    answer.read()
    try:
        return shop_wire.read_done(kind, answer.body).details
    except ShopError as error:
        raise _FaultError(str(error)) from None


async def _refuses_unknown_commands(asker: _Asker) -> None:
    reason = _reason(await asker.command("no_such_command", asker.orders.sent, key=_new_key()))
    _demand(reason == _NOT_OFFERED, f"the reason is {reason}, unknown_command was wanted")


async def _refuses_unknown_orders(asker: _Asker) -> None:
    reason = _reason(await asker.command("cancel_order", f"NONE-{uuid4().hex[:12]}", key=_new_key()))
    _demand(reason in {"unknown_order", _NOT_OFFERED}, f"the reason is {reason}, unknown_order was wanted")


async def _wants_a_key(asker: _Asker) -> None:
    answer = await asker.command("no_such_command", asker.orders.sent, key=None)
    _expect(answer, 400)


async def _refuses_what_cannot_be_done(asker: _Asker) -> None:
    before = await _read_order(asker, asker.orders.sent)
    key = _new_key()
    reason = _reason(await asker.command("cancel_order", asker.orders.sent, key=key))
    if reason == _NOT_OFFERED:
        return
    _demand(reason == "already_dispatched", f"the reason is {reason}, already_dispatched was wanted")
    again = _reason(await asker.command("cancel_order", asker.orders.sent, key=key))
    _demand(again == reason, "the same key got another answer")
    after = await _read_order(asker, asker.orders.sent)
    _demand(after.status == before.status, "the order was changed although the command was refused")


async def _cancels(asker: _Asker) -> None:
    key = _new_key()
    first = await asker.command("cancel_order", asker.orders.unsent, key=key)
    if first.status == 422 and _reason(first) == _NOT_OFFERED:
        return
    details = _done("cancel_order", first)
    order = await _read_order(asker, asker.orders.unsent)
    _demand(order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}, "the order is not cancelled afterwards")
    again = _done("cancel_order", await asker.command("cancel_order", asker.orders.unsent, key=key))
    _demand(again == details, "sent again with its key, it got another answer")
    reason = _reason(await asker.command("cancel_order", asker.orders.unsent, key=_new_key()))
    _demand(reason == "already_cancelled", f"cancelled again, the reason is {reason}, already_cancelled was wanted")


async def _does_it_once(asker: _Asker) -> None:
    """Sent twice at the same moment, and once more: whatever comes back as done is the same."""
    key, voucher = _new_key(), {"amount": "1.00", "cause": f"check-{uuid4().hex[:8]}"}
    both = await asyncio.gather(
        *(asker.command("issue_voucher", asker.orders.sent, key=key, **voucher) for _ in range(2))
    )
    if both[0].status == 422 and _reason(both[0]) == _NOT_OFFERED:
        return
    later = await asker.command("issue_voucher", asker.orders.sent, key=key, **voucher)
    told = [_done("issue_voucher", later)]
    for answer in both:
        if answer.status == 409 and _reason(answer) == "in_progress":
            continue
        told.append(_done("issue_voucher", answer))
    _demand(all(one == told[0] for one in told), "the same key gave out more than one voucher")


async def _keeps_keys_apart(asker: _Asker) -> None:
    key = _new_key()
    await asker.command("no_such_command", asker.orders.sent, key=key)
    reason = _reason(await asker.command("cancel_order", asker.orders.sent, key=key))
    _demand(reason == "key_reused", f"a key of another command got {reason}, key_reused was wanted")


async def _answers_soon(asker: _Asker) -> None:
    for _ in range(_READS):
        with suppress(_FaultError):
            await asker.get(f"orders/{asker.orders.sent}")
    _demand(bool(asker.seconds), "no read was answered")
    usual, longest = statistics.median(asker.seconds), max(asker.seconds)
    _demand(usual <= _USUAL_SECONDS, f"a read takes {usual:.2f} s (median), {_USUAL_SECONDS} s was wanted")
    _demand(longest <= _LONGEST_SECONDS, f"the slowest read took {longest:.2f} s, longer than a try may take")


_CHECKS: tuple[tuple[str, Look, str], ...] = (
    ("orders are read", _reads_orders, "GET /orders/{number} answers 200 with that order, as application/json"),
    ("amounts are exact", _fields_of(_MONEY), 'send amounts as text with two decimals, "199.00"'),
    ("instants carry their zone", _fields_of(_INSTANTS), 'send RFC 3339 with a zone, "2026-11-23T12:00:00+08:00"'),
    ("the phone's digits are four", _fields_of(_PHONE), "phone_last4 is a text of four digits"),
    ("every other field is as described", _fields_of(None), "compare with the schema Order"),
    ("the test orders are what they are called", _fits_its_status, "name a sent one, and one that can be cancelled"),
    ("an unknown order is not found", _knows_no_unknown_order, "answer 404, whatever the number looks like"),
    ("a customer's orders are listed", _lists_a_customers_orders, "GET /orders?customer_sub=&limit=, theirs only"),
    ("the newest comes first", _lists_newest_first, "order by placed_at, newest first, and keep to limit"),
    ("a stranger has no orders", _lists_nothing_for_a_stranger, "answer 200 with an empty list"),
    ("nothing is told without the token", _wants_the_token, "answer 401 before anything else is looked at"),
    ("a command needs its key", _wants_a_key, "answer 400 where Idempotency-Key is missing"),
    ("an unknown command is refused", _refuses_unknown_commands, 'answer 422 with {"reason": "unknown_command"}'),
    ("a command for an unknown order is refused", _refuses_unknown_orders, '422 with {"reason": "unknown_order"}'),
    ("what was sent is not cancelled", _refuses_what_cannot_be_done, '409 with {"reason": "already_dispatched"}'),
    ("what was not sent is cancelled, once", _cancels, "keep key and answer in the transaction that cancels"),
    ("a command happens once for its key", _does_it_once, "keep key and answer in the transaction that acts"),
    ("a key belongs to one command", _keeps_keys_apart, 'answer 409 with {"reason": "key_reused"}'),
    ("reads are quick", _answers_soon, "a customer waits for them: look at the slowest query"),
)  # fmt: skip
