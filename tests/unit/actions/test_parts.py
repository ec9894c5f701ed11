"""Money for parts of an order: exact to the cent, and together never more than was paid."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import after_sales
from actions.bundles import count_left, due_back, due_together, keeps_account, paid_for
from actions.policy import Policy
from actions.shares import split
from actions.shop import Order, OrderItem, Payment
from tests.unit.actions.order_samples import ITEM, PAID, TEXT
from tests.unit.actions.test_bundles import BACK_AT, ORDER, bring_back, case_of, decided, item_of

NOTHING = Decimal("0.00")


def keep_account(order: Order) -> Order:
    """Return an order whose shop tells what went back."""
    assert order.payment is not None
    return replace(order, payment=replace(order.payment, refunded=NOTHING))


def pay_back(order: Order, sku: str, amount: Decimal | str, quantity: int | None = None) -> Order:
    """Return the order after money went back for an item (None: for all that are left of it; 0: its price fell)."""
    item = item_of(order, sku)
    count = count_left(item) if quantity is None else quantity
    settled = replace(item, refunded=item.refunded + Decimal(amount), refunded_quantity=item.refunded_quantity + count)
    assert order.payment is not None
    assert order.payment.refunded is not None
    payment = replace(order.payment, refunded=order.payment.refunded + Decimal(amount))
    return replace(order, payment=payment, items=tuple(settled if one is item else one for one in order.items))


KEPT = keep_account(ORDER)
THREE = replace(PAID, items=(replace(ITEM, quantity=3, price=Decimal("4.00")),), amount=Decimal("10.00"))
THREE_KEPT = replace(THREE, payment=Payment(Decimal("10.00"), PAID.placed_at, "card", refunded=NOTHING))


def test_one_of_three_is_a_third_and_the_last_is_what_is_left() -> None:
    """3.33, 3.34 and 3.33 make the 10.00 that were paid for twelve yuan's worth."""
    order, given_back = THREE_KEPT, []
    for _ in range(3):
        given_back.append(due_back(order, order.items[0], 1))
        order = pay_back(order, "cup", given_back[-1], 1)
    assert [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")] == given_back
    assert NOTHING == due_back(order, order.items[0])


@pytest.mark.parametrize("quantity", [0, -1, 4, 1000])
def test_for_more_than_there_are_nothing_goes_back(quantity: int) -> None:
    """Nor for fewer than one."""
    assert NOTHING == due_back(THREE_KEPT, THREE_KEPT.items[0], quantity)


def test_a_price_that_fell_is_not_paid_back_twice() -> None:
    """Thirty of the book's forty yuan went back already; the bundle's money is another."""
    order = pay_back(KEPT, "book", "30.00", 0)
    assert Decimal("10.00") == due_back(order, item_of(order, "book"))
    assert Decimal("48.00") == due_back(order, item_of(order, "cups"))
    assert Decimal("170.00") == case_of(order, "cups", request="refund", reason="lost").amount


def test_a_payment_that_is_back_leaves_nothing() -> None:
    """Whatever the items say."""
    assert KEPT.payment is not None
    order = replace(KEPT, payment=replace(KEPT.payment, refunded_at=BACK_AT))
    assert NOTHING == due_back(order, item_of(order, "book"))


@pytest.mark.parametrize(
    ("first", "cups"),
    [
        ("72.00", "38.00"),  # it was faulty, and cost no discount: 160.00 - 72.00 - the tray's 50.00
        ("50.00", "60.00"),  # it was not wanted: 160.00 - 50.00 - 50.00
        ("90.00", "20.00"),  # more than that by a person's grace: it is not paid twice
        ("160.00", "0.00"),
    ],
)
def test_after_a_part_was_paid_back_the_next_is_settled_by_what_is_left(policy: Policy, first: str, cups: str) -> None:
    """What is kept costs its price without the discount, and together no more goes back than was paid."""
    order = bring_back(pay_back(KEPT, "pot", first), "pot", at=BACK_AT)
    decision = decided(policy, order, "cups")
    amount = decision.amount if "bundle.part" in decision.rules else case_of(order, "cups").amount
    assert Decimal(cups) == amount
    rest = pay_back(order, "cups", cups)
    assert max(Decimal("160.00") - Decimal(first) - Decimal(cups), NOTHING) == due_back(rest, item_of(rest, "tray"))


def test_what_went_back_before_is_told(policy: Policy) -> None:
    """In each language."""
    told = decided(policy, pay_back(KEPT, "pot", "72.00"), "cups").explanation
    assert all("72" in told[language] and "38" in told[language] for language in ("zh-Hans", "zh-Hant", "en"))


@pytest.mark.parametrize(
    ("back", "amount"), [(("cups",), "20.00"), (("cups", "pot"), "110.00"), (("cups", "pot", "tray"), "160.00")]
)
def test_what_came_back_together_is_settled_together_by_account_too(
    policy: Policy, back: tuple[str, ...], amount: str
) -> None:
    """As where the shop tells nothing of what it paid back."""
    order = bring_back(KEPT, *back)
    decision = decided(policy, order, "cups", request="refund", at=BACK_AT)
    assert ("refund.time", Decimal(amount)) == (decision.rules[0], decision.amount)


@pytest.mark.parametrize(
    ("back", "sku", "amount"),
    [
        (("cups",), "pot", "90.00"),  # 160.00 - 50.00, less the cups' 20.00
        (("pot",), "cups", "60.00"),  # 160.00 - 50.00, less the pot's 50.00
        (("cups", "tray"), "pot", "90.00"),  # the last of it: all that is not theirs
    ],
)
def test_what_came_back_and_is_not_paid_back_yet_is_not_kept(
    policy: Policy, back: tuple[str, ...], sku: str, amount: str
) -> None:
    """What is asked about next comes back beside it, less what is due for that."""
    assert Decimal(amount) == decided(policy, bring_back(KEPT, *back), sku).amount


def test_parts_that_were_prepared_together_are_paid_one_by_one() -> None:
    """12.99, 7.41 and 67.61 beside what is kept, paid 104.40: what one gets makes none of the others a cent less."""
    prices = {"a": "12.99", "b": "7.41", "kept": "63.29", "c": "67.61"}
    items = tuple(
        OrderItem(sku, TEXT, "home", 1, Decimal(price), bundle="x", list_price=Decimal(price),
                  bundle_paid=Decimal("104.40"))
        for sku, price in prices.items()
    )  # fmt: skip
    order = keep_account(replace(ORDER, items=items, amount=Decimal("104.40"),
                                 payment=Payment(Decimal("104.40"), PAID.placed_at, "card")))  # fmt: skip
    prepared = {sku: due_back(order, item_of(order, sku)) for sku in "abc"}
    for sku, amount in prepared.items():
        assert amount == due_back(order, item_of(order, sku))
        order = pay_back(order, sku, amount)


def test_where_the_shop_does_not_tell_all_stays_as_it_was() -> None:
    """What was paid for an item, whatever may have gone back."""
    assert not keeps_account(ORDER)
    assert Decimal("48.00") == case_of(ORDER, "cups").amount


def test_compensation_goes_by_what_was_paid() -> None:
    """However much of it went back since."""
    order = pay_back(KEPT, "book", "30.00", 0)
    case = case_of(order, "book", request="compensation", reason="functional_defect")
    assert Decimal("40.00") == case.amount


def test_a_price_that_fell_is_compared_for_what_is_left() -> None:
    """One of three was paid back: of the others 6.67 were paid, and two cost 5.00 now."""
    order = pay_back(THREE_KEPT, "cup", "3.33", 1)
    cup = replace(order.items[0], price_now=Decimal("2.50"))
    case = after_sales.case_from_order(
        replace(order, items=(cup,)), cup, request="price_protection", reason="price_drop", at=BACK_AT
    )
    assert (Decimal("6.67"), Decimal("5.00")) == (case.amount, case.price_now)


money = st.decimals(0, 500, places=2)
some_item = st.tuples(st.integers(1, 5), money, st.sampled_from([None, None, "a", "b"]))


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Orders of several items, some of them bundles, at whatever discount; the shop keeps account."""
    bundles = {name: draw(money) for name in ("a", "b")}
    items = tuple(
        OrderItem(f"i{at}", TEXT, "home", quantity, price, bundle=bundle, list_price=price,
                  bundle_paid=bundles[bundle] if bundle else None)
        for at, (quantity, price, bundle) in enumerate(draw(st.lists(some_item, min_size=1, max_size=6)))
    )  # fmt: skip
    used = sum((paid for name, paid in bundles.items() if any(item.bundle == name for item in items)), NOTHING)
    amount = used + (draw(money) if any(item.bundle is None for item in items) else NOTHING)
    payment = Payment(amount, PAID.placed_at, "card", refunded=NOTHING)
    return replace(PAID, items=items, amount=amount, payment=payment)


@given(orders())
def test_shares_make_the_whole(order: Order) -> None:
    """No cent is lost between the items, and none is there twice."""
    assert order.amount == sum(paid_for(order, item) for item in order.items)


@given(orders(), st.data())
def test_all_parts_together_are_what_was_paid(order: Order, data: st.DataObject) -> None:
    """One part after the other, in any order and number, until nothing is left: exactly the payment."""
    whole = order.amount
    while left := [item for item in order.items if count_left(item)]:
        item = data.draw(st.sampled_from(left))
        quantity = data.draw(st.integers(1, count_left(item)))
        order = pay_back(order, item.sku, due_back(order, item, quantity), quantity)
    assert order.payment is not None
    assert whole == order.payment.refunded


@given(order=orders(), data=st.data())
def test_never_more_goes_back_than_was_paid(policy: Policy, order: Order, data: st.DataObject) -> None:
    """Returns, faults and prices that fell, in any order: the sum stays within the payment, and no part is negative."""
    for _ in range(data.draw(st.integers(1, 8))):
        item = data.draw(st.sampled_from(order.items))
        match data.draw(st.sampled_from(["fault", "return", "fall"])):
            case "fault":
                amount, quantity = due_back(order, item), count_left(item)
            case "return":
                decision = decided(policy, replace(order, shipment=ORDER.shipment), item.sku)
                account = "bundle.part" in decision.rules
                asked = decision.amount if account and decision.amount is not None else due_together(order, item)
                amount, quantity = min(asked, due_back(order, item)), count_left(item)
                assert asked == amount
            case _:
                amount, quantity = min(data.draw(money), due_back(order, item)), 0
        order = pay_back(order, item.sku, amount, quantity)
        assert amount >= 0
        assert order.payment is not None
        assert order.payment.refunded is not None
        assert order.payment.refunded <= order.amount


@given(orders(), st.data())
def test_what_is_prepared_may_be_paid_in_any_order(order: Order, data: st.DataObject) -> None:
    """Whatever went back before, more or less than was due: none of what was prepared together is too much later."""
    for item in data.draw(st.lists(st.sampled_from(order.items), max_size=2, unique_by=lambda one: one.sku)):
        quantity = data.draw(st.integers(0, item.quantity))
        order = pay_back(order, item.sku, min(data.draw(money), due_back(order, item, quantity or None)), quantity)
    prepared = [(item.sku, count_left(item), due_back(order, item)) for item in order.items if count_left(item)]
    for sku, quantity, amount in data.draw(st.permutations(prepared)):
        assert amount <= due_back(order, item_of(order, sku), quantity)
        order = pay_back(order, sku, amount, quantity)


@given(money, st.lists(money, min_size=1, max_size=8))
def test_a_sum_is_split_without_a_remainder(whole: Decimal, weights: list[Decimal]) -> None:
    """Each share is whole cents, and none is negative."""
    shares = split(whole, weights)
    assert whole == sum(shares)
    assert all(share >= 0 and share == share.quantize(Decimal("0.01")) for share in shares)
