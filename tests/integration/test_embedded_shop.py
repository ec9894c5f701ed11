"""The embedded shop on a real database: reads, and commands that happen once."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from actions.demo_shop import list_demo_orders, make_demo_orders, seed_demo_orders
from actions.embedded_shop import EmbeddedShop, to_order
from actions.models import ShopCommandResult
from actions.shop import Order, OrderStatus, ShopCommand, ShopError
from bot.sealing import Seal

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
UNSENT, SENT, SIGNED, UNPAID = "20261123005", "20261123015", "20261123001", "20261123033"
CHEAPER, LOST = "20261123035", "20261123019"
SEAL = Seal("a secret of at least thirty-two letters")
Sessions = async_sessionmaker[AsyncSession]


class StoppedClock:
    """Always noon of the demo's day."""

    def now(self) -> datetime:
        """Return it."""
        return NOW


@pytest.fixture
async def shop(sessions: Sessions) -> EmbeddedShop:
    """The shop with its demo orders."""
    async with sessions.begin() as session:
        await seed_demo_orders(session, NOW)
    return EmbeddedShop(sessions, StoppedClock(), SEAL)


def command(key: str, kind: str, order_number: str, /, **details: str) -> ShopCommand:
    """Return a command."""
    return ShopCommand(key=key, kind=kind, order_number=order_number, details=details)


async def find(shop: EmbeddedShop, number: str) -> Order:
    """Return an order that is there."""
    order = await shop.find_order(number)
    assert order is not None
    return order


async def test_orders_are_read_as_they_were_written(shop: EmbeddedShop) -> None:
    """Every field of every demo order survives the database."""
    for written in map(to_order, make_demo_orders(NOW)):
        assert await shop.find_order(written.number) == written


async def test_an_unknown_number_is_none(shop: EmbeddedShop) -> None:
    """Not an error."""
    assert await shop.find_order("20261123999") is None


async def test_a_customers_orders_come_newest_first(shop: EmbeddedShop, sessions: Sessions) -> None:
    """And only theirs, as many as asked for."""
    async with sessions.begin() as session:
        for row in make_demo_orders(NOW):
            row.number, row.customer_sub, row.demo = f"x{row.number}", "anna", None
            row.shipment = row.payment = None
            session.add(row)
    mine = await shop.find_orders("anna", limit=5)
    placed = [order.placed_at for order in mine]
    assert len(mine) == 5
    assert placed == sorted(placed, reverse=True)
    assert await shop.find_orders("bert") == []


async def test_seeding_twice_adds_nothing(shop: EmbeddedShop, sessions: Sessions) -> None:
    """Numbers stay as they were first given, whatever the day."""
    async with sessions.begin() as session:
        assert await seed_demo_orders(session, NOW.replace(year=2027)) == 0
        listed = await list_demo_orders(session)
    assert listed[0].number == SIGNED
    assert SIGNED in listed[0].say["en"]
    assert listed[0].phone_last4 in listed[0].say["zh-Hant"]


async def test_cancelling_before_dispatch_refunds_at_once(shop: EmbeddedShop) -> None:
    """The order, the payment and the result agree."""
    result = await shop.execute(command("k", "cancel_order", UNSENT))
    order = await find(shop, UNSENT)
    assert (result.done, result.details["amount"]) == (True, "219.00")
    assert order.status is OrderStatus.REFUNDED
    assert order.payment is not None
    assert order.payment.refunded_at == order.cancel_requested_at == NOW


