"""Bundles and payments in several parts: from the shop's order to what the policy says of a return."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from actions import after_sales
from actions.bundles import paid_for
from actions.policy import Decision, Policy, PolicyCase, decide
from actions.shop import Order, OrderItem, OrderStatus, Payment, PaymentPart
from tests.unit.actions.order_samples import BUNDLE, CUPS, POT, TRAY, in_hours, shipment

SIGNED_AT, TOLD_AT, BACK_AT = in_hours(40), in_hours(60), in_hours(100)
ARRIVED = shipment(delivered_at=SIGNED_AT, signed_at=SIGNED_AT, scans=(SIGNED_AT,))
ORDER = replace(BUNDLE, status=OrderStatus.SIGNED, shipment=ARRIVED)


def bring_back(order: Order, *skus: str, at: datetime = BACK_AT) -> Order:
    """Return the order with items that have come back."""
    return replace(
        order, items=tuple(replace(item, returned_at=at) if item.sku in skus else item for item in order.items)
    )


def item_of(order: Order, sku: str) -> OrderItem:
    """Return an order's item."""
    return next(item for item in order.items if item.sku == sku)


def case_of(order: Order, sku: str, **changes: Any) -> PolicyCase:
    """Return the case of an item that is not wanted."""
    asked = {"request": "return", "reason": "no_reason", "at": TOLD_AT, "intact": True} | changes
    return after_sales.case_from_order(order, item_of(order, sku), **asked)


def decided(policy: Policy, order: Order, sku: str, **changes: Any) -> Decision:
    """Decide it."""
    return decide(case_of(order, sku, **changes), policy)


@pytest.mark.parametrize(
    ("sku", "paid"),
    [
        ("cups", "48.00"),  # 160.00 x 60 / 200
        ("pot", "72.00"),  # 160.00 x 90 / 200
        ("tray", "40.00"),  # 160.00 x 50 / 200
        ("book", "40.00"),  # what is left of 200.00 beside the bundle's 160.00
    ],
)
def test_what_was_paid_for_an_item_is_its_share_of_its_bundle(sku: str, paid: str) -> None:
    """A bundle's discount is the bundle's alone, and the shares make the whole."""
    assert Decimal(paid) == paid_for(ORDER, item_of(ORDER, sku)) == case_of(ORDER, sku).amount
    assert ORDER.amount == sum(paid_for(ORDER, item) for item in ORDER.items)


@pytest.mark.parametrize(
    ("sku", "amount"),
    [
        ("cups", "20.00"),  # 160.00 - (90.00 + 50.00)
        ("pot", "50.00"),  # 160.00 - (60.00 + 50.00)
        ("tray", "10.00"),  # 160.00 - (60.00 + 90.00)
        ("book", None),  # no part of it: all that was paid for it
    ],
)
def test_a_part_that_is_not_wanted_is_settled_at_purchase_prices(policy: Policy, sku: str, amount: str | None) -> None:
    """What is kept loses the bundle's discount, and why is told."""
    decision = decided(policy, ORDER, sku)
    assert ("accept", amount and Decimal(amount)) == (decision.outcome, decision.amount)
    assert ("bundle.part" in decision.rules) is (amount is not None)
    assert ("¥160" in decision.explanation["en"]) is (amount is not None)


@pytest.mark.parametrize(
    ("back", "sku", "paid"),
    [
        (("pot",), "cups", "60.00"),  # kept for 110.00 since; 110.00 - 50.00
        (("pot", "tray"), "cups", "60.00"),  # the last part: kept for 60.00
        (("cups",), "pot", "90.00"),  # kept for 140.00; 140.00 - 50.00
    ],
)
def test_once_a_part_has_gone_back_the_others_cost_their_list_price(
    policy: Policy, back: tuple[str, ...], sku: str, paid: str
) -> None:
    """The discount was settled then, and is not settled a second time."""
    order = bring_back(ORDER, *back, at=in_hours(50))
    assert Decimal(paid) == paid_for(order, item_of(order, sku))
    assert "bundle.part" not in decided(policy, order, sku).rules


def test_a_discount_larger_than_a_part_leaves_nothing_to_pay_twice() -> None:
    """Paid 100.00 for 200.00: the tray's return gave 0.00, the pot's then what is above the cups' 60.00."""
    order = replace(ORDER, items=tuple(replace(item, bundle_paid=Decimal("100.00")) for item in (CUPS, POT, TRAY)))
    order = bring_back(order, "tray")
    assert Decimal("40.00") == paid_for(order, item_of(order, "pot"))


@pytest.mark.parametrize(
    ("back", "amount"),
    [
        (("cups",), "20.00"),
        (("cups", "pot"), "110.00"),  # 160.00 - 50.00, for both
        (("cups", "pot", "tray"), "160.00"),  # all of it
    ],
)
def test_what_came_back_together_is_settled_together(policy: Policy, back: tuple[str, ...], amount: str) -> None:
    """The whole bundle is paid back whole."""
    order = bring_back(ORDER, *back)
    decision = decided(policy, order, "cups", request="refund", at=in_hours(110))
    assert ("accept", "refund.time", Decimal(amount)) == (decision.outcome, decision.rules[0], decision.amount)


