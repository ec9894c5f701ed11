"""What a refund is made of, what only a person may decide, and facts that cannot all be true."""

from decimal import Decimal
from typing import Any

import pytest

from actions.policy import Policy, decide
from tests.unit.actions.policy_cases import case

SHARES = (("wechat", Decimal("100.00")), ("gift_card", Decimal("100.00")))


@pytest.mark.parametrize(
    ("changes", "rule", "amount"),
    [
        # Paid 200.00 for it; the gift's marked price is 30.00.
        ({"gift_price": Decimal("30.00"), "gift_returned": False}, "gift.back", Decimal("170.00")),
        (
            {"gift_price": Decimal("30.00"), "gift_returned": True},
            "gift.back",
            None,
        ),  # all comes back: nothing to count
        ({"gift_price": Decimal("30.00")}, "gift.back", None),
        (
            {"gift_price": Decimal("230.00"), "gift_returned": False},
            "gift.back",
            Decimal("0.00"),
        ),  # never below nothing
        # Two for 150.00 that cost 100.00 each: keeping one of them, 150 - 100.
        ({"bundle_paid": Decimal("150.00"), "kept_price": Decimal("100.00")}, "bundle.part", Decimal("50.00")),
        ({"bundle_paid": Decimal("150.00"), "kept_price": Decimal("180.00")}, "bundle.part", Decimal("0.00")),
        # Thirty went back for it before.
        (
            {"bundle_paid": Decimal("150.00"), "kept_price": Decimal("100.00"), "bundle_refunded": Decimal("30.00")},
            "bundle.part",
            Decimal("20.00"),
        ),
        ({"coupon": Decimal("20.00")}, "coupon.back", None),
        ({"points": 300}, "coupon.back", None),
        ({"payments": SHARES}, "refund.time", None),
        ({"payments": SHARES, "paid": Decimal("200.00")}, "refund.time", None),
    ],
)
def test_a_return_is_settled_part_by_part(
    policy: Policy, changes: dict[str, Any], rule: str, amount: Decimal | None
) -> None:
    """The rule is named beside the one that opened the return, and what it takes off is exact."""
    decision = decide(case(**changes), policy)
    assert ("accept", ("return.no_reason", rule), amount) == (decision.outcome, decision.rules, decision.amount)


@pytest.mark.parametrize("fault", ["functional_defect", "damaged_in_transit", "wrong_item"])
def test_the_shops_fault_costs_the_customer_no_discount_and_no_gift(policy: Policy, fault: str) -> None:
    """Set-offs are for a change of mind alone; coupons come back all the same."""
    told = case(reason=fault, at="2026-11-11 10:00", request="refund", gift_price=Decimal("30.00"),
                gift_returned=False, coupon=Decimal("9.00"))  # fmt: skip
    decision = decide(told, policy)
    assert ("accept", None) == (decision.outcome, decision.amount)
    assert "gift.back" not in decision.rules
    assert "coupon.back" in decision.rules


def test_each_part_goes_back_to_the_way_it_was_paid(policy: Policy) -> None:
    """170.00 of 200.00, split as it was paid; the parts are named in each language and make the whole."""
    decision = decide(case(payments=SHARES, gift_price=Decimal("30.00"), gift_returned=False), policy)
    assert "微信支付 ¥85、礼品卡 ¥85" in decision.explanation["zh-Hans"]
    assert "微信支付 ¥85、禮物卡 ¥85" in decision.explanation["zh-Hant"]
    assert "WeChat Pay ¥85, gift card ¥85" in decision.explanation["en"]


def test_no_cent_is_lost_between_the_parts(policy: Policy) -> None:
    """A third of a hundred three times is a hundred."""
    thirds = tuple((method, Decimal("33.34")) for method in ("card", "wechat", "balance"))
    decision = decide(case(amount=Decimal("100.00"), payments=thirds), policy)
    assert all(part in decision.explanation["en"] for part in ("card ¥33.34", "WeChat Pay ¥33.33", "balance ¥33.33"))


@pytest.mark.parametrize(
    ("told", "until"),
    [
        # Back with us on 12 November (Thursday) + 7 = the 19th, 24:00.
        ("2026-11-19 23:59:59", "2026-11-20T00:00:00+08:00"),
        ("2026-11-20 00:00", "2026-11-20T00:00:00+08:00"),  # overdue is owed all the same
    ],
)
def test_money_follows_returned_goods_within_7_days(policy: Policy, told: str, until: str) -> None:
    """refund.time names the last day, and says so when it is past."""
    decision = decide(case(request="refund", returned_at="2026-11-12 15:00", at=told), policy)
    assert ("accept", ("refund.time",), Decimal("200.00")) == (decision.outcome, decision.rules, decision.amount)
    assert until == decision.to_json()["until"]
    assert ("late" in decision.explanation["en"]) == (told >= "2026-11-20")


@pytest.mark.parametrize("reason", ["no_reason", "late_delivery", "price_drop"])
def test_what_has_not_left_us_is_paid_back_at_once(policy: Policy, reason: str) -> None:
    """Whatever made the customer think again."""
    told = case(reason=reason, request="refund", dispatched_at=None, delivered_at=None, signed_at=None)
    decision = decide(told, policy)
    assert ("accept", ("refund.time",), Decimal("200.00")) == (decision.outcome, decision.rules, decision.amount)


