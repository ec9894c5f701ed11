"""Questions that mean nearly the same are counted together."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actions.faq.grouping import Asked, group_questions
from actions.faq.matching import Vectors

START = datetime(2026, 11, 26, 9, tzinfo=UTC)


def asked(text: str, minute: int, *, ignored: bool = False, language: str = "en", picked: str | None = None) -> Asked:
    """A question asked at a minute."""
    at = START + timedelta(minutes=minute)
    return Asked(f"{text}/{minute}", text, language, at, ignored=ignored, picked=picked)


def points(*angles: float) -> Vectors:
    """Unit vectors at these angles (degrees): 43 apart are alike enough, 44 are not."""
    turned = np.radians(np.array(angles))
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def test_the_like_of_it_counts_as_one() -> None:
    """The most frequent group first; its most frequent wording stands for it."""
    questions = [asked("a", 0), asked("b", 1), asked("b", 2), asked("far", 3, language="zh-Hans")]
    first, second = group_questions(questions, points(0, 10, 10, 90))
    assert ("b", 3, START + timedelta(minutes=2)) == (first.leader.text, first.count, first.last_at)
    assert ("b", "a") == first.texts()
    assert (("en",), ("zh-Hans",)) == (first.languages, second.languages)


def test_what_was_set_aside_takes_the_like_of_it_along() -> None:
    """However often that is asked afterwards."""
    questions = [asked("new", minute) for minute in range(5)] + [asked("old", 9, ignored=True)]
    [group] = group_questions(questions, points(0, 0, 0, 0, 0, 20))
    assert (True, 6, "old") == (group.ignored, group.count, group.leader.text)


def test_likeness_ends_somewhere() -> None:
    """The cosine of 43 degrees is over 0.72, that of 44 below."""
    assert 1 == len(group_questions([asked("a", 0), asked("b", 1)], points(0, 43)))
    assert 2 == len(group_questions([asked("a", 0), asked("b", 1)], points(0, 44)))


def test_what_customers_chose_most_is_told() -> None:
    """Where entries were suggested."""
    questions = [asked("a", 0, picked="x"), asked("a", 1, picked="y"), asked("a", 2, picked="y"), asked("a", 3)]
    [group] = group_questions(questions, points(0, 0, 0, 0))
    assert "y" == group.picked


@given(st.lists(st.integers(0, 359), max_size=40))
def test_every_question_is_counted_once(angles: list[int]) -> None:
    """Whatever was asked."""
    questions = [asked(str(angle), minute) for minute, angle in enumerate(angles)]
    groups = group_questions(questions, points(*angles))
    assert sorted(one.id for one in questions) == sorted(one.id for group in groups for one in group.members)
