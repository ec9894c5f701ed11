"""What `shouwen sla due` answers."""

import json
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalation.clocks import ClockKind
from escalation.service_levels import ServiceLevels, load_service_levels
from escalation.severity import Tier
from escalation.sla import compute_due_line

LINE = {"tier": "general", "clock": "resolution", "start": "2026-11-23T12:00:00+08:00", "calendar": None, "pauses": []}


def answer(levels: ServiceLevels, **changes: Any) -> dict[str, Any]:
    """Ask with one line."""
    return compute_due_line(levels, json.dumps(LINE | changes))


def test_the_deadline_is_told_in_utc(levels: ServiceLevels) -> None:
    """48 h after noon in Shanghai."""
    assert "2026-11-25T04:00:00+00:00" == answer(levels)["due_at"]


def test_the_steps_are_told_in_order(levels: ServiceLevels) -> None:
    """Each with its name and instant, and the breach at the deadline."""
    told = answer(levels)
    assert sorted(step["at"] for step in told["steps"]) == [step["at"] for step in told["steps"]]
    assert {"name": "breach", "at": told["due_at"]} in told["steps"]


def test_a_pause_moves_it(levels: ServiceLevels) -> None:
    """Three hours of waiting for the customer."""
    pauses = [["2026-11-23T05:00:00Z", "2026-11-23T08:00:00Z"]]
    assert "2026-11-25T07:00:00+00:00" == answer(levels, pauses=pauses)["due_at"]


@pytest.mark.parametrize(
    ("clock", "due_at"),
    [
        ("claim", "2026-11-23T06:00:00+00:00"),
        ("response", "2026-11-24T04:00:00+00:00"),
        ("next_response", "2026-11-23T16:00:00+00:00"),
        ("resolution", "2026-11-25T07:00:00+00:00"),
        ("feedback", "2026-11-26T07:00:00+00:00"),
    ],
)
def test_waiting_for_the_customer_moves_resolution_and_feedback_alone(
    levels: ServiceLevels, clock: str, due_at: str
) -> None:
    """The same three hours are told of every clock of a ticket."""
    pauses = [["2026-11-23T05:00:00Z", "2026-11-23T08:00:00Z"]]
    assert due_at == answer(levels, clock=clock, pauses=pauses)["due_at"]


_GENERAL = {"warn": 0.8, "breach": 1.0, "supervisor": 1.25, "operations_manager": 2.0}


@pytest.mark.parametrize("clock", ClockKind)
@pytest.mark.parametrize(("tier", "shares"), [("general", _GENERAL), ("major", {"warn_half": 0.5, **_GENERAL}),
                                              ("critical", {"warn_half": 0.5, **_GENERAL})])  # fmt: skip
def test_every_clock_of_every_tier_has_its_steps(
    levels: ServiceLevels, clock: ClockKind, tier: str, shares: dict[str, float]
) -> None:
    """Round the clock they are plain shares of the time."""
    start, within = datetime.fromisoformat(str(LINE["start"])), levels.within[Tier(tier), clock]
    told = answer(levels, clock=clock, tier=tier)["steps"]
    assert {name: start + within * share for name, share in shares.items()} == {
        step["name"]: datetime.fromisoformat(step["at"]) for step in told
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tier": "urgent"}, "tier"),
        ({"clock": "lunch"}, "clock"),
        ({"start": "tomorrow"}, "start"),
        ({"start": "2026-11-23T12:00:00"}, "start"),  # without an offset
        ({"calendar": "moon"}, "calendar"),
        ({"pauses": [["2026-11-23T05:00:00Z"]]}, "pauses"),
        ({"pauses": [["2026-11-23T08:00:00Z", "2026-11-23T05:00:00Z"]]}, "pauses"),
        ({"pauses": {}}, "pauses"),
        ({"pauses": "none"}, "pauses"),
        ({"pause": []}, "pause"),  # not a field: the deadline would be wrong without a word
        ({"start": "0001-01-01T00:00:00Z"}, "start"),
        ({"start": "9999-12-31T23:00:00Z"}, "start"),
        ({"pauses": [["2026-11-23T05:00:00Z", "9999-12-31T23:00:00Z"]]}, "pauses"),
        ({"pauses": [["0001-01-01T00:00:00+14:00", "2026-11-23T05:00:00Z"]]}, "pauses"),
        ({"clock": "response", "pauses": [["2026-11-23T08:00:00Z", "2026-11-23T05:00:00Z"]]}, "pauses"),
    ],
)
def test_a_bad_line_names_its_field(levels: ServiceLevels, changes: dict[str, Any], field: str) -> None:
    """And the reason."""
    error = answer(levels, **changes)["error"]
    assert field == error["field"]
    assert error["reason"]


def test_a_field_that_is_missing_or_stands_twice_is_named(levels: ServiceLevels) -> None:
    """Nobody knows which of two was meant."""
    assert {"field": "start", "reason": "is missing"} == compute_due_line(
        levels, '{"tier": "major", "clock": "claim"}'
    )["error"]
    twice = json.dumps(LINE).replace("{", '{"tier": "major", ', 1)
    assert {"field": "tier", "reason": "stands twice"} == compute_due_line(levels, twice)["error"]


