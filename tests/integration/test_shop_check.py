"""`shouwen shop check`: an adapter that keeps the contract, and one that breaks it in each way that is looked for."""

import importlib.util
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from actions.asking import TrialOrders
from actions.conformance import Verdict, check_shop
from bot.settings import PROJECT

FILE = PROJECT / "docs" / "examples" / "shop_adapter.py"
TOKEN = "a-token-of-the-shop"


def load_example() -> Any:
    """Return the example's module, which lies outside of the packages."""
    spec = importlib.util.spec_from_file_location("shop_adapter", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def make_payer(example: Any) -> Any:
    """Return the example's adapter, grown to one that keeps account of what it paid back, and pays parts."""

    class Payer(example.Adapter):  # type: ignore[misc]
        def save(self, order: dict[str, Any]) -> None:
            if order.get("payment"):
                order["payment"].setdefault("refunded", "0.00")
            super().save(order)

        def carry_out(self, kind: str, number: str, details: dict[str, str]) -> tuple[int, dict[str, Any]]:
            order = self.find(number)
            if kind == "refund" and order:
                return self.pay_back(order, **details)
            return super().carry_out(kind, number, details)

        def pay_back(
            self, order: dict[str, Any], amount: str, sku: str = "", quantity: str = "1"
        ) -> tuple[int, dict[str, Any]]:
            payment, asked, count = order["payment"], Decimal(amount), int(quantity)
            left = Decimal(payment["amount"]) - Decimal(payment["refunded"])
            item = next((item for item in order["items"] if item["sku"] == sku), None)
            if item and count > item.get("quantity", 1) - item.get("refunded_quantity", 0):
                return 409, {"reason": "already_refunded"}
            if asked > (min(left, count * Decimal(item["price"])) if item else left):
                return 409, {"reason": "too_much"}
            if item:
                item["refunded"] = str(Decimal(item.get("refunded", "0.00")) + asked)
                item["refunded_quantity"] = item.get("refunded_quantity", 0) + count
            payment["refunded"] = str(Decimal(payment["refunded"]) + asked)
            self.save(order)
            return 200, {"details": {"amount": amount}}

    return Payer


@pytest.fixture
async def adapter(tmp_path: Path) -> AsyncIterator[Any]:
    """The example, on a book of its own."""
    made = load_example().Adapter(str(tmp_path / "orders.db"), TOKEN)
    yield made
    made.store.close()


@pytest.fixture
async def payer(tmp_path: Path) -> AsyncIterator[Any]:
    """An adapter that pays back parts of an order."""
    made = make_payer(load_example())(str(tmp_path / "payer.db"), TOKEN)
    yield made
    made.store.close()


async def check(app: web.Application, *, token: str = TOKEN, orders: TrialOrders | None = None) -> list[Verdict]:
    """Serve an adapter and check it."""
    async with TestServer(app) as server:
        return [verdict async for verdict in check_shop(str(server.make_url("/")), token, orders)]


def test_the_example_is_short() -> None:
    """Under a hundred lines: so little is to do."""
    assert len(FILE.read_text(encoding="utf-8").splitlines()) < 100


async def test_the_example_keeps_the_contract(adapter: Any, payer: Any) -> None:
    """All of it; and so does one that pays parts."""
    for made in (adapter, payer):
        verdicts = await check(made.app)
        assert [] == [verdict for verdict in verdicts if not verdict.is_kept]
        assert len(verdicts) == 20


async def test_orders_can_be_named_instead(adapter: Any) -> None:
    """Where the shop names none."""
    named = json.loads((await adapter.name_orders(None)).body)
    verdicts = await check(adapter.app, orders=TrialOrders(**named))
    assert [] == [verdict for verdict in verdicts if not verdict.is_kept]


async def test_a_wrong_token_ends_it(adapter: Any) -> None:
    """With what to do."""
    verdicts = await check(adapter.app, token="another-token-than-that")
    fault = "/conformance answered 401: it does not accept the token"
    assert [("test orders are named", fault)] == [(v.check, v.fault) for v in verdicts]


Break = Callable[[web.Request, Callable[[], Awaitable[web.Response]]], Awaitable[web.StreamResponse]]


def change_order(**changes: Any) -> Break:
    """Let every order that is read have other fields."""

    async def answer(request: web.Request, honest: Callable[[], Awaitable[web.Response]]) -> web.Response:
        response = await honest()
        if not request.path.startswith("/orders/") or response.status != 200:
            return response
        order = json.loads(response.body or b"") | changes
        return web.json_response({name: value for name, value in order.items() if value != "left out"})

    return answer


def change_payment(**changes: Any) -> Break:
    """Let the payment of every order that is read have other fields."""

    async def answer(request: web.Request, honest: Callable[[], Awaitable[web.Response]]) -> web.Response:
        response = await honest()
        if not request.path.startswith("/orders/") or response.status != 200:
            return response
        order = json.loads(response.body or b"")
        payment = {**order["payment"], **changes}
        told = {name: value for name, value in payment.items() if value != "left out"}
        return web.json_response({**order, "payment": told})

    return answer


def change_list(change: Callable[[list[Any]], list[Any]]) -> Break:
    """Let every list be another."""

    async def answer(request: web.Request, honest: Callable[[], Awaitable[web.Response]]) -> web.Response:
        response = await honest()
        if request.path != "/orders" or response.status != 200:
            return response
        return web.json_response({"orders": change(json.loads(response.body or b"")["orders"])})

    return answer


def answer_commands(change: Callable[[web.Request, web.Response], web.Response]) -> Break:
    """Let every command be answered otherwise."""

    async def answer(request: web.Request, honest: Callable[[], Awaitable[web.Response]]) -> web.Response:
        response = await honest()
        return change(request, response) if request.method == "POST" and response.status != 401 else response

    return answer


async def no_answer_type(_request: web.Request, honest: Callable[[], Awaitable[web.Response]]) -> web.Response:
    """Send JSON as text."""
    response = await honest()
    return web.Response(body=response.body, status=response.status, content_type="text/plain")


def _status(wanted: str, status: int) -> Callable[[web.Request, web.Response], web.Response]:
    def change(_request: web.Request, response: web.Response) -> web.Response:
        return web.json_response({}, status=status) if wanted in (response.text or "") else response

    return change


@pytest.mark.parametrize(
    ("payment", "item", "line", "fault"),
    [
        ({"parts": [{"method": "card", "amount": "9.00"}]}, {"bundle": None}, None, ""),
        ({}, {"bundle": "tea", "bundle_paid": "9.00", "list_price": "12.00"}, None, ""),
        ({"parts": [{"method": "card", "amount": 9}]}, {}, "amounts are exact", "payment.parts.0.amount"),
        ({}, {"bundle": "tea", "bundle_paid": 9, "list_price": "12.00"}, "amounts are exact", "items.0.bundle_paid"),
        ({}, {"bundle": "tea", "bundle_paid": "9.00"}, "every other field is as described", "items.0.bundle"),
        ({"parts": "card"}, {}, "every other field is as described", "payment.parts"),
    ],
)
async def test_what_may_be_told_besides_is_checked_where_it_is_told(
    adapter: Any, payment: dict[str, Any], item: dict[str, Any], line: str | None, fault: str
) -> None:
    """Bundles and parts of a payment: an adapter without them keeps the contract, and one with them by its fields."""
    named = json.loads((await adapter.name_orders(None)).body)
    for number in (named["sent"], named["unsent"]):
        order = adapter.find(number)
        adapter.save(order | {"payment": order["payment"] | payment, "items": [order["items"][0] | item]})
    found = [verdict for verdict in await check(adapter.app, orders=TrialOrders(**named)) if not verdict.is_kept]
    assert line in [verdict.check for verdict in found] or (line is None and found == [])
    assert any(fault in verdict.fault for verdict in found) or not fault


BROKEN: dict[str, Break] = {
    "amounts are exact": change_order(amount=9.0),
    "instants carry their zone": change_order(placed_at="2026-11-23T12:00:00"),
    "the phone's digits are four": change_order(phone_last4="13800138000"),
    "every other field is as described": change_order(status="on its way"),
    "the test orders are what they are called": change_order(shipment=None),
    "orders are read": change_order(number="OTHER"),
    "a customer's orders are listed": change_list(lambda _orders: []),
    "the newest comes first": change_list(lambda orders: orders[::-1]),
    "an unknown command is refused": answer_commands(_status("unknown_command", 200)),
    "a command for an unknown order is refused": answer_commands(_status("unknown_order", 404)),
    "what was sent is not cancelled": answer_commands(_status("already_dispatched", 500)),
    "a key belongs to one command": answer_commands(_status("key_reused", 200)),
    "what was not sent is cancelled, once": answer_commands(_status("already_cancelled", 200)),
    "a part is paid back, once": answer_commands(_status("too_much", 200)),
}


@pytest.mark.parametrize("line", BROKEN)
async def test_each_breach_is_found(line: str, payer: Any) -> None:
    """By its line of the contract, with what was wrong and what to do."""
    broken = BROKEN[line]

    @web.middleware
    async def interfere(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        return await broken(request, lambda: handler(request))

    payer.app.middlewares.append(interfere)
    found = [verdict for verdict in await check(payer.app) if not verdict.is_kept]
    assert line in [verdict.check for verdict in found]
    assert all(verdict.fault and verdict.advice for verdict in found)


async def test_of_a_shop_that_tells_nothing_of_what_went_back_no_part_is_asked(payer: Any) -> None:
    """It might pay back the whole order for it: such an adapter, of before there were parts, keeps the contract."""
    asked, broken = [], change_payment(refunded="left out")

    @web.middleware
    async def listen(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        asked.append((await request.json())["kind"] if request.method == "POST" else "")
        return await broken(request, lambda: handler(request))

    payer.app.middlewares.append(listen)
    assert [] == [verdict for verdict in await check(payer.app) if not verdict.is_kept]
    assert "issue_voucher" in asked
    assert "refund" not in asked


async def name_two(payer: Any, prices: tuple[str, str], amount: str) -> TrialOrders:
    """Let the order that was sent have two items; returns the test orders."""
    named = json.loads((await payer.name_orders(None)).body)
    order = payer.find(named["sent"])
    items = [{"sku": sku, "name": sku, "price": price} for sku, price in zip("ab", prices, strict=True)]
    with payer.store:
        payer.save(order | {"items": items, "amount": amount, "payment": order["payment"] | {"amount": amount}})
    return TrialOrders(**named)


async def test_a_gift_is_no_part_to_try(payer: Any) -> None:
    """Nothing was paid for it: a shop is right to refuse a cent."""
    orders = await name_two(payer, ("0.00", "9.00"), "9.00")
    assert [] == [verdict for verdict in await check(payer.app, orders=orders) if not verdict.is_kept]


async def test_a_shop_that_forgets_the_discount_is_found(payer: Any) -> None:
    """4.50 were paid for what costs 5.00: it would pay 4.51, though less than the whole payment."""
    orders = await name_two(payer, ("5.00", "5.00"), "9.00")
    found = {verdict.check for verdict in await check(payer.app, orders=orders) if not verdict.is_kept}
    assert {"a part is paid back, once"} == found


async def test_a_shop_that_takes_a_part_for_the_whole_is_found(payer: Any) -> None:
    """It tells what went back, and pays back all of it whatever is asked."""
    pay_back = payer.pay_back
    payer.pay_back = lambda order, amount, **_part: pay_back(order, order["payment"]["amount"])
    found = {verdict.check: verdict.fault for verdict in await check(payer.app) if not verdict.is_kept}
    assert {"a part is paid back, once"} == set(found)


@pytest.mark.parametrize("forgets", ["payment", "item"])
async def test_a_shop_that_keeps_no_account_is_found(payer: Any, forgets: str) -> None:
    """What went back must be told of the payment and of the item."""
    save = payer.save

    def forget(order: dict[str, Any]) -> None:
        if forgets == "payment":
            order["payment"]["refunded"] = "0.00"
        else:
            order["items"][0].pop("refunded", None)
        save(order)

    payer.save = forget
    found = {verdict.check: verdict.fault for verdict in await check(payer.app) if not verdict.is_kept}
    assert "refunded" in found["a part is paid back, once"]


async def test_answers_that_do_not_say_they_are_json(adapter: Any) -> None:
    """Are named so."""

    @web.middleware
    async def interfere(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        return await no_answer_type(request, lambda: handler(request))

    adapter.app.middlewares.append(interfere)
    (verdict,) = await check(adapter.app)
    assert "the answer is text/plain, not application/json" == verdict.fault


async def test_a_door_without_a_lock_is_found(adapter: Any) -> None:
    """Whoever asks is told."""
    adapter.app.middlewares.clear()
    found = {verdict.check for verdict in await check(adapter.app) if not verdict.is_kept}
    assert {"nothing is told without the token"} == found


async def test_a_command_that_is_done_again_is_found(payer: Any) -> None:
    """A key that is forgotten gives out two vouchers, pays twice, and cancels what is cancelled."""
    payer.store.execute("CREATE TRIGGER forgetful AFTER INSERT ON commands BEGIN DELETE FROM commands; END")
    found = {verdict.check for verdict in await check(payer.app) if not verdict.is_kept}
    once = {
        "a command happens once for its key",
        "what was not sent is cancelled, once",
        "a part is paid back, once",
        "a key belongs to one command",
    }
    assert once == found


async def test_what_was_not_read_is_not_in_order(adapter: Any) -> None:
    """Of orders that are not there, no line about their fields is kept."""
    verdicts = await check(adapter.app, orders=TrialOrders("A", "B", "C"))
    of_fields = {"amounts are exact", "instants carry their zone", "the phone's digits are four"}
    assert {"it answered 404, 200 was wanted"} == {v.fault for v in verdicts if v.check in of_fields}