@pytest.mark.parametrize("reason", ["functional_defect", "wrong_item", "damaged_in_transit"])
def test_a_faulty_part_costs_no_discount(policy: Policy, reason: str) -> None:
    """What the shop did wrong is not the customer's to pay."""
    decision = decided(policy, ORDER, "pot", reason=reason, request="return")
    assert "bundle.part" not in decision.rules
    assert decision.amount in {None, Decimal("72.00")}


def test_a_lost_parcel_is_no_matter_of_bundles() -> None:
    """All of it is paid back."""
    lost = case_of(ORDER, "cups", request="refund", reason="lost")
    assert (ORDER.amount, None, None) == (lost.amount, lost.bundle_paid, lost.kept_price)


def test_a_bundle_that_cost_more_than_was_paid_is_doubted(policy: Policy) -> None:
    """The records contradict each other: nothing is worked out from them."""
    order = replace(ORDER, items=tuple(replace(item, bundle_paid=Decimal("200.01")) for item in (CUPS, POT, TRAY)))
    assert ("human.doubted",) == decided(policy, order, "cups").rules


@pytest.mark.parametrize(
    ("sku", "told"),
    [
        # 20.00 of 200.00, of which 150.00 and 50.00: a quarter is the balance's.
        ("cups", {"zh-Hans": "银行卡 ¥15、账户余额 ¥5", "zh-Hant": "信用卡／金融卡 ¥15、帳戶餘額 ¥5",
                  "en": "card ¥15, account balance ¥5"}),
        ("book", {"zh-Hans": "银行卡 ¥30、账户余额 ¥10", "zh-Hant": "信用卡／金融卡 ¥30、帳戶餘額 ¥10",
                  "en": "card ¥30, account balance ¥10"}),
    ],
)  # fmt: skip
def test_a_refund_goes_back_in_the_parts_it_was_paid_in(policy: Policy, sku: str, told: dict[str, str]) -> None:
    """Each is named with its amount."""
    explanation = decided(policy, ORDER, sku).explanation
    assert all(text in explanation[language] for language, text in told.items())


@pytest.mark.parametrize("parts", [(), (PaymentPart("card", Decimal("200.00")),)])
def test_paid_in_one_way_there_are_no_parts_to_tell(policy: Policy, parts: tuple[PaymentPart, ...]) -> None:
    """It goes back the way it was paid."""
    order = with_parts(*parts)
    assert () == case_of(order, "book").payments
    assert "refund.time" not in decided(policy, order, "book").rules


def test_a_way_of_paying_without_a_name_is_the_way_it_was_paid(policy: Policy) -> None:
    """A shop may have ways that the policy does not know."""
    order = with_parts(PaymentPart("card", Decimal("150.00")), PaymentPart("store_points", Decimal("50.00")))
    explanation = decided(policy, order, "book").explanation
    assert "银行卡 ¥30、原支付方式 ¥10" in explanation["zh-Hans"]
    assert "card ¥30, the way you paid ¥10" in explanation["en"]


@pytest.mark.parametrize("balance", ["49.99", "50.01"])
def test_parts_that_do_not_make_the_payment_are_doubted(policy: Policy, balance: str) -> None:
    """Neither less nor more, whatever the item cost."""
    order = with_parts(PaymentPart("card", Decimal("150.00")), PaymentPart("balance", Decimal(balance)))
    assert ("human.doubted",) == decided(policy, order, "book").rules


def with_parts(*parts: PaymentPart) -> Order:
    """Return the order, paid so."""
    return replace(ORDER, payment=Payment(Decimal("200.00"), in_hours(-30), "card", parts=parts))


@pytest.mark.parametrize(
    ("changes", "rule"), [({"suspected_abuse": True}, "human.abuse"), ({"buyer_under_18": True}, "human.under_18")]
)
@pytest.mark.parametrize("reason", ["no_reason", "functional_defect", "late_delivery"])
def test_what_the_shop_knows_of_the_buyer_makes_it_a_persons(
    policy: Policy, changes: dict[str, bool], rule: str, reason: str
) -> None:
    """Whatever the reason; a customer's own word about it counts as well."""
    decision = decided(policy, replace(ORDER, **changes), "book", reason=reason)
    assert ("human", (rule,), "general") == (decision.outcome, decision.rules, decision.tier)
    assert ("human.under_18",) == decided(policy, ORDER, "book", told={"under_18": True}).rules


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_nobody_is_told_that_they_are_suspected(policy: Policy, language: str) -> None:
    """A colleague looks at the order, and that is all."""
    told = decided(policy, replace(ORDER, suspected_abuse=True), "book").explanation[language].lower()
    assert not any(word in told for word in ("滥用", "濫用", "疑", "恶意", "惡意", "abuse", "suspect", "fraud"))
