"""Does a shop's system keep the contract (docs/reference/shop-api.yaml)? `shouwen shop check` tries it, line by line.

Commands are tried on test orders only: those that the system names at /conformance, or that the operator names.
"""

import asyncio
import re
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import aiohttp
from yarl import URL

from actions import shop_wire
from actions.asking import (
    NOT_OFFERED,
    Asker,
    FaultError,
    TrialOrders,
    demand,
    expect,
    new_key,
    read_done,
    read_order,
    read_reason,
)
from actions.bundles import due_back, keeps_account
from actions.shop import Order, OrderItem, OrderStatus, ShopError

_READS = 10
_USUAL_SECONDS, _LONGEST_SECONDS = 0.5, 3.0
_CENT = Decimal("0.01")
_MONEY, _INSTANTS, _PHONE = "amounts", "instants", "phone"
_NAME_THEM = "look at address and token; name test orders at /conformance, or with --sent, --unsent and --customer"
_KIND_OF_FIELD = (
    (_MONEY, re.compile(r"(^|\.)(amount|price|price_now|list_price|bundle_paid|gift_price|coupon|refunded): ")),
    (_INSTANTS, re.compile(r"(_at|_until|\.at): ")),
    (_PHONE, re.compile(r"^phone_last4: ")),
)


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


Look = Callable[[Asker], Awaitable[None]]


async def check_shop(url: str, token: str, orders: TrialOrders | None) -> AsyncIterator[Verdict]:
    """Try every line; yields each verdict as it is reached. `orders` None: those that /conformance names."""
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as http:
        asker = Asker(URL(url.rstrip("/")), token, http, orders or TrialOrders("", "", ""))
        if orders is None:
            try:
                asker.orders = await _read_trial_orders(asker)
            except FaultError as error:
                yield Verdict("test orders are named", str(error), _NAME_THEM)
                return
        for check, look, advice in _CHECKS:
            try:
                await look(asker)
            except FaultError as error:
                yield Verdict(check, str(error), advice)
            else:
                yield Verdict(check)


async def _read_trial_orders(asker: Asker) -> TrialOrders:
    answer = await asker.get("conformance")
    if answer.status in {401, 403}:
        raise FaultError(f"/conformance answered {answer.status}: it does not accept the token")
    if answer.status != 200:
        raise FaultError(f"/conformance answered {answer.status}")
    named = answer.read()
    try:
        return TrialOrders(*(_text(named[name]) for name in ("sent", "unsent", "customer_sub")))
    except (KeyError, TypeError):
        raise FaultError("/conformance must name sent, unsent and customer_sub") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


async def _reads_orders(asker: Asker) -> None:
    for number in (asker.orders.sent, asker.orders.unsent):
        answer = await asker.get(f"orders/{number}")
        expect(answer, 200)
        read = answer.read()
        demand(isinstance(read, dict) and read.get("number") == number, "it answered with another order's number")


def _fields_of(kind: str | None) -> Look:
    """Look at the fields of one kind (None: all others) of both test orders."""

    async def look(asker: Asker) -> None:
        for number in (asker.orders.sent, asker.orders.unsent):
            answer = await asker.get(f"orders/{number}")
            expect(answer, 200)
            answer.read()
            faults = [fault for fault in shop_wire.find_faults(answer.body) if _kind_of(fault) == kind]
            demand(not faults, "; ".join(faults))

    return look


def _kind_of(fault: str) -> str | None:
    return next((kind for kind, pattern in _KIND_OF_FIELD if pattern.search(fault)), None)


async def _fits_its_status(asker: Asker) -> None:
    sent, unsent = [await read_order(asker, number) for number in (asker.orders.sent, asker.orders.unsent)]
    demand(sent.shipment is not None, "the sent test order has no shipment")
    demand(unsent.shipment is None, "the unsent test order has a shipment")
    demand(unsent.status in {OrderStatus.PAID, OrderStatus.AWAITING_PAYMENT}, "the unsent one cannot be cancelled")


