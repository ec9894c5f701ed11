"""The policy's rules as tables: the boundary instant, the one before and the one after, with the arithmetic."""

from decimal import Decimal

import pytest

from actions.policy import Policy, decide
from tests.unit.actions.policy_cases import case


@pytest.mark.parametrize(
    ("told", "outcome", "remedies"),
    [
        # Signed 10 November 11:00; day 1 is the 11th, day 7 the 17th, which ends at 24:00.
        ("2026-11-17 23:59:59.999999", "accept", ("return",)),
        ("2026-11-18 00:00", "refuse", ()),
        ("2026-11-18 00:00:01", "refuse", ()),
    ],
)
def test_no_reason_ends_with_day_7(policy: Policy, told: str, outcome: str, remedies: tuple[str, ...]) -> None:
    """Seven days from the day after signing, to 24:00 of the last."""
    decision = decide(case(at=told), policy)
    assert (outcome, remedies) == (decision.outcome, decision.remedies)
    assert decision.rules == ("return.no_reason",)
    assert decision.to_json()["until"] == "2026-11-18T00:00:00+08:00"


@pytest.mark.parametrize(
    ("signed", "until"),
    [
        # Day 7 is Saturday 21 November: moved to the end of Monday the 23rd.
        ("2026-11-14 10:00", "2026-11-24T00:00:00+08:00"),
        # Day 7 is 1 October; off until the 7th (Thursday the 8th is worked).
        ("2026-09-24 10:00", "2026-10-09T00:00:00+08:00"),
        # Day 7 is Saturday 10 October, worked instead of a holiday (調休): not moved.
        ("2026-10-03 10:00", "2026-10-11T00:00:00+08:00"),
        # 15:59 UTC is still the 10th in Shanghai, 16:00 UTC the 11th.
        ("2026-11-10 23:59", "2026-11-18T00:00:00+08:00"),
        ("2026-11-11 00:00", "2026-11-19T00:00:00+08:00"),
    ],
)
def test_last_day_off_moves_to_the_next_working_day(policy: Policy, signed: str, until: str) -> None:
    """Civil Code 203: a legal period never ends on a day off."""
    dates = {"paid_at": "2026-09-01 10:00", "dispatched_at": "2026-09-20 10:00", "delivered_at": signed}
    assert until == decide(case(signed_at=signed, at=signed, **dates), policy).to_json()["until"]


