"""The shop's own system over a real socket: what it answers, and everything that can be wrong with an answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from actions.breaker import Breaker, BreakerState
from actions.http_shop import HttpShop, Patience
from actions.shop import CommandResult, Order, ShopCommand, ShopError
from tests.integration.shop_server import TOKEN, ShopServer, serving
from tests.unit.actions.order_samples import PAID, sent

HASTY = Patience(read=0.8, read_try=0.25, command=0.25, pause=0.01, too_late=0.05)
CANCEL = ShopCommand("message/0", "cancel_order", PAID.number, {})
# What fails in passing is asked again; the rest is told at once.
PASSING = ("hangs_up", "says_nothing", "error_500", "unavailable_503", "busy_429", "cut_off")
LASTING = {
    "error_501": "answered 501",
    "gone_410": "answered 410",
    "denied_401": "SHOUWEN_SHOP_TOKEN",
    "forbidden_403": "SHOUWEN_SHOP_TOKEN",
    "wrong_json": "breaks the contract",
    "no_json": "not JSON",
    "html": "Content-Type",
    "empty": "not JSON",
    "endless": "longer than",
    "redirects": "redirects",
    "packed": "packed",
}


@dataclass
class Book:
    """A shop in memory."""

    orders: dict[str, Order] = field(default_factory=dict)
    results: dict[str, CommandResult] = field(default_factory=dict)
    carried_out: int = 0

    async def find_order(self, number: str) -> Order | None:
        """Return it."""
        return self.orders.get(number)

    async def find_orders(self, customer_sub: str, *, limit: int = 10) -> list[Order]:
        """Return all, whoever asks."""
        return list(self.orders.values())[:limit]

    async def execute(self, command: ShopCommand) -> CommandResult:
        """Carry out once."""
        if command.key not in self.results:
            self.carried_out += 1
            refused = command.kind == "resend"
            result = CommandResult(
                not refused, "not_dispatched" if refused else None, {} if refused else {"amount": "1"}
            )
            self.results[command.key] = result
        return self.results[command.key]


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time."""
        return self.at


@pytest.fixture
async def server() -> AsyncIterator[ShopServer]:
    """A system with two orders."""
    book = Book({PAID.number: PAID, "X2": replace(sent(), number="X2", customer_sub="anna")})
    async with serving(book) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def outcomes() -> list[tuple[str, str]]:
    """What the observer heard."""
    return []


@pytest.fixture
async def shop(server: ShopServer, clock: Clock, outcomes: list[tuple[str, str]]) -> AsyncIterator[HttpShop]:
    """The system as the bot asks it, in a hurry."""
    made = HttpShop(
        server.url, TOKEN, clock=clock, patience=HASTY, breaker=Breaker(failures_allowed=4),
        on_answer=lambda operation, outcome, _seconds: outcomes.append((operation, outcome)),
    )  # fmt: skip
    yield made
    await made.close()


async def test_an_order_is_read_whole(shop: HttpShop) -> None:
    """As the shop has it."""
    assert PAID == await shop.find_order(PAID.number)


@pytest.mark.parametrize("number", ["NONE", "../orders", "a/b", "", "订单", "x" * 41, "a?b=c", ".."])
async def test_an_unknown_order_is_none(number: str, shop: HttpShop, server: ShopServer) -> None:
    """And what cannot be an order's number is not asked for."""
    assert await shop.find_order(number) is None
    assert (["GET /orders/NONE"] if number == "NONE" else []) == server.asked


async def test_nothing_is_kept_for_later(shop: HttpShop, server: ShopServer) -> None:
    """Facts are asked for each time."""
    await shop.find_order(PAID.number)
    await shop.find_order(PAID.number)
    assert 2 == len(server.asked)


@pytest.mark.parametrize("fault", PASSING)
async def test_what_fails_in_passing_is_asked_again(fault: str, shop: HttpShop, server: ShopServer) -> None:
    """The customer does not notice."""
    server.faults.append(fault)
    assert PAID == await shop.find_order(PAID.number)
    assert 2 == len(server.asked)


@pytest.mark.parametrize("fault", PASSING)
async def test_what_goes_on_failing_is_told(
    fault: str, shop: HttpShop, server: ShopServer, outcomes: list[tuple[str, str]]
) -> None:
    """Within the time a customer may be kept waiting."""
    server.always = fault
    began = asyncio.get_running_loop().time()
    with pytest.raises(ShopError):
        await shop.find_order(PAID.number)
    assert asyncio.get_running_loop().time() - began < HASTY.read + 0.5
    assert [("find_order", "down")] == outcomes
    assert len(server.asked) > 1