async def _knows_no_unknown_order(asker: Asker) -> None:
    answer = await asker.get(f"orders/NONE-{uuid4().hex[:12]}")
    expect(answer, 404)


async def _list_orders(asker: Asker, sub: str, limit: int) -> list[Order]:
    answer = await asker.get("orders", customer_sub=sub, limit=str(limit))
    expect(answer, 200)
    answer.read()
    try:
        return shop_wire.read_orders(answer.body)
    except ShopError as error:
        raise FaultError(str(error)) from None


async def _lists_a_customers_orders(asker: Asker) -> None:
    sub = asker.orders.customer_sub
    listed = await _list_orders(asker, sub, 100)
    demand(asker.orders.sent in {order.number for order in listed}, "the sent test order is not in its customer's list")
    demand(all(order.customer_sub == sub for order in listed), "there is an order of another customer in the list")


async def _lists_newest_first(asker: Asker) -> None:
    placed = [order.placed_at for order in await _list_orders(asker, asker.orders.customer_sub, 100)]
    demand(placed == sorted(placed, reverse=True), "the list is not ordered by placed_at, newest first")
    if len(placed) > 1:
        first = await _list_orders(asker, asker.orders.customer_sub, 1)
        demand([order.placed_at for order in first] == placed[:1], "limit=1 does not answer with the newest alone")


async def _lists_nothing_for_a_stranger(asker: Asker) -> None:
    demand(not await _list_orders(asker, f"nobody-{uuid4().hex[:12]}", 10), "a stranger has orders")


async def _wants_the_token(asker: Asker) -> None:
    for token, what in ((None, "without a token"), (f"wrong-{uuid4().hex}", "with a wrong token")):
        for answer in (
            await asker.get(f"orders/{asker.orders.sent}", token=token),
            await asker.get("orders", token=token, customer_sub=asker.orders.customer_sub, limit="1"),
            await asker.command("no_such_command", asker.orders.sent, key=new_key(), token=token),
        ):
            demand(answer.status in {401, 403}, f"{what} it answered {answer.status}, 401 was wanted")


async def _refuses_unknown_commands(asker: Asker) -> None:
    reason = read_reason(await asker.command("no_such_command", asker.orders.sent, key=new_key()))
    demand(reason == NOT_OFFERED, f"the reason is {reason}, unknown_command was wanted")


async def _refuses_unknown_orders(asker: Asker) -> None:
    reason = read_reason(await asker.command("cancel_order", f"NONE-{uuid4().hex[:12]}", key=new_key()))
    demand(reason in {"unknown_order", NOT_OFFERED}, f"the reason is {reason}, unknown_order was wanted")


async def _wants_a_key(asker: Asker) -> None:
    answer = await asker.command("no_such_command", asker.orders.sent, key=None)
    expect(answer, 400)


async def _refuses_what_cannot_be_done(asker: Asker) -> None:
    before = await read_order(asker, asker.orders.sent)
    key = new_key()
    reason = read_reason(await asker.command("cancel_order", asker.orders.sent, key=key))
    if reason == NOT_OFFERED:
        return
    demand(reason == "already_dispatched", f"the reason is {reason}, already_dispatched was wanted")
    again = read_reason(await asker.command("cancel_order", asker.orders.sent, key=key))
    demand(again == reason, "the same key got another answer")
    after = await read_order(asker, asker.orders.sent)
    demand(after.status == before.status, "the order was changed although the command was refused")


async def _cancels(asker: Asker) -> None:
    key = new_key()
    first = await asker.command("cancel_order", asker.orders.unsent, key=key)
    if first.status == 422 and read_reason(first) == NOT_OFFERED:
        return
    details = read_done("cancel_order", first)
    order = await read_order(asker, asker.orders.unsent)
    demand(order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}, "the order is not cancelled afterwards")
    again = read_done("cancel_order", await asker.command("cancel_order", asker.orders.unsent, key=key))
    demand(again == details, "sent again with its key, it got another answer")
    reason = read_reason(await asker.command("cancel_order", asker.orders.unsent, key=new_key()))
    demand(reason == "already_cancelled", f"cancelled again, the reason is {reason}, already_cancelled was wanted")