@pytest.mark.parametrize(
    ("changes", "outcome", "rule"),
    [
        ({"intact": True}, "accept", "return.no_reason"),
        ({"intact": None}, "human", "return.no_reason"),
        ({"intact": False}, "refuse", "return.no_reason"),
        ({"intact": True, "unsealed": True}, "accept", "return.no_reason"),  # opening to test never counts
        ({"kind": "cosmetics", "unsealed": True}, "refuse", "return.no_reason"),  # inner seal broken
        ({"kind": "personal_hygiene", "unsealed": True}, "accept", "return.no_reason"),  # not waived at purchase
        ({"kind": "personal_hygiene", "confirmed_nonreturnable": True}, "refuse", "return.waivable"),
        ({"kind": "electronics", "repairs": 1}, "refuse", "return.no_reason"),  # no longer as it was sold
        ({"kind": "electronics", "repairs": 1, "reason": "poor_quality"}, "accept", "fault.return"),
        ({"kind": "clothing", "confirmed_nonreturnable": True}, "accept", "return.no_reason"),  # can't be waived
        ({"kind": "electronics", "confirmed_nonreturnable": True}, "refuse", "return.waivable"),
        ({"kind": "near_expiry"}, "accept", "return.no_reason"),
        ({"kind": "near_expiry", "confirmed_nonreturnable": True}, "refuse", "return.waivable"),
        ({"kind": "made_to_order", "confirmed_nonreturnable": True}, "refuse", "return.excluded"),
        ({"kind": "made_to_order"}, "human", "return.excluded"),
        ({"kind": "digital", "unsealed": False}, "accept", "return.no_reason"),
        ({"kind": "digital", "unsealed": True, "confirmed_nonreturnable": True}, "refuse", "return.excluded"),
        ({"kind": "food_fresh", "reason": "poor_quality"}, "accept", "fault.return"),  # a fault is another matter
        ({"signed_at": None}, "human", "return.no_reason"),
        ({"cross_border": True}, "human", "human.cross_border"),
        ({"request": "exchange"}, "refuse", "return.no_reason"),
        ({"signed_at": None, "delivered_at": None, "dispatched_at": None}, "accept", "refund.time"),
        (
            {"signed_at": None, "delivered_at": None, "dispatched_at": None, "paid_at": None},
            "human",
            "return.no_reason",
        ),
        # It never left by the record, yet it came, or was opened, got lost or came back: not simply cancelled.
        *(
            (
                {"signed_at": None, "delivered_at": None, "dispatched_at": None, **seen},
                "human",
                "return.no_reason",
            )
            for seen in ({"carrier_lost": True}, {"returned_at": "2026-11-11 10:00", "request": "exchange"})
        ),
        ({"signed_at": None, "dispatched_at": None}, "human", "return.no_reason"),
        (
            {"signed_at": None, "delivered_at": None, "dispatched_at": None, "unsealed": True},
            "human",
            "return.no_reason",
        ),
        # What is downloaded has no dispatch, what is excluded needs none to be refused.
        (
            {
                "kind": "digital",
                "unsealed": True,
                "confirmed_nonreturnable": True,
                "signed_at": None,
                "delivered_at": None,
                "dispatched_at": None,
            },
            "refuse",
            "return.excluded",
        ),
        (
            {
                "kind": "made_to_order",
                "confirmed_nonreturnable": True,
                "signed_at": None,
                "delivered_at": None,
                "dispatched_at": None,
                "paid_at": None,
            },
            "refuse",
            "return.excluded",
        ),
        # Newspapers are excluded once delivered; this one is on its way.
        (
            {"kind": "periodical", "confirmed_nonreturnable": True, "signed_at": None, "delivered_at": None},
            "human",
            "return.no_reason",
        ),
        ({"kind": "periodical", "confirmed_nonreturnable": True}, "refuse", "return.excluded"),
    ],
)
def test_change_of_mind(policy: Policy, changes: dict[str, object], outcome: str, rule: str) -> None:
    """Kind, intactness and what was confirmed at purchase decide; doubt goes to a person."""
    decision = decide(case(**changes), policy)
    assert (outcome, (rule,)) == (decision.outcome, decision.rules)


@pytest.mark.parametrize(
    ("told", "request_", "kind", "outcome", "remedies", "rule"),
    [
        # 10 + 7 = 17 November 24:00
        ("2026-11-17 23:59:59", "return", "electronics", "accept", ("return", "exchange", "repair"), "fault.return"),
        ("2026-11-18 00:00", "return", "electronics", "refuse", ("exchange", "repair"), "fault.exchange"),
        ("2026-11-20 11:00", "repair", "electronics", "accept", ("exchange", "repair"), "fault.exchange"),
        # 10 + 15 = 25 November 24:00
        ("2026-11-25 23:59:59", "exchange", "appliance", "accept", ("exchange", "repair"), "fault.exchange"),
        ("2026-11-26 00:00", "exchange", "appliance", "refuse", ("repair",), "warranty.repair"),
        # 10 November 2026 + 365 = 10 November 2027, a Wednesday, 24:00
        ("2027-11-10 23:59:59", "repair", "electronics", "accept", ("repair",), "warranty.repair"),
        ("2027-11-11 00:00", "repair", "electronics", "refuse", (), "warranty.repair"),
        # Other kinds: a person after day 7
        ("2026-11-17 23:59:59", "return", "clothing", "accept", ("return", "exchange", "repair"), "fault.return"),
        ("2026-11-18 00:00", "return", "clothing", "human", (), "fault.other"),
    ],
)
def test_faulty_goods(
    policy: Policy, *, told: str, request_: str, kind: str, outcome: str, remedies: tuple[str, ...], rule: str
) -> None:
    """Return, exchange or repair to day 7; exchange or repair to day 15; repair under warranty."""
    decision = decide(case(reason="functional_defect", at=told, request=request_, kind=kind, intact=False), policy)
    assert (outcome, remedies, (rule,)) == (decision.outcome, decision.remedies, decision.rules)
    assert ("shop" if remedies else "none") == decision.shipping


