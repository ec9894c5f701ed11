"""What went wrong for others with clocks, calendars and states: each failure by its number, where it is arithmetic."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from escalation.calendar import Calendar, Period, dump_calendar, read_calendar
from escalation.clocks import CEILINGS, ClockKind, compute_due, is_met
from escalation.errors import ForbiddenTransitionError
from escalation.holiday_tables import load_holiday_table
from escalation.ladder import BREACH, ClockFacts, compute_changed_within, compute_ladder, decide_steps
from escalation.service_levels import ServiceLevels, ServiceLevelsError, load_service_levels
from escalation.severity import Tier
from escalation.tickets import Command, State, next_state

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAY_SHIFT = (Period(time(9), time(12)), Period(time(13), time(18)))
WORKWEEK = dict.fromkeys(range(5), DAY_SHIFT)
FAR = 400 * DAY


def shanghai(text: str) -> datetime:
    """Read a local instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


START = shanghai("2026-11-23T12:00")


def resolution(hours: float = 8, tier: Tier = Tier.CRITICAL, calendar: Calendar | None = None) -> ClockFacts:
    """A resolution clock from Monday noon."""
    return ClockFacts(ClockKind.RESOLUTION, tier, START, hours * HOUR, (), calendar)


def test_1_an_answer_a_second_late_is_late_though_nobody_has_looked_yet() -> None:
    """Judged by the facts, not by the sweep."""
    assert not is_met(START + 8 * HOUR, START + 8 * HOUR + timedelta(seconds=1))


def test_2_breaches_during_an_outage_stay_breaches(levels: ServiceLevels) -> None:
    """Two hours later the step is still to be taken."""
    due = decide_steps(resolution(), levels.ladder, ["warn_half", "warn"], now=START + 9 * HOUR).due
    assert [BREACH] == [step.name for step in due]


def test_3_a_breach_is_at_the_deadline_whenever_it_is_noticed(levels: ServiceLevels) -> None:
    """Its instant is the deadline to the microsecond."""
    due = decide_steps(resolution(), levels.ladder, ["warn_half", "warn"], now=START + 9 * HOUR).due
    assert [START + 8 * HOUR] == [step.at for step in due]


@pytest.mark.parametrize("hours", [1, 8.5, 24, 47.9])
def test_7_a_tier_raised_late_in_life_breaches_nothing_and_is_not_refused(hours: float) -> None:
    """A tenth of the new time is left, unless less was left before."""
    now, clock = START + hours * HOUR, resolution(48, Tier.GENERAL)
    within = compute_changed_within(clock, 8 * HOUR, ceiling=CEILINGS[clock.kind], now=now)
    assert START + within >= min(now + 0.8 * HOUR, clock.due_at)


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "2026-11-24T17:00"),  # 5 h on Monday, 3 + 4 h on Tuesday
        ([("2026-11-23T17:00", "2026-11-24T10:00")], "2026-11-25T10:00"),  # 4 h left, 8 h: one on Wednesday
        ([("2026-11-23T19:00", "2026-11-23T23:00")], "2026-11-24T17:00"),  # at night nothing was running anyway
        ([("2026-11-23T13:00", "2026-11-23T14:00"), ("2026-11-23T15:00", "2026-11-23T16:00")], "2026-11-25T10:00"),
        ([("2026-11-24T11:00", "2026-11-28T11:00")], "2026-11-30T15:00"),  # resumed on a Saturday: Monday, 5 h left
    ],
)
def test_8_a_pause_moves_a_deadline_by_business_time_and_never_into_the_night(
    pauses: list[tuple[str, str]], due: str
) -> None:
    """Twelve business hours from Monday noon; two pauses in a day, across a night, a weekend."""
    spans = [(shanghai(begin), shanghai(end)) for begin, end in pauses]
    assert shanghai(due) == compute_due(START, 12 * HOUR, spans, Calendar(SHANGHAI, WORKWEEK), longest=FAR)


def test_8_a_pause_across_a_holiday_keeps_what_was_left() -> None:
    """Paused on the last day before the National Day week with two hours left, resumed within it: due on the 8th."""
    table = load_holiday_table("CN")
    calendar = Calendar(SHANGHAI, WORKWEEK, table.days_off, table.working_days)
    pauses = [(shanghai("2026-09-30T16:00"), shanghai("2026-10-03T12:00"))]
    due = compute_due(shanghai("2026-09-30T13:00"), 5 * HOUR, pauses, calendar, longest=FAR)
    assert shanghai("2026-10-08T11:00") == due