async def test_cancelling_what_was_never_paid_refunds_nothing(shop: EmbeddedShop) -> None:
    """There is no money to give back."""
    result = await shop.execute(command("k", "cancel_order", UNPAID))
    assert (result.done, result.details) == (True, {"amount": "0.00"})
    assert (await find(shop, UNPAID)).status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("kind", "number", "reason"),
    [
        ("cancel_order", SENT, "already_dispatched"),
        ("cancel_order", SIGNED, "already_dispatched"),
        ("cancel_order", "20261123020", "already_cancelled"),
        ("cancel_order", "20261123031", "already_dispatched"),  # dispatched by the order's own word
        ("cancel_order", "1", "unknown_order"),
        ("return_label", UNSENT, "not_dispatched"),
        ("resend", UNSENT, "not_dispatched"),
        ("change_order", SENT, "already_dispatched"),
        ("change_order", "20261123034", "already_cancelled"),
        ("delivery_instruction", SIGNED, "already_delivered"),
        ("delivery_instruction", "20261123034", "already_cancelled"),
        ("request_invoice", UNPAID, "not_paid"),
        ("request_invoice", "20261123034", "already_cancelled"),
        ("refund_difference", UNPAID, "not_paid"),
        ("refund", UNPAID, "not_paid"),
        ("resend", "20261123034", "already_refunded"),
        ("burn_down", SENT, "unknown_command"),
    ],
)
async def test_a_refusal_has_a_reason_and_changes_nothing(
    shop: EmbeddedShop, kind: str, number: str, reason: str
) -> None:
    """Refused for good: the same key is refused again."""
    before = await shop.find_order(number)
    for _ in range(2):
        result = await shop.execute(command("k", kind, number))
        assert (result.done, result.reason) == (False, reason)
    assert await shop.find_order(number) == before


async def test_the_same_key_returns_the_first_result(shop: EmbeddedShop) -> None:
    """Asked again, a voucher is the same voucher, a cancelling no refusal."""
    for kind, number in (("issue_voucher", SENT), ("cancel_order", UNSENT), ("return_label", SIGNED)):
        first = await shop.execute(command(kind, kind, number, amount="5.00"))
        assert first.done
        assert await shop.execute(command(kind, kind, number, amount="5.00")) == first


async def test_the_same_key_at_the_same_moment_works_once(shop: EmbeddedShop, sessions: Sessions) -> None:
    """Ten at once get one result from one row."""
    asked = [shop.execute(command("k", "issue_voucher", SENT, amount="5.00", cause="late")) for _ in range(10)]
    results = await asyncio.gather(*asked)
    assert len({result.details["code"] for result in results}) == 1
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ShopCommandResult)) == 1


async def test_one_cause_earns_one_voucher_whatever_the_key(shop: EmbeddedShop) -> None:
    """Two conversations at once about the same lateness get the same voucher; another cause gets its own."""
    late = [shop.execute(command(f"k{n}", "issue_voucher", SENT, amount="5.00", cause="late")) for n in range(5)]
    codes = {result.details["code"] for result in await asyncio.gather(*late)}
    other = await shop.execute(command("other", "issue_voucher", SENT, amount="5.00", cause="quality"))
    assert len(codes) == 1
    assert other.details["code"] not in codes


async def test_a_changed_phone_is_the_new_proof(shop: EmbeddedShop, sessions: Sessions) -> None:
    """Whoever packs reads the change; nobody reads it in the tables."""
    change = {"address": "杭州市西湖区文三路 90 号", "phone": "139 0000 4567"}
    result = await shop.execute(command("k", "change_order", UNSENT, **change))
    assert (result.done, result.details) == (True, {"changed": "address,phone"})
    assert (await find(shop, UNSENT)).phone_last4 == "4567"
    assert [change] == [taken.details for taken in await shop.list_taken(NOW)]
    async with sessions() as session:
        row = (await session.scalars(select(ShopCommandResult))).one()
    assert row.details == {}
    assert row.sealed_details is not None
    assert "文三路" not in row.sealed_details.decode()


async def test_without_a_key_nothing_of_a_person_is_kept(sessions: Sessions, shop: EmbeddedShop) -> None:
    """It is refused as a fault of the shop, not written down in the open."""
    unsealed = EmbeddedShop(sessions, StoppedClock())
    with pytest.raises(ShopError):
        await unsealed.execute(command("k", "change_order", UNSENT, address="文三路 90 号"))
    assert await shop.list_taken(NOW) == []