@pytest.mark.parametrize(
    ("request_", "remedies", "offered"),
    [
        ("return", ("return", "exchange", "repair"), ("return", "exchange")),
        ("repair", ("return", "exchange", "repair"), ("return", "exchange", "repair")),
    ],
)
def test_a_repair_of_food_is_open_but_offered_only_to_who_asks(
    policy: Policy, request_: str, remedies: tuple[str, ...], offered: tuple[str, ...]
) -> None:
    """As the customer likes, for every kind; nobody is told of a repair that nobody wants."""
    decision = decide(case(reason="poor_quality", kind="food_fresh", request=request_), policy)
    assert ("accept", remedies, offered) == (decision.outcome, decision.remedies, decision.offered)
    assert ("repair" in offered) == ("repair" in decision.explanation["en"])


@pytest.mark.parametrize(
    ("changes", "remedies", "rules"),
    [
        ({"at": "2026-11-20 11:00", "in_stock": False}, ("return", "repair"), ("fault.exchange",)),
        ({"repairs": 1, "repair_days": 30}, ("repair",), ("warranty.repair",)),
        ({"repairs": 2}, ("exchange", "repair"), ("warranty.failed", "warranty.repair")),
        ({"repair_days": 31}, ("exchange", "repair"), ("warranty.failed", "warranty.repair")),
        ({"repairs": 2, "in_stock": False}, ("return", "repair"), ("warranty.failed", "warranty.repair")),
        # Counted from installation on 20 November 2026: + 365 = 20 November 2027, a Saturday, so Monday the 22nd.
        ({"installed_at": "2026-11-20 10:00", "at": "2027-11-22 23:59"}, ("repair",), ("warranty.repair",)),
        ({"installed_at": "2026-11-20 10:00", "at": "2027-11-23 00:00"}, (), ("warranty.repair",)),
        # Ten days under repair do not count: 10 + 10 = 20 November 2027, again Monday the 22nd.
        ({"repair_days": 10, "at": "2027-11-22 23:59"}, ("repair",), ("warranty.repair",)),
        ({"repair_days": 10, "at": "2027-11-23 00:00"}, (), ("warranty.repair",)),
    ],
)
def test_warranty(
    policy: Policy, changes: dict[str, object], remedies: tuple[str, ...], rules: tuple[str, ...]
) -> None:
    """Stock, failed repairs, installation and time under repair change what is open."""
    told = {"at": "2027-03-01 10:00", "reason": "functional_defect", "request": "repair", **changes}
    decision = decide(case(**told), policy)
    assert (remedies, rules) == (decision.remedies, decision.rules)


@pytest.mark.parametrize(
    ("changes", "outcome", "remedies"),
    [
        # 10 November + 30 = 10 December 24:00; the shop's own promise is never moved
        ({"at": "2026-12-10 23:59:59"}, "accept", ("repair",)),
        ({"at": "2026-12-11 00:00"}, "refuse", ()),
        ({"signed_at": "2026-11-12 10:00", "at": "2026-12-13 00:00"}, "refuse", ()),  # day 30 is Saturday the 12th
        ({"request": "return"}, "refuse", ("repair",)),
        ({"liquid_or_deliberate": True}, "refuse", ()),
        ({"kind": "clothing"}, "human", ()),
    ],
)
def test_accidental_damage(policy: Policy, changes: dict[str, object], outcome: str, remedies: tuple[str, ...]) -> None:
    """Electronics are repaired free for 30 days, but for liquid and intent."""
    decision = decide(case(**{"reason": "accidental_damage", "request": "repair", **changes}), policy)
    assert (outcome, remedies) == (decision.outcome, decision.remedies)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("2026-11-12 10:59:59", "accept"),
        ("2026-11-12 11:00", "accept"),  # 10 November 11:00 + 48 h: the last instant belongs to it
        ("2026-11-12 11:00:00.000001", "human"),  # late is never a refusal
    ],
)
def test_transit_damage_within_48_hours(policy: Policy, told: str, outcome: str) -> None:
    """Hours run from signing and include their last instant."""
    decision = decide(case(reason="damaged_in_transit", request="exchange", at=told), policy)
    assert (outcome, ("transit.damage",)) == (decision.outcome, decision.rules)


