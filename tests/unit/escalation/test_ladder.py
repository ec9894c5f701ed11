"""What a clock asks for next: by the table, and against walks over every minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.clocks import CEILINGS, ClockKind
from escalation.ladder import ClockFacts, compute_changed_within, compute_ladder, decide_steps
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Pauses = tuple[tuple[datetime, datetime], ...]


def after(**duration: float) -> datetime:
    """An instant after the start."""
    return START + timedelta(**duration)


def resolution(tier: str = "critical", hours: float = 8, pauses: Pauses = ()) -> ClockFacts:
    """A resolution clock."""
    return ClockFacts(ClockKind.RESOLUTION, Tier(tier), START, timedelta(hours=hours), pauses)


@pytest.mark.parametrize(
    ("clock", "hours"),
    [
        (resolution(), [4, 6.4, 8, 10, 16]),  # 50, 80, 100, 125, 200 % of 8 h
        (resolution("general", 48), [38.4, 48, 60, 96]),  # general has no warning at half time
        (resolution(pauses=((after(hours=5), after(hours=7)),)), [4, 8.4, 10, 12, 18]),  # two hours later from 5 h on
        (resolution(pauses=((after(hours=9), after(hours=10)),)), [4, 6.4, 8, 11, 17]),  # after the breach
    ],
)
def test_the_steps_of_a_clock(clock: ClockFacts, hours: list[float], levels: ServiceLevels) -> None:
    """Shares of its duration, moved by the pauses before them."""
    assert [after(hours=count) for count in hours] == [step.at for step in compute_ladder(clock, levels.ladder)]


@pytest.mark.parametrize(
    ("minutes", "taken", "due", "upcoming"),
    [
        (5, ["warn_half"], ["warn", "breach"], "supervisor"),
        (60, [], ["warn_half", "warn", "breach"], "supervisor"),  # with the next person it is another claim
        (60, ["warn_half", "warn", "breach"], ["supervisor", "operations_manager"], None),  # it could go to nobody
    ],
)
def test_an_unclaimed_ticket_passes_on_before_it_climbs(
    minutes: int, taken: list[str], due: list[str], upcoming: str | None, levels: ServiceLevels
) -> None:
    """At the deadline it goes to the next person; the ranks above come in only where there is none."""
    claim = ClockFacts(ClockKind.CLAIM, Tier.CRITICAL, START, timedelta(minutes=5))
    verdict = decide_steps(claim, levels.ladder, taken, now=after(minutes=minutes))
    assert due == [step.name for step in verdict.due]
    assert upcoming == (verdict.upcoming.name if verdict.upcoming else None)


@pytest.mark.parametrize(
    ("hours", "taken", "due", "upcoming"),
    [
        (3.9, [], [], "warn_half"),
        (4, [], ["warn_half"], "warn"),  # at its instant it is due
        (4, ["warn_half"], [], "warn"),
        (8, ["warn_half"], ["warn", "breach"], "supervisor"),
        (16, [], ["warn_half", "warn", "breach", "supervisor", "operations_manager"], None),
        (99, ["warn_half", "warn", "breach", "supervisor", "operations_manager"], [], None),
        (2, ["warn_half"], [], "warn"),  # the clock was set back: what was taken is taken
    ],
)
def test_what_is_due_now(
    hours: float, taken: list[str], due: list[str], upcoming: str | None, levels: ServiceLevels
) -> None:
    """Everything up to now that was not taken, and the one to wait for."""
    verdict = decide_steps(resolution(), levels.ladder, taken, now=after(hours=hours))
    assert due == [step.name for step in verdict.due]
    assert upcoming == (verdict.upcoming.name if verdict.upcoming else None)


@pytest.mark.parametrize(
    ("clock", "within_hours", "now_hours", "expected_hours"),
    [
        (resolution("general", 48), 8, 1, 8),  # early: simply the new time
        (resolution("general", 48), 8, 10, 10.8),  # late: a tenth of the new time is left
        (resolution("general", 48), 8, 47.5, 48),  # never later than it was
        (resolution("critical", 8), 48, 1, 48),  # relaxed: the new time, from the start
        (resolution("critical", 8), 48, 9, 8),  # breached an hour ago stays breached
        (resolution("critical", 8), 48, 8, 48),  # at the deadline it is not late yet
        (resolution("general", 48, ((after(hours=1), after(hours=31)),)), 8, 40, 10.8),  # 30 h stood still: 40 is 10
    ],
)
def test_a_change_of_tier_follows_the_facts(
    clock: ClockFacts, within_hours: float, now_hours: float, expected_hours: float
) -> None:
    """The duration after the change, in hours."""
    changed = compute_changed_within(clock, within_hours * HOUR, ceiling=48 * HOUR, now=after(hours=now_hours))
    assert expected_hours == pytest.approx(changed / HOUR)


_INSTANTS = st.integers(0, 3000).map(lambda minutes: after(minutes=minutes))
_PAUSES = st.lists(st.tuples(_INSTANTS, _INSTANTS).map(lambda pair: (min(pair), max(pair))), max_size=3).map(tuple)
_CLOCKS = st.builds(
    ClockFacts,
    st.just(ClockKind.RESOLUTION),
    st.sampled_from(Tier),
    st.just(START),
    st.integers(1, 96).map(lambda count: count * 30 * MINUTE),
    _PAUSES,
)


@given(_CLOCKS)
def test_each_step_is_where_a_walk_finds_it(levels: ServiceLevels, clock: ClockFacts) -> None:
    """Minute by minute, not counting those in a pause."""
    expected = [
        walk(clock, clock.within * step.at) for step in sorted(levels.ladder, key=lambda s: s.at)
        if clock.tier in step.tiers
    ]  # fmt: skip
    found = [step.at for step in compute_ladder(clock, levels.ladder)]
    assert all(at - MINUTE < exact <= at for at, exact in zip(expected, found, strict=True))


def walk(clock: ClockFacts, duration: timedelta) -> datetime:
    """The end of the minute in which that much unpaused time has passed."""
    at, left = clock.started_at, duration
    while left > timedelta(0):
        left -= MINUTE * (not any(begin <= at < end for begin, end in clock.pauses))
        at += MINUTE
    return at


@given(_CLOCKS, st.lists(st.integers(-60, 12_000).map(lambda minutes: after(minutes=minutes)), max_size=12))
def test_whenever_one_looks_each_step_is_taken_once(
    levels: ServiceLevels, clock: ClockFacts, looks: Sequence[datetime]
) -> None:
    """In any order of looks (clocks are set back): exactly those whose instant has passed by the latest look."""
    taken: list[str] = []
    for now in looks:
        taken += [step.name for step in decide_steps(clock, levels.ladder, taken, now=now).due]
    passed = [step.name for step in compute_ladder(clock, levels.ladder) if looks and step.at <= max(looks)]
    assert sorted(passed) == sorted(taken)


@given(_CLOCKS, st.integers(1, 96), st.integers(0, 6000))
def test_no_change_breaches_or_passes_the_ceiling(clock: ClockFacts, half_hours: int, minutes: int) -> None:
    """The new deadline is not behind us unless the old one was, nor past the ceiling counted from the start."""
    now, ceiling = after(minutes=minutes), CEILINGS[ClockKind.RESOLUTION]
    within = compute_changed_within(clock, half_hours * 30 * MINUTE, ceiling=ceiling, now=now)
    changed = ClockFacts(clock.kind, clock.tier, clock.started_at, within, clock.pauses)
    assert changed.due_at >= min(now, clock.due_at)
    assert within <= ceiling
    assert (changed.due_at < now) == (clock.due_at < now)