@pytest.mark.parametrize("line", ["", "{", "[]", "null", "[" * 100_000])
def test_what_is_no_object_is_an_error_too(levels: ServiceLevels, line: str) -> None:
    """Nothing that is sent makes it fail."""
    assert "error" in compute_due_line(levels, line)


SHOP = """
calendars:
  shop:
    zone: Asia/Shanghai
    week: {mon-fri: ["09:00-12:00", "13:00-18:00"]}
    holidays: CN
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ServiceLevels:
    """The default file with a calendar, which the tier general has."""
    default = files("escalation").joinpath("service_levels.yml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("sla") / "levels.yml"
    path.write_text(default.replace("  general:\n", "  general:\n    calendar: shop\n") + SHOP, encoding="utf-8")
    return load_service_levels(path)


@pytest.mark.parametrize(
    ("changes", "due_at"),
    [
        ({"clock": "next_response", "tier": "major", "calendar": "shop"}, "2026-11-23T09:00:00+00:00"),  # 13-17
        ({"clock": "next_response", "tier": "major"}, "2026-11-23T08:00:00+00:00"),  # round the clock
        (
            {"clock": "next_response"},
            "2026-11-24T04:00:00+00:00",
        ),  # 5 + 7 h of the tier's own, but 24 h are the ceiling
        ({"clock": "next_response", "calendar": "round_the_clock"}, "2026-11-23T16:00:00+00:00"),
        ({"clock": "resolution"}, "2026-11-25T04:00:00+00:00"),  # 48 business hours never fit into 48 h
        ({"clock": "resolution", "tier": "critical", "calendar": "shop"}, "2026-11-24T04:00:00+00:00"),  # 5 + 3 h
        ({"clock": "claim", "start": "2026-11-27T17:00:00+08:00"}, "2026-11-30T02:00:00+00:00"),  # over a weekend
        ({"clock": "claim", "start": "2026-09-30T17:30:00+08:00"}, "2026-10-08T02:30:00+00:00"),  # National Day
        ({"clock": "claim", "start": "2026-10-10T09:00:00+08:00"}, "2026-10-10T03:00:00+00:00"),  # a make-up Saturday
        ({"clock": "claim", "start": "2026-12-31T17:00:00+08:00"}, "2027-01-04T02:00:00+00:00"),  # New Year, a Friday
    ],
)
def test_a_calendar_counts_business_time_up_to_the_ceiling(
    shop: ServiceLevels, changes: dict[str, Any], due_at: str
) -> None:
    """By name, or the tier's own; a claim waits for the desk to open."""
    assert due_at == answer(shop, **changes)["due_at"]


def test_a_pause_keeps_the_business_time_that_is_left(shop: ServiceLevels) -> None:
    """Critical, 8 h: five run on Monday, three are left and run on Wednesday; the ceiling moves with the pause."""
    pauses = [["2026-11-23T18:00:00+08:00", "2026-11-24T20:00:00+08:00"]]
    told = answer(shop, tier="critical", calendar="shop", pauses=pauses)
    assert "2026-11-25T04:00:00+00:00" == told["due_at"]
    assert {"name": "warn_half", "at": "2026-11-23T09:00:00+00:00"} in told["steps"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # Sunday: 4, 6.4, 8 business hours of Monday, 10 and 16 of Tuesday. Half of the 48 h is over on Monday at 10.
        ("2026-11-22T10:00:00+08:00", ["23T14:00", "23T16:24", "23T18:00", "24T11:00", "24T18:00"]),
        # Friday morning: breached on Friday evening, the ranks above come in when the desk works again.
        ("2026-11-27T09:00:00+08:00", ["27T14:00", "27T16:24", "27T18:00", "30T11:00", "30T18:00"]),
        # Friday evening: the ceiling on Sunday comes before any business time, and is shared instead.
        ("2026-11-20T18:00:00+08:00", ["21T18:00", "22T08:24", "22T18:00", "23T06:00", "24T18:00"]),
    ],
)
def test_steps_are_shares_of_business_time_unless_the_ceiling_cuts_it_short(
    shop: ServiceLevels, start: str, expected: list[str]
) -> None:
    """Critical, 8 h by the shop's calendar, in November 2026 in Shanghai."""
    told = answer(shop, tier="critical", calendar="shop", start=start)
    at = [datetime.fromisoformat(step["at"]).astimezone(ZoneInfo("Asia/Shanghai")) for step in told["steps"]]
    assert expected == [f"{one:%dT%H:%M}" for one in at]


@pytest.mark.parametrize("calendar", ["moon", 3, ["shop"], {}])
def test_an_unknown_calendar_names_those_that_are_known(shop: ServiceLevels, calendar: object) -> None:
    """All of them."""
    error = answer(shop, calendar=calendar)["error"]
    assert ("calendar", True) == (error["field"], "round_the_clock, shop" in error["reason"])


@pytest.mark.parametrize("start", ["9999-12-31T12:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00"])
@pytest.mark.parametrize("calendar", ["shop", None])
def test_the_ends_of_time_are_no_crash(shop: ServiceLevels, start: str, calendar: str | None) -> None:
    """There is a deadline or a named error."""
    told = answer(shop, start=start, calendar=calendar, tier="major")
    assert told.get("due_at") or "start" == told["error"]["field"]