@pytest.mark.parametrize(
    ("came", "outcome", "amount"),
    [
        # Left on the 6th: promised to the end of the 9th.
        ("2026-11-09 23:59:59", "refuse", None),
        ("2026-11-10 00:00", "accept", Decimal("5.00")),  # 1 day late
        ("2026-11-11 12:00", "accept", Decimal("10.00")),  # 2
        ("2026-11-12 23:59", "accept", Decimal("10.00")),  # 3
        ("2026-11-13 00:00", "accept", Decimal("20.00")),  # 4
        ("2026-11-16 23:59", "accept", Decimal("20.00")),  # 7
        ("2026-11-17 00:00", "accept", Decimal("30.00")),  # 8
    ],
)
def test_late_voucher_by_days(policy: Policy, came: str, outcome: str, amount: Decimal | None) -> None:
    """Lateness counts calendar days beyond the third after dispatch."""
    told = case(
        request="compensation", reason="late_delivery", delivered_at=came, signed_at=came, at="2026-11-20 10:00"
    )
    decision = decide(told, policy)
    assert (outcome, amount) == (decision.outcome, decision.amount)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        # Left on the 6th: day 7 is the 13th; last scan on the 8th at 12:00, + 48 h is earlier.
        ({"at": "2026-11-13 23:59:59"}, "refuse"),
        ({"at": "2026-11-14 00:00"}, "accept"),
        # Scanned on the 13th at 12:00: + 48 h is the 15th at 12:00.
        ({"last_scan_at": "2026-11-13 12:00", "at": "2026-11-15 11:59"}, "refuse"),
        ({"last_scan_at": "2026-11-13 12:00", "at": "2026-11-15 12:00"}, "accept"),
        ({"request": "return", "at": "2026-11-14 00:00"}, "accept"),  # who wants it "returned" wants the money
        ({"carrier_lost": True, "at": "2026-11-08 13:00"}, "accept"),
        ({"signed_at": "2026-11-09 10:00"}, "human"),  # signed but not received
    ],
)
def test_lost(policy: Policy, changes: dict[str, object], outcome: str) -> None:
    """Lost is seven days undelivered and 48 hours silent, or what the carrier says."""
    base = {"reason": "lost", "request": "resend", "signed_at": None, "delivered_at": None}
    decision = decide(case(**{**base, "last_scan_at": "2026-11-08 12:00", **changes}), policy)
    assert (outcome, ("lost",)) == (decision.outcome, decision.rules)


@pytest.mark.parametrize(
    ("changes", "outcome", "remedies", "rules"),
    [
        # Told on the 12th, two days after signing: no reason is needed, so none stands against it.
        ({"reason": "late_delivery"}, "accept", ("return", "compensation"), ("return.no_reason", "late.voucher")),
        (
            {"reason": "late_delivery", "request": "refund"},
            "accept",
            ("return", "refund", "compensation"),
            ("return.no_reason", "late.voucher"),
        ),
        # Came on the third day: nothing is late.
        (
            {"reason": "late_delivery", "delivered_at": "2026-11-09 11:00", "signed_at": "2026-11-09 11:00"},
            "accept",
            ("return",),
            ("return.no_reason",),
        ),
        ({"reason": "late_delivery", "intact": False}, "refuse", ("compensation",), ("late.voucher",)),
        # Whether it may go back is not known; what the reason opens is open meanwhile.
        ({"reason": "late_delivery", "intact": None}, "human", ("compensation",), ("return.no_reason", "late.voucher")),
        (
            {"reason": "late_delivery", "signed_at": None},
            "human",
            ("compensation",),
            ("return.no_reason", "late.voucher"),
        ),
        (
            {"reason": "late_delivery", "kind": "made_to_order"},
            "human",
            ("compensation",),
            ("return.excluded", "late.voucher"),
        ),
        # Used, so it is with the customer whatever the carrier says: since when, and how late, nobody knows.
        (
            {"reason": "late_delivery", "request": "refund", "signed_at": None, "delivered_at": None, "unsealed": True},
            "human",
            (),
            ("human.doubted",),
        ),
        # Still on its way: late.voucher says whether it may be cancelled.
        (
            {"reason": "late_delivery", "signed_at": None, "delivered_at": None, "at": "2026-11-09 11:00"},
            "refuse",
            (),
            ("late.voucher",),
        ),
        ({"reason": "late_delivery", "request": "exchange"}, "refuse", ("compensation",), ("late.voucher",)),
        ({"reason": "price_drop"}, "accept", ("return", "price_protection"), ("return.no_reason", "price.protection")),
        ({"reason": "price_drop", "intact": False}, "refuse", ("price_protection",), ("price.protection",)),
        (
            {"reason": "price_drop", "intact": None},
            "human",
            ("price_protection",),
            ("return.no_reason", "price.protection"),
        ),
        ({"reason": "price_drop", "intact": None, "at": "2026-11-13 00:00"}, "human", (), ("return.no_reason",)),
        (
            {"reason": "price_drop", "signed_at": None, "delivered_at": None, "at": "2026-11-13 00:00"},
            "human",
            (),
            ("return.no_reason",),
        ),
        ({"reason": "price_drop", "request": "compensation"}, "refuse", ("price_protection",), ("price.protection",)),
        (
            {"reason": "price_drop", "request": "exchange", "at": "2026-11-13 00:00"},
            "refuse",
            (),
            ("price.protection",),
        ),
        # Both are over: whoever wants to send it back hears until when that was open.
        (
            {"reason": "price_drop", "at": "2026-11-18 00:00"},
            "refuse",
            (),
            ("return.no_reason", "price.protection"),
        ),
    ],
)
def test_goods_without_fault_go_back_whatever_the_reason(
    policy: Policy, changes: dict[str, object], outcome: str, remedies: tuple[str, ...], rules: tuple[str, ...]
) -> None:
    """Lateness and a lower price are no fault of the goods: what needs no reason is open with one, too."""
    decision = decide(case(**{"price_now": Decimal("189.00"), **changes}), policy)
    assert (outcome, remedies, rules) == (decision.outcome, decision.remedies, decision.rules)