def test_insured_freight_costs_nobody_here(policy: Policy) -> None:
    """The insurer pays, and the sentence says so; the shop's own fault stays the shop's."""
    decision = decide(case(freight_insured=True), policy)
    assert ("accept", "none", ("return.no_reason", "freight.insured")) == (
        decision.outcome, decision.shipping, decision.rules,
    )  # fmt: skip
    assert "運費險" in decision.explanation["zh-Hant"]
    assert decide(case(freight_insured=True, reason="poor_quality"), policy).shipping == "shop"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"injury": True}, "human.injury"),
        ({"cross_border": True}, "human.cross_border"),
        ({"under_18": True}, "human.under_18"),
        ({"suspected_abuse": True}, "human.abuse"),
        ({"freight_disputed": True}, "human.freight"),
        # Facts from the future, facts in the wrong order, sums that do not make the sum.
        ({"paid_at": "2026-11-12 09:00:01"}, "human.doubted"),
        ({"signed_at": "2026-11-12 09:00:01"}, "human.doubted"),
        ({"dispatched_at": "2026-11-10 11:00:01"}, "human.doubted"),
        ({"returned_at": "2026-11-10 10:59"}, "human.doubted"),
        ({"returned_at": "2026-11-10 10:59", "signed_at": None}, "human.doubted"),  # before the carrier delivered it
        ({"payments": (("card", Decimal("199.99")),)}, "human.doubted"),
        ({"payments": SHARES, "paid": Decimal("200.01")}, "human.doubted"),
        ({"payments": SHARES, "paid": Decimal("199.99")}, "human.doubted"),
        ({"paid": Decimal("199.99")}, "human.doubted"),  # less than these goods alone
        ({"bundle_paid": Decimal("150.00")}, "human.doubted"),
        (
            {"bundle_paid": Decimal("200.01"), "kept_price": Decimal("9.00"), "payments": SHARES},
            "human.doubted",
        ),
        ({"bundle_paid": Decimal("150.00"), "kept_price": Decimal("9.00"), "paid": Decimal("149.99")}, "human.doubted"),
    ],
)
@pytest.mark.parametrize("reason", ["no_reason", "functional_defect", "late_delivery"])
def test_a_person_decides(policy: Policy, changes: dict[str, Any], rule: str, reason: str) -> None:
    """Nothing is opened and nothing refused; an injury is critical."""
    decision = decide(case(reason=reason, **changes), policy)
    assert ("human", (), (rule,)) == (decision.outcome, decision.remedies, decision.rules)
    assert ("critical" if rule == "human.injury" else "general") == decision.tier


@pytest.mark.parametrize("event", ["paid_at", "dispatched_at", "signed_at"])
def test_an_event_at_the_moment_it_is_told_is_no_doubt(policy: Policy, event: str) -> None:
    """The boundary instant belongs to the past."""
    moment = "2026-11-12 09:00"
    changes = {"signed_at": moment, "delivered_at": moment} if event != "paid_at" else {}
    assert decide(case(**{**changes, event: moment}), policy).outcome == "accept"


@pytest.mark.parametrize("changes", [{"price_same_item": False}, {"price_same_seller": False}])
def test_price_protection_is_for_the_same_item_and_seller(policy: Policy, changes: dict[str, Any]) -> None:
    """Another's lower price opens nothing."""
    told = case(request="price_protection", reason="price_drop", price_now=Decimal("10.00"), **changes)
    decision = decide(told, policy)
    assert ("refuse", (), None) == (decision.outcome, decision.remedies, decision.amount)
    assert "same seller" in decision.explanation["en"]


@pytest.mark.parametrize(
    ("request_", "came", "outcome", "amount"),
    [
        # Left on the 6th, promised for the 9th; told on the 12th.
        ("compensation", None, "accept", Decimal("10.00")),  # 3 days late
        ("refund", None, "accept", Decimal("200.00")),  # the right to cancel stays
        ("exchange", "2026-11-10 11:00", "refuse", Decimal("5.00")),  # it came: what is open is the voucher's 5.00
    ],
)
def test_lateness_pays_what_it_says(
    policy: Policy, request_: str, came: str | None, outcome: str, amount: Decimal
) -> None:
    """The amount is that of what is open, and the voucher's sum is told as the voucher's."""
    decision = decide(case(request=request_, reason="late_delivery", delivered_at=came, signed_at=came), policy)
    assert (outcome, amount) == (decision.outcome, decision.amount)
    assert f"you get ¥{5 if came else 10} for the delay" in decision.explanation["en"]


@pytest.mark.parametrize(
    ("changes", "outcome", "rule"),
    [
        ({"reason": "lost", "at": "2026-11-07 10:00", "dispatched_at": "2026-11-06 18:00"}, "refuse", "lost"),
        ({"reason": "lost", "carrier_lost": True}, "accept", "compensation"),
        ({"reason": "functional_defect"}, "human", "compensation"),  # nothing has come that could be faulty
    ],
)
def test_no_compensation_for_what_has_not_happened(
    policy: Policy, changes: dict[str, Any], outcome: str, rule: str
) -> None:
    """A parcel on its way is neither lost nor broken."""
    told = {"request": "compensation", "signed_at": None, "delivered_at": None, "last_scan_at": None, **changes}
    decision = decide(case(**told), policy)
    assert (outcome, (rule,)) == (decision.outcome, decision.rules)