async def _does_it_once(asker: Asker) -> None:
    """Sent twice at the same moment, and once more: whatever comes back as done is the same."""
    key, voucher = new_key(), {"amount": "1.00", "cause": f"check-{uuid4().hex[:8]}"}
    both = await asyncio.gather(
        *(asker.command("issue_voucher", asker.orders.sent, key=key, **voucher) for _ in range(2))
    )
    if both[0].status == 422 and read_reason(both[0]) == NOT_OFFERED:
        return
    later = await asker.command("issue_voucher", asker.orders.sent, key=key, **voucher)
    told = [read_done("issue_voucher", later)]
    for answer in both:
        if answer.status == 409 and read_reason(answer) == "in_progress":
            continue
        told.append(read_done("issue_voucher", answer))
    demand(all(one == told[0] for one in told), "the same key gave out more than one voucher")


async def _pays_back_a_part(asker: Asker) -> None:
    """Where the shop tells what went back: a cent for one item, once; and never more than was paid for that.

    Of any other shop no part is ever asked, so that none is tried: it might pay back the whole order.
    """
    number, before = asker.orders.sent, await read_order(asker, asker.orders.sent)
    item = next((one for one in before.items if due_back(before, one, 1)), None)
    if not keeps_account(before) or item is None:
        return
    part = {"sku": item.sku, "quantity": "1"}
    too_much = str(due_back(before, item, 1) + _CENT)
    reason = read_reason(await asker.command("refund", number, key=new_key(), amount=too_much, **part))
    if reason == NOT_OFFERED:
        return
    demand(reason == "too_much", f"for more than was paid for it the reason is {reason}, too_much was wanted")
    demand(await read_order(asker, number) == before, "the order was changed although the command was refused")
    key = new_key()
    told = [
        read_done("refund", await asker.command("refund", number, key=key, amount="0.01", **part)) for _ in range(2)
    ]
    demand(told[0] == told[1], "sent again with its key, it got another answer")
    demand(told[0]["amount"] == "0.01", f"it paid back {told[0]['amount']}, 0.01 was asked")
    _check_account(before, await read_order(asker, number), item)


def _check_account(before: Order, after: Order, item: OrderItem) -> None:
    paid, paid_before = after.payment, before.payment
    grown = paid and paid_before and paid.refunded == (paid_before.refunded or 0) + _CENT
    now = next((one for one in after.items if one.sku == item.sku), item)
    demand(bool(grown), "payment.refunded has not grown by what went back, once")
    demand(
        (now.refunded, now.refunded_quantity) == (item.refunded + _CENT, item.refunded_quantity + 1),
        "the item's refunded and refunded_quantity have not grown by what went back, once",
    )


async def _keeps_keys_apart(asker: Asker) -> None:
    key = new_key()
    await asker.command("no_such_command", asker.orders.sent, key=key)
    reason = read_reason(await asker.command("cancel_order", asker.orders.sent, key=key))
    demand(reason == "key_reused", f"a key of another command got {reason}, key_reused was wanted")


async def _answers_soon(asker: Asker) -> None:
    for _ in range(_READS):
        with suppress(FaultError):
            await asker.get(f"orders/{asker.orders.sent}")
    demand(bool(asker.seconds), "no read was answered")
    usual, longest = statistics.median(asker.seconds), max(asker.seconds)
    demand(usual <= _USUAL_SECONDS, f"a read takes {usual:.2f} s (median), {_USUAL_SECONDS} s was wanted")
    demand(longest <= _LONGEST_SECONDS, f"the slowest read took {longest:.2f} s, longer than a try may take")


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
    ("a part is paid back, once", _pays_back_a_part, "tell payment.refunded only where refund takes sku and quantity"),
    ("a key belongs to one command", _keeps_keys_apart, 'answer 409 with {"reason": "key_reused"}'),
    ("reads are quick", _answers_soon, "a customer waits for them: look at the slowest query"),
)  # fmt: skip