@pytest.mark.parametrize(
    "changes",
    [
        {"signed_at": "2026-11-06 17:00", "delivered_at": None},  # before it left
        {"delivered_at": "2026-11-06 17:00"},
        {"signed_at": "2026-11-12 09:00:01"},  # after it was told
        {"paid_at": "2026-11-12 09:00:01"},
        {"reason": "lost", "signed_at": None, "delivered_at": None, "last_scan_at": "2026-11-12 09:00:01"},
        {"reason": "functional_defect", "installed_at": "2026-11-12 09:00:01"},
        {"reason": "functional_defect", "exchanged_at": "2026-11-12 09:00:01"},
        # Opened, and yet on its way
        {"reason": "late_delivery", "request": "compensation", "delivered_at": None, "signed_at": None, "repairs": 1},
        {
            "reason": "lost",
            "request": "resend",
            "delivered_at": None,
            "signed_at": None,
            "carrier_lost": True,
            "unsealed": True,
        },
    ],
)
def test_facts_that_cannot_all_be_true_go_to_a_person(policy: Policy, changes: dict[str, object]) -> None:
    """Doubted facts decide nothing."""
    decision = decide(case(**changes), policy)
    assert ("human", ("human.doubted",), ()) == (decision.outcome, decision.rules, decision.remedies)


@pytest.mark.parametrize(
    ("changes", "told", "not_told"),
    [
        ({"repairs": 2}, "repaired 2 times", "days"),
        ({"repair_days": 31}, "under repair for 31 days", "times"),
    ],
)
def test_a_failed_warranty_names_what_made_it_fail(
    policy: Policy, changes: dict[str, object], told: str, not_told: str
) -> None:
    """Two repairs, or too many days; never "0 times"."""
    whole = case(at="2027-03-01 10:00", reason="functional_defect", request="exchange", **changes)
    said = decide(whole, policy).explanation["en"]
    assert told in said
    assert not_told not in said


@pytest.mark.parametrize(("came", "told"), [("2026-11-10 11:00", "1 day late"), ("2026-11-11 11:00", "2 days late")])
def test_lateness_is_told_in_days(policy: Policy, came: str, told: str) -> None:
    """One day, two days."""
    late = case(request="compensation", reason="late_delivery", delivered_at=came, signed_at=came)
    assert told in decide(late, policy).explanation["en"]


