"""What makes sense only in its conversation is read with the topic, and the reading says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.context import read_in_context
from bot.nlu.reading import CATEGORIES, Reading

RANKING = (
    ("order.status", 0.34),
    ("logistics.tracking", 0.18),
    ("logistics.delivery_delay", 0.12),
    ("chitchat.x", 0.1),
)


def reading(*, unsure: bool = True, ranking: tuple[tuple[str, float], ...] = RANKING) -> Reading:
    """A reading of a sentence that could mean anything."""
    return Reading("还没到", "order.status", "order", 0.34, unsure, "zh-Hans", (), (), ranking, "embedded")


def test_the_topic_decides_between_what_it_may_mean() -> None:
    read = read_in_context(reading(), "logistics")
    assert (read.intent, read.category, read.unsure, read.context) == (
        "logistics.tracking",
        "logistics",
        False,
        "logistics",
    )
    assert read.confidence == pytest.approx(0.3)


@given(st.sampled_from((*CATEGORIES, None)), st.booleans())
def test_what_is_sure_or_has_no_topic_stays_as_it_is(topic: str | None, sure: bool) -> None:
    read = read_in_context(reading(unsure=not sure), topic)
    if sure or topic in {None, "chitchat", "out_of_scope", "handoff"}:
        assert read == reading(unsure=not sure)
    assert (read.context is None) == (read == reading(unsure=not sure))


def test_a_topic_that_is_not_meant_decides_nothing() -> None:
    assert read_in_context(reading(), "quality") == reading()
