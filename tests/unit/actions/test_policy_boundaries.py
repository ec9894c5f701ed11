"""Days as calendars have them: leap days, zones, clocks put forward, holidays at the end of a period."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from actions.policy import Policy, decide
from tests.unit.actions.policy_cases import case


def ordinary_at(signed: str, **changes: object) -> dict[str, object]:
    """A case signed for then, everything before it in its order."""
    return {"paid_at": "2020-01-01 10:00", "dispatched_at": None, "delivered_at": None, "signed_at": signed,
            "at": signed, **changes}  # fmt: skip


@pytest.mark.parametrize(
    ("signed", "days", "until"),
    [
        ("2028-02-22 10:00", "return", "2028-03-01T00:00:00+08:00"),  # 22 + 7 = 29 February, a Tuesday
        ("2027-02-22 10:00", "return", "2027-03-02T00:00:00+08:00"),  # 22 + 7 = 1 March where there is no 29th
        ("2028-02-29 10:00", "warranty", "2029-03-01T00:00:00+08:00"),  # + 365 = 28 February 2029, a Wednesday
        ("2027-03-01 10:00", "warranty", "2028-03-01T00:00:00+08:00"),  # + 365 = 29 February 2028
        (
            "2026-02-08 10:00",
            "return",
            "2026-02-25T00:00:00+08:00",
        ),  # day 7, the 15th, begins Spring Festival: the 24th
        ("2026-12-25 10:00", "return", "2027-01-05T00:00:00+08:00"),  # day 7 is 1 January; the 2nd and 3rd a weekend
    ],
)
def test_calendar_days(policy: Policy, signed: str, days: str, until: str) -> None:
    """The last day is counted by the calendar, and moved where it is off."""
    changes = {"reason": "functional_defect", "repairs": 0} if days == "warranty" else {}
    told = case(**ordinary_at(signed, **changes))
    if days == "warranty":
        told = replace(told, request="repair", at=told.at.replace(year=told.at.year + 1, month=1))
    assert until == decide(told, policy).to_json()["until"]


@pytest.mark.parametrize(
    ("zone", "signed", "last", "over"),
    [
        # 10 November 23:30 in Taipei is the 10th there, day 7 the 17th.
        ("Asia/Taipei", "2026-11-10T15:30", "2026-11-17T15:59:59", "2026-11-17T16:00"),
        # The same instant is 10:30 in New York: day 7 ends there, five hours behind UTC.
        ("America/New_York", "2026-11-10T15:30", "2026-11-18T04:59:59", "2026-11-18T05:00"),
        # Clocks go forward on 8 March: signed in winter time, over in summer time, four hours behind.
        ("America/New_York", "2026-03-03T15:00", "2026-03-11T03:59:59", "2026-03-11T04:00"),
        ("Pacific/Auckland", "2026-09-22T03:00", "2026-09-29T10:59:59", "2026-09-29T11:00"),  # forward on the 27th
    ],
)
def test_the_day_ends_where_the_shop_is(policy: Policy, zone: str, signed: str, last: str, over: str) -> None:
    """24:00 is the shop's own, whatever its clocks did meanwhile."""
    there = replace(policy, zone=ZoneInfo(zone), holiday_extension=False)
    told = case(**ordinary_at("2026-01-01 00:00", signed_at=datetime.fromisoformat(signed).replace(tzinfo=UTC)))
    outcomes = [
        decide(replace(told, at=datetime.fromisoformat(at).replace(tzinfo=UTC)), there).outcome for at in (last, over)
    ]
    assert ["accept", "refuse"] == outcomes


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        # An exchange on 20 November 2026 starts the warranty anew: + 365 is a Saturday, so Monday the 22nd.
        ({"exchanged_at": "2026-11-20 10:00"}, "2027-11-23T00:00:00+08:00"),
        # Installed before it was signed for is a slip: counted from the later. 10 November 2027 is a Wednesday.
        ({"installed_at": "2026-11-01 10:00"}, "2027-11-11T00:00:00+08:00"),
        # A compressor has three years: 9 November 2029 is a Friday.
        ({"kind": "appliance", "part": "compressor"}, "2029-11-10T00:00:00+08:00"),
        ({"part": "battery"}, "2027-11-11T00:00:00+08:00"),  # of no part is said: as the goods
    ],
)
def test_warranty_by_exchange_and_part(policy: Policy, changes: dict[str, object], until: str) -> None:
    """The later beginning counts, and a main part's own period."""
    told = case(reason="functional_defect", request="repair", at="2027-03-01 10:00", **changes)
    assert until == decide(told, policy).to_json()["until"]


@pytest.mark.parametrize(
    ("amount", "granted"),
    [
        ("0.00", "5.00"),  # at least 5
        ("99.99", "5.00"),  # 4.9995
        ("100.10", "5.01"),  # 5.005, half up
        ("100.09", "5.00"),  # 5.0045
        ("3999.80", "199.99"),
        ("3999.99", "200.00"),  # 199.9995
        ("4000.10", "200.00"),  # 200.005, at most 200
    ],
)
def test_compensation_to_the_cent(policy: Policy, amount: str, granted: str) -> None:
    """Five per cent for loss of use, rounded half up, between 5 and 200 yuan."""
    told = case(reason="functional_defect", request="compensation", amount=Decimal(amount))
    assert Decimal(granted) == decide(told, policy).amount


def test_a_second_failure_is_one_whichever_fault_is_named(policy: Policy) -> None:
    """Ten per cent once a repair has failed."""
    for reason in ("functional_defect", "poor_quality"):
        assert decide(case(reason=reason, request="compensation", repairs=1), policy).amount == Decimal("20.00")