@pytest.mark.parametrize(
    ("changes", "outcome", "amount"),
    [
        # Paid 200.00 on the 5th: day 7 is the 12th.
        ({"price_now": Decimal("189.00"), "at": "2026-11-12 23:59:59"}, "accept", Decimal("11.00")),
        ({"price_now": Decimal("189.00"), "at": "2026-11-13 00:00"}, "refuse", None),
        ({"price_now": Decimal("200.00")}, "refuse", None),
        ({"price_now": None}, "human", None),
        # Nothing that is missing could open what is over.
        ({"price_now": None, "at": "2026-11-12 23:59:59"}, "human", None),
        ({"price_now": None, "at": "2026-11-13 00:00"}, "refuse", None),
        ({"amount": None, "price_now": Decimal("189.00"), "at": "2026-11-13 00:00"}, "refuse", None),
        ({"paid_at": None, "price_now": Decimal("189.00"), "at": "2026-11-13 00:00"}, "human", None),
    ],
)
def test_price_protection(policy: Policy, changes: dict[str, object], outcome: str, amount: Decimal | None) -> None:
    """The difference for seven days after payment."""
    decision = decide(case(**{"request": "price_protection", "reason": "price_drop", **changes}), policy)
    assert (outcome, amount) == (decision.outcome, decision.amount)


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({"reason": "functional_defect"}, Decimal("10.00")),  # 5 % of 200
        ({"reason": "functional_defect", "repairs": 1}, Decimal("20.00")),  # 10 %
        ({"reason": "poor_quality"}, Decimal("5.00")),  # 2 % is 4, at least 5
        ({"reason": "functional_defect", "amount": Decimal("9000.00")}, Decimal("200.00")),  # 450, at most 200
        ({"reason": "functional_defect", "amount": Decimal("123.50")}, Decimal("6.18")),  # 6.175, half up
        ({"reason": "fake"}, Decimal("800.00")),  # 200 + 3 x 200
        ({"reason": "fake", "amount": Decimal("100.00")}, Decimal("600.00")),  # 100 + at least 500
        ({"reason": "unsafe", "kind": "food"}, Decimal("2200.00")),  # 200 + 10 x 200
        ({"reason": "unsafe", "kind": "food", "amount": Decimal("30.00")}, Decimal("1030.00")),  # at least 1000
    ],
)
def test_amounts(policy: Policy, changes: dict[str, object], amount: Decimal) -> None:
    """Compensation is a share within bounds; a fake or unsafe food a multiple with a least."""
    assert amount == decide(case(request="compensation", **changes), policy).amount


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({}, "general"),
        ({"amount": Decimal("2000.00")}, "general"),
        ({"amount": Decimal("2000.01")}, "major"),
        ({"reason": "fake"}, "critical"),
        ({"reason": "unsafe", "cross_border": True}, "critical"),
    ],
)
def test_tier(policy: Policy, changes: dict[str, object], tier: str) -> None:
    """Safety and fakes are critical; a value over 2,000 yuan is one tier up."""
    assert tier == decide(case(**changes), policy).tier


@pytest.mark.parametrize("reason", ["wrong_item", "missing_item"])
def test_what_was_sent_wrongly_is_put_right_at_the_shops_cost(policy: Policy, reason: str) -> None:
    """Resend, exchange or return; only a return without stock."""
    stocked = decide(case(reason=reason, request="resend"), policy)
    assert (stocked.outcome, stocked.remedies, stocked.shipping) == ("accept", ("resend", "exchange", "return"), "shop")
    assert decide(case(reason=reason, request="resend", in_stock=False), policy).remedies == ("return",)


def test_evidence_already_given_is_not_asked_again(policy: Policy) -> None:
    """Only what is still missing is required."""
    assert decide(case(reason="functional_defect"), policy).evidence_required == ("photo",)
    assert decide(case(reason="functional_defect", evidence=("photo",)), policy).evidence_required == ()


def test_explanation_names_the_dates_that_decided(policy: Policy) -> None:
    """A customer reads the day of signing and the last day, as their language writes them."""
    explanation = decide(case(at="2026-11-20 11:00"), policy).explanation
    assert "11月10日" in explanation["zh-Hans"]
    assert "11月17日" in explanation["zh-Hant"]
    assert "17 November" in explanation["en"]