def test_8_a_pause_across_a_change_to_summer_time_keeps_what_was_left() -> None:
    """22:00 to 06:00: two hours run, paused over the hour that is skipped, resumed at 05:00 with one hour to 06:00."""
    zone = ZoneInfo("America/New_York")
    calendar = Calendar(zone, dict.fromkeys(range(7), (Period(time(22), time(6)),)))
    pauses = [(datetime(2026, 3, 8, 0, tzinfo=zone), datetime(2026, 3, 8, 5, tzinfo=zone))]
    due = compute_due(datetime(2026, 3, 7, 22, tzinfo=zone), 4 * HOUR, pauses, calendar, longest=FAR)
    assert datetime(2026, 3, 8, 23, tzinfo=zone) == due


def test_9_a_lunch_break_and_a_night_shift_on_one_day() -> None:
    """Several periods, one of them overnight, and the walk ends."""
    calendar = Calendar(SHANGHAI, dict.fromkeys(range(7), (*DAY_SHIFT, Period(time(22), time(2)))))
    assert shanghai("2026-11-24T01:00") == compute_due(START, 8 * HOUR, (), calendar, longest=FAR)


@pytest.mark.parametrize("days", [30, 399])
def test_9_a_row_of_closed_days_delays_to_the_ceiling_and_no_further(days: int) -> None:
    """There is always a deadline."""
    closed = {START.date() + ahead * DAY: () for ahead in range(days)}
    assert START + 48 * HOUR == resolution(8, calendar=Calendar(SHANGHAI, WORKWEEK, exceptions=closed)).due_at


def test_9_a_calendar_that_stays_closed_is_refused_at_load_by_name(tmp_path: Path) -> None:
    """400 days in a row are an error that names the calendar, not a clock without a deadline."""
    default = Path(__file__).parents[3] / "escalation" / "service_levels.yml"
    path = tmp_path / "levels.yml"
    calendar = "{zone: Asia/Shanghai, week: {mon-fri: [09:00-18:00]}, exceptions: {2026-12-01..2028-01-31: closed}}"
    path.write_text(f"{default.read_text('utf-8')}\ncalendars:\n  shop: {calendar}\n", encoding="utf-8")
    with pytest.raises(ServiceLevelsError, match=r"calendars\.shop.*closed for 400 days"):
        load_service_levels(path)


def test_9_make_up_working_days_are_worked() -> None:
    """Saturday 10 October 2026 is worked for the National Day week, as Saturday 17 is not."""
    table = load_holiday_table("CN")
    calendar = Calendar(SHANGHAI, WORKWEEK, table.days_off, table.working_days)
    assert DAY_SHIFT == calendar.periods_of(date(2026, 10, 10))
    assert () == calendar.periods_of(date(2026, 10, 17))
    assert () == calendar.periods_of(date(2026, 10, 7))


def test_10_an_edited_calendar_moves_no_clock_behind_its_back() -> None:
    """A clock carries the calendar it was promised under, and computes by it until it is given another."""
    before = Calendar(SHANGHAI, WORKWEEK, days_off=frozenset({date(2026, 11, 24)}))
    kept = read_calendar(dump_calendar(before, since=START.date()))
    assert resolution(8, calendar=before).due_at == resolution(8, calendar=kept).due_at


def test_12_a_step_that_was_taken_never_comes_again(levels: ServiceLevels) -> None:
    """Weeks overdue, with every step taken, there is nothing to do and nothing to wait for."""
    taken = [step.name for step in compute_ladder(resolution(), levels.ladder)]
    verdict = decide_steps(resolution(), levels.ladder, taken, now=START + 30 * DAY)
    assert ((), None) == (verdict.due, verdict.upcoming)


@pytest.mark.parametrize("hours", [8, 40])
def test_13_no_warning_falls_due_after_the_breach(levels: ServiceLevels, hours: int) -> None:
    """Not where the ceiling cuts a calendar short either, as 40 business hours in 48."""
    steps = compute_ladder(resolution(hours, calendar=Calendar(SHANGHAI, WORKWEEK)), levels.ladder)
    assert ["warn_half", "warn", BREACH] == [step.name for step in steps][:3]
    assert steps[1].at < steps[2].at


def test_14_a_thank_you_after_resolution_is_no_reopening() -> None:
    """What a customer writes leads nowhere from resolved or closed; only saying that it is not solved does."""
    for state in (State.RESOLVED, State.CLOSED):
        with pytest.raises(ForbiddenTransitionError):
            next_state(state, Command.CUSTOMER_WRITES)


def test_15_met_exactly_at_the_deadline_is_met() -> None:
    """And one instant later it is not: there is nothing in between."""
    due = resolution().due_at
    assert is_met(due, due)
    assert not is_met(due, due + timedelta(microseconds=1))
