"""Buckets of tokens: so many at once, then so many a second, each key for itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.security.limits import Limits, Rate

RATE = Rate(burst=3, per_second=0.5)


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def taken(limits: Limits, times: int, key: str = "a") -> list[bool]:
    """Ask so many times."""
    return [limits.allow(RATE, key) for _ in range(times)]


def test_a_burst_then_no_more() -> None:
    """Three at once; the fourth waits."""
    assert [True, True, True, False, False] == taken(Limits(Seconds()), 5)


@pytest.mark.parametrize(("waited", "allowed"), [(0, 0), (1.9, 0), (2, 1), (4, 2), (6, 3), (6_000, 3)])
def test_tokens_come_back_with_time(waited: float, allowed: int) -> None:
    """One every two seconds, never more than the burst."""
    seconds = Seconds()
    limits = Limits(seconds)
    taken(limits, 3)
    seconds.now += waited
    assert allowed == sum(taken(limits, 5))


def test_being_refused_costs_nothing() -> None:
    """Who keeps asking waits no longer than who waits."""
    seconds = Seconds()
    limits = Limits(seconds)
    taken(limits, 50)
    seconds.now += 2
    assert [True, False] == taken(limits, 2)


def test_keys_and_rates_do_not_share() -> None:
    """One visitor's flood is nobody else's, and photos are not messages."""
    limits = Limits(Seconds())
    taken(limits, 5)
    assert limits.allow(RATE, "b")
    assert limits.allow(Rate(burst=1, per_second=1), "a")


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_burst_and_rate(waits: list[float]) -> None:
    """Over any course of time."""
    seconds = Seconds()
    limits, allowed = Limits(seconds), 0
    for wait in waits:
        seconds.now += wait
        allowed += limits.allow(RATE, "a")
    assert allowed <= RATE.burst + RATE.per_second * sum(waits) + 1e-6