@pytest.mark.parametrize(
    ("changes", "language", "told"),
    [
        # The years are told where they differ, and of all dates.
        (
            {"reason": "functional_defect", "request": "repair", "at": "2027-03-01 10:00"},
            "en",
            "from 10 November 2026 to the end of 10 November 2027",
        ),
        ({"at": "2027-03-01 10:00"}, "zh-Hans", "您是2026年11月10日签收的"),
        # A share under the least or over the most is not told as if it made the amount.
        (
            {"reason": "poor_quality", "request": "compensation", "amount": Decimal("30.00")},
            "en",
            "2 % of the ¥30 you paid would be less than ¥5",
        ),
        (
            {"reason": "poor_quality", "request": "compensation", "amount": Decimal("20000.00")},
            "zh-Hant",
            "以最高的 ¥200 補償您",
        ),
        # Both words for the same remedy are not told as two.
        ({"reason": "damaged_in_transit", "request": "return"}, "zh-Hans", "可以选：换货、退款，"),
        (
            {"reason": "lost", "request": "return", "signed_at": None, "delivered_at": None, "at": "2026-11-20 10:00"},
            "en",
            "a new parcel or a refund. (",
        ),
        # What has come in time is not "not late yet".
        (
            {
                "reason": "late_delivery",
                "request": "compensation",
                "delivered_at": "2026-11-09 11:00",
                "signed_at": "2026-11-09 11:00",
            },
            "en",
            "came on 9 November",
        ),
        (
            {
                "reason": "late_delivery",
                "request": "compensation",
                "delivered_at": None,
                "signed_at": None,
                "at": "2026-11-09 11:00",
            },
            "en",
            "isn't late yet",
        ),
        # Who waits may have the money back; a voucher for what has come is not told twice.
        (
            {"reason": "late_delivery", "request": "compensation", "delivered_at": None, "signed_at": None},
            "zh-Hans",
            "为此补偿您 ¥10。不想再等的话，也可以退款。（依据",
        ),
        (
            {"reason": "late_delivery", "request": "refund", "delivered_at": None, "signed_at": None},
            "zh-Hant",
            "為此補償您 ¥10。不想再等的話，也可以退款。（依據",
        ),
        ({"reason": "late_delivery", "request": "compensation"}, "en", "you get ¥5 for the delay. (By"),
        (
            {"reason": "late_delivery", "request": "exchange", "delivered_at": None, "signed_at": None},
            "en",
            "What we can do now is compensation or a refund. (By",
        ),
        ({"reason": "late_delivery"}, "zh-Hant", "另外，包裹晚了 1 天，補償您 ¥5。"),
        ({"reason": "price_drop", "price_now": Decimal("189.00")}, "en", "the difference of ¥11 instead"),
        ({"reason": "fake"}, "en", "plus 3 times the price (¥500 at least), ¥800 in all"),
        ({"reason": "unsafe", "kind": "food", "amount": None}, "en", "(¥1,000 at least). ("),
        (
            {"signed_at": None, "delivered_at": None, "dispatched_at": None, "amount": None},
            "en",
            "your money goes back at once",
        ),
        # The clauses, those of one book together.
        ({"reason": "late_delivery", "request": "compensation"}, "en", "(By §1.2 and §4.2 of our service standard.)"),
        ({"intact": None}, "zh-Hans", "《消费者权益保护法》第25条"),
        # What is sure is told beside what a person must see.
        ({"reason": "late_delivery", "intact": None}, "en", "a colleague will look and answer you"),
        ({"reason": "late_delivery", "intact": None}, "en", "1 day late, you get ¥5"),
        ({"reason": "price_drop", "intact": None, "price_now": Decimal("189.00")}, "zh-Hans", "也可以退您差价 ¥11"),
        ({"reason": "price_drop", "at": "2026-11-18 00:00"}, "en", "ended on 17 November"),
        # The carrier may have delivered what nobody signed for.
        ({"signed_at": None}, "en", "no signature for it on record"),
        ({"reason": "functional_defect", "signed_at": None}, "en", "no signature for it on record"),
        ({"reason": "damaged_in_transit", "signed_at": None}, "en", "no signature for it on record"),
        ({"reason": "accidental_damage", "signed_at": None}, "en", "no signature for it on record"),
    ],
)
def test_explanations_say_what_decided(policy: Policy, changes: dict[str, object], language: str, told: str) -> None:
    """A reader can follow the dates, the arithmetic and the clause."""
    assert told in decide(case(**changes), policy).explanation[language]