@pytest.mark.parametrize(("fault", "told"), LASTING.items())
async def test_what_is_wrong_is_named(
    fault: str, told: str, shop: HttpShop, server: ShopServer, outcomes: list[tuple[str, str]]
) -> None:
    """At once, and without the token."""
    server.always = fault
    for operation in (shop.find_order(PAID.number), shop.find_orders("anna"), shop.execute(CANCEL)):
        with pytest.raises(ShopError, match=told) as raised:
            await operation
        assert TOKEN not in str(raised.value)
    assert ["GET /orders/20261101001", "GET /orders", "POST /commands"] == server.asked
    assert {"nonsense"} == {outcome for _, outcome in outcomes}
    assert BreakerState.CLOSED is shop.state


async def test_another_order_than_was_asked_for_is_refused() -> None:
    """It might be somebody else's."""
    async with serving(Book({"Y1": PAID})) as confused:
        shop = HttpShop(confused.url, TOKEN, patience=HASTY)
        with pytest.raises(ShopError, match="another order"):
            await shop.find_order("Y1")
        with pytest.raises(ShopError, match="another customer"):
            await shop.find_orders("anna")
        await shop.close()


async def test_a_refused_connection_is_told(shop: HttpShop, server: ShopServer) -> None:
    """And is over when it is."""
    await server.stop()
    with pytest.raises(ShopError, match="cannot be reached"):
        await shop.find_order(PAID.number)
    await server.start()


async def test_a_command_is_sent_once_a_call(shop: HttpShop, server: ShopServer) -> None:
    """With its key; who asks again does so with the same one."""
    server.always = "unavailable_503"
    with pytest.raises(ShopError):
        await shop.execute(CANCEL)
    assert ["POST /commands"] == server.asked


@pytest.mark.parametrize(
    "fault", ["loses_answer_after_effect", "never_answers_after_effect", "error_after_effect", "cut_off", "does_twice"]
)
async def test_a_command_whose_answer_was_lost_happens_once(fault: str, clock: Clock) -> None:
    """Asked again with its key, the shop answers what it did."""
    book = Book({PAID.number: PAID})
    async with serving(book) as server:
        shop = HttpShop(server.url, TOKEN, clock=clock, patience=HASTY)
        server.faults.append(fault)
        try:
            first = await shop.execute(CANCEL)
        except ShopError:
            first = await shop.execute(CANCEL)
        assert CommandResult(True, None, {"amount": "1"}) == first
        assert {CANCEL.key} == set(server.keys)
        assert 1 == book.carried_out
        await shop.close()


async def test_a_refusal_is_an_answer(shop: HttpShop) -> None:
    """With its reason."""
    assert CommandResult(False, "not_dispatched", {}) == await shop.execute(replace(CANCEL, kind="resend"))


async def test_a_system_that_fails_again_and_again_is_left_alone(
    shop: HttpShop, server: ShopServer, clock: Clock
) -> None:
    """For a while; then one request tries it, and with its answer all is as before."""
    server.always = "unavailable_503"
    for _ in range(2):
        with pytest.raises(ShopError):
            await shop.find_order(PAID.number)
    assert BreakerState.OPEN is shop.state
    asked = len(server.asked)
    with pytest.raises(ShopError, match="left alone"):
        await shop.find_order(PAID.number)
    assert asked == len(server.asked)
    clock.at += timedelta(seconds=5)
    assert BreakerState.HALF_OPEN is shop.state
    with pytest.raises(ShopError, match="503"):
        await shop.find_order(PAID.number)
    assert (asked + 1, BreakerState.OPEN) == (len(server.asked), shop.state)
    clock.at += timedelta(seconds=5)
    server.always = None
    assert PAID == await shop.find_order(PAID.number)
    assert BreakerState.CLOSED is shop.state


async def test_a_customers_orders_come_newest_first(clock: Clock) -> None:
    """Whatever order they were sent in, and no more than were asked for."""
    orders: Mapping[str, Order] = {
        str(day): replace(PAID, number=str(day), customer_sub="anna", placed_at=datetime(2026, 11, day, tzinfo=UTC))
        for day in (3, 9, 1)
    }
    async with serving(Book(dict(orders))) as server:
        shop = HttpShop(server.url, TOKEN, clock=clock)
        assert ["9", "3", "1"] == [order.number for order in await shop.find_orders("anna")]
        assert 2 == len(await shop.find_orders("anna", limit=2))
        await shop.close()