async def test_an_order_has_one_invoice(shop: EmbeddedShop) -> None:
    """The first is taken in with its amount; another is for a person to see to."""
    wanted = {"kind": "personal", "title": "Li", "email": "li@example.com"}
    first = await shop.execute(command("k", "request_invoice", SIGNED, **wanted))
    second = await shop.execute(command("k2", "request_invoice", SIGNED, **wanted))
    assert (first.done, first.details["amount"]) == (True, "259.00")
    assert (second.done, second.reason) == (False, "already_invoiced")


@pytest.mark.parametrize(
    ("amount", "done", "reason"),
    [
        ("30.00", True, None),  # 219.00 - 189.00
        ("30.01", False, "no_difference"),
        ("0", False, "no_difference"),
        ("-5", False, "no_difference"),
        ("NaN", False, "no_difference"),
        ("much", False, "no_difference"),
    ],
)
async def test_no_more_than_the_difference_goes_back(
    shop: EmbeddedShop, amount: str, done: bool, reason: str | None
) -> None:
    """And once for an item."""
    result = await shop.execute(command("k", "refund_difference", CHEAPER, sku="bag", amount=amount))
    assert (result.done, result.reason) == (done, reason)
    if done:
        again = await shop.execute(command("k2", "refund_difference", CHEAPER, sku="bag", amount=amount))
        assert (again.done, again.reason) == (False, "already_refunded")


@pytest.mark.parametrize("amount", ["128.99", "129.01", "0", "much"])
async def test_a_refund_is_of_all_that_was_paid(shop: EmbeddedShop, amount: str) -> None:
    """To the cent, and once: order and payment say so."""
    assert not (await shop.execute(command("k", "refund", LOST, amount=amount))).done
    first = await shop.execute(command("k2", "refund", LOST, amount="129.00"))
    assert (first.done, first.details["amount"]) == (True, "129.00")
    order = await find(shop, LOST)
    assert (order.status, order.payment and order.payment.refunded_at) == (OrderStatus.REFUNDED, NOW)
    again = await shop.execute(command("k3", "refund", LOST, amount="129.00"))
    assert (again.done, again.reason) == (False, "already_refunded")


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [("resend", "refund", "already_resent"), ("refund", "resend", "already_refunded")],
)
async def test_a_lost_parcel_comes_again_or_is_paid_back(
    shop: EmbeddedShop, first: str, second: str, reason: str
) -> None:
    """Never both, whoever asks last."""
    details = {"sku": "kettle", "amount": "129.00"}
    assert (await shop.execute(command("k", first, LOST, **details))).done
    refused = await shop.execute(command("k2", second, LOST, **details))
    assert (refused.done, refused.reason) == (False, reason)


async def test_an_instruction_is_taken_until_delivery(shop: EmbeddedShop) -> None:
    """On the way, and before it left."""
    for number in (SENT, UNSENT):
        asked = command(number, "delivery_instruction", number, day="2026-11-25", instruction="放快递柜")
        assert (await shop.execute(asked)).details == {"day": "2026-11-25"}


async def test_a_key_is_not_for_two_commands(shop: EmbeddedShop) -> None:
    """A mix-up is an error, not somebody else's result."""
    await shop.execute(command("k", "issue_voucher", SENT, amount="5.00"))
    with pytest.raises(ShopError):
        await shop.execute(command("k", "cancel_order", UNSENT))
    assert (await find(shop, UNSENT)).status is OrderStatus.PAID


async def test_a_dead_database_is_a_shop_error() -> None:
    """The bot can say that the shop does not answer."""
    engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    with pytest.raises(ShopError):
        await EmbeddedShop(async_sessionmaker(engine)).find_order("1")
    await engine.dispose()


async def test_what_came_back_of_the_price_is_not_paid_back_twice(shop: EmbeddedShop) -> None:
    """Thirty of a price that fell, then the rest."""
    assert (await shop.execute(command("k", "refund_difference", CHEAPER, sku="bag", amount="30.00"))).done
    before = await shop.find_order(CHEAPER)
    assert before is not None
    assert before.payment is not None
    whole = before.payment.amount
    refunded = await shop.execute(command("k2", "refund", CHEAPER, amount=str(whole)))
    assert {"amount": str(whole - 30), "method": before.payment.method} == dict(refunded.details)
