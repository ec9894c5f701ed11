"""The embedded shop on a real database: reads, and commands that happen once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from actions.demo_shop import list_demo_orders, make_demo_orders, seed_demo_orders
from actions.embedded_records import to_order
from actions.embedded_shop import EmbeddedShop
from actions.models import ShopCommandResult
from actions.shop import CommandResult, Order, OrderStatus, ShopCommand, ShopError
from bot.security.sealing import Seal

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
UNSENT, SENT, SIGNED, UNPAID = "20261123005", "20261123015", "20261123001", "20261123033"
CHEAPER, LOST = "20261123035", "20261123019"
THREE_BOXES, SEVERAL, BUNDLE = "20261123028", "20261123041", "20261123047"
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
    assert (await find(shop, CHEAPER)).payment == replace(before.payment, refunded_at=NOW, refunded=whole)


async def pay(shop: EmbeddedShop, key: str, number: str, sku: str, amount: str, quantity: str = "1") -> CommandResult:
    """Ask for the money for so many of an item."""
    return await shop.execute(command(key, "refund", number, sku=sku, quantity=quantity, amount=amount))


async def test_a_part_is_paid_back_and_the_rest_afterwards(shop: EmbeddedShop) -> None:
    """One box of three, to the cent; the order goes on, and its last box ends it."""
    paid = (await find(shop, THREE_BOXES)).amount
    one = paid / 3
    first = await pay(shop, "k1", THREE_BOXES, "biscuits", str(one))
    assert (True, {"amount": str(one), "method": "alipay"}) == (first.done, first.details)
    order = await find(shop, THREE_BOXES)
    assert order.payment is not None
    assert (one, 1, one, None) == (
        order.items[0].refunded, order.items[0].refunded_quantity, order.payment.refunded, order.payment.refunded_at,
    )  # fmt: skip
    assert OrderStatus.SIGNED is order.status
    assert first == await pay(shop, "k1", THREE_BOXES, "biscuits", str(one))
    assert (await pay(shop, "k2", THREE_BOXES, "biscuits", str(one * 2), "2")).done
    order = await find(shop, THREE_BOXES)
    assert (OrderStatus.REFUNDED, order.payment and order.payment.refunded_at) == (order.status, NOW)
    assert "already_refunded" == (await pay(shop, "k3", THREE_BOXES, "biscuits", "0.01")).reason


@pytest.mark.parametrize(
    ("sku", "quantity", "change", "reason"),
    [
        ("biscuits", "1", "0.01", "too_much"),
        ("biscuits", "1", "-1000", "too_much"),
        ("biscuits", "1", "-0.001", "too_much"),
        ("biscuits", "4", "0", "already_refunded"),
        ("biscuits", "0", "0", "already_refunded"),
        ("biscuits", "-1", "0", "already_refunded"),
        ("biscuits", "many", "0", "already_refunded"),
        ("kettle", "1", "0", "not_paid"),
    ],
)
async def test_too_much_for_a_part_is_refused(
    shop: EmbeddedShop, sku: str, quantity: str, change: str, reason: str
) -> None:
    """And nothing is changed by it."""
    before = await find(shop, THREE_BOXES)
    refused = await pay(shop, "k", THREE_BOXES, sku, str(before.amount / 3 + Decimal(change)), quantity)
    assert (False, reason) == (refused.done, refused.reason)
    assert before == await find(shop, THREE_BOXES)


async def test_after_a_part_the_whole_is_the_rest(shop: EmbeddedShop) -> None:
    """Named by what is left, or by what was paid, as before: no cent more goes back than was paid."""
    order = await find(shop, SEVERAL)
    assert (await pay(shop, "k1", SEVERAL, "lamp", "149.00")).done
    for wrong in ("0.01", "149.00", str(order.amount + 1)):
        assert "too_much" == (await shop.execute(command(f"w{wrong}", "refund", SEVERAL, amount=wrong))).reason
    rest = str(order.amount - Decimal("149.00"))
    assert rest == (await shop.execute(command("k2", "refund", SEVERAL, amount=rest))).details["amount"]


async def test_a_refund_of_the_rest_is_paid_though_more_went_back_since(shop: EmbeddedShop) -> None:
    """It was prepared when more was left: what is left by now goes back."""
    order = await find(shop, SEVERAL)
    for key, sku in (("k1", "lamp"), ("k2", "cups")):
        assert (await pay(shop, key, SEVERAL, sku, "10.00")).done
    rest = await shop.execute(command("k3", "refund", SEVERAL, amount=str(order.amount - 10)))
    assert (True, str(order.amount - 20)) == (rest.done, rest.details.get("amount"))
    assert "already_refunded" == (await shop.execute(command("k4", "refund", SEVERAL, amount="1.00"))).reason


async def test_an_item_comes_again_or_is_paid_back(shop: EmbeddedShop) -> None:
    """Never both; another item of the order is another matter."""
    assert (await shop.execute(command("k1", "resend", SEVERAL, sku="lamp"))).done
    assert "already_resent" == (await pay(shop, "k2", SEVERAL, "lamp", "149.00")).reason
    assert (await pay(shop, "k3", SEVERAL, "cups", "1.00")).done
    assert "already_refunded" == (await shop.execute(command("k4", "resend", SEVERAL, sku="cups"))).reason


async def test_a_difference_and_a_part_are_of_one_account(shop: EmbeddedShop) -> None:
    """Thirty for the price that fell, the rest for the goods, and nothing after that."""
    assert (await shop.execute(command("k1", "refund_difference", CHEAPER, sku="bag", amount="30.00"))).done
    assert "too_much" == (await pay(shop, "k2", CHEAPER, "bag", "189.01")).reason
    assert (await pay(shop, "k3", CHEAPER, "bag", "189.00")).done
    assert OrderStatus.REFUNDED is (await find(shop, CHEAPER)).status


async def test_parts_asked_for_at_the_same_moment_never_exceed_the_whole(shop: EmbeddedShop) -> None:
    """Ten at once, of three boxes: three are paid."""
    one = str((await find(shop, THREE_BOXES)).amount / 3)
    results = await asyncio.gather(*(pay(shop, f"k{n}", THREE_BOXES, "biscuits", one) for n in range(10)))
    assert 3 == len([result for result in results if result.done])
    assert {"already_refunded"} == {result.reason for result in results if not result.done}


async def test_a_part_of_a_bundle_is_paid_back_by_its_share(shop: EmbeddedShop) -> None:
    """A faulty lamp is 149.00 of 368.00, of the 299.00 that were paid; the bag is the rest, whichever is first."""
    assert "too_much" == (await pay(shop, "k1", BUNDLE, "lamp", "121.07")).reason
    assert (await pay(shop, "k2", BUNDLE, "lamp", "121.06")).done
    assert "too_much" == (await pay(shop, "k3", BUNDLE, "bag", "177.95")).reason
    assert (await pay(shop, "k4", BUNDLE, "bag", "177.94")).done
    assert OrderStatus.REFUNDED is (await find(shop, BUNDLE)).status
