"""What makes sense only in its conversation is read with the topic, and the reading says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.context import is_bare, read_in_context
from bot.nlu.reading import CATEGORIES, Reading

RANKING = (
    ("order.status", 0.34),
    ("logistics.tracking", 0.18),
    ("logistics.delivery_delay", 0.12),
    ("chitchat.x", 0.1),
)


def reading(*, unsure: bool = True, ranking: tuple[tuple[str, float], ...] = RANKING) -> Reading:
    """A reading of a sentence that could mean anything."""
    return Reading("没有给我看", "order.status", "order", 0.34, unsure, "zh-Hans", (), (), ranking, "embedded")


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


def bare(text: str, intent: str) -> Reading:
    """A sure reading of words that say little by themselves."""
    category = intent.partition(".")[0]
    return Reading(text, intent, category, 0.9, False, "en", (), (), ((intent, 0.9),), "embedded")


@pytest.mark.parametrize(
    "text",
    ["还没到", "還沒到！", "怎么还没到", "另外一个呢？", "另一個呢", "那个怎么弄", "咋办", "还是没有消息", "好了吗",
     "and the other one?", "what about the other one", "still nothing", "Still nothing??", "any update?", "not yet"],
)  # fmt: skip
def test_words_that_point_at_something_said_before(text: str) -> None:
    assert is_bare(text)


@pytest.mark.parametrize(
    "text",
    ["我的快递还没到", "另外一个订单取消", "不知道怎么弄这个遥控器", "还没到账", "cancel the other one", "still broken",
     "还没发货", "好", "", "the other parcel is wet"],
)  # fmt: skip
def test_words_that_name_something(text: str) -> None:
    assert not is_bare(text)


@pytest.mark.parametrize(
    ("text", "said", "topic", "going_on", "expected"),
    [
        ("and the other one?", "chitchat.greeting_thanks", "after_sales", "after_sales.return", "after_sales.return"),
        ("另外一个呢", "chitchat.greeting_thanks", "logistics", "logistics.tracking", "logistics.tracking"),
        ("那个怎么弄", "out_of_scope.product_usage", "order", "order.invoice", "order.invoice"),
        ("还没到", "logistics.not_received", "logistics", "logistics.delivery_eta", "logistics.delivery_eta"),
        ("还没到", "logistics.not_received", "after_sales", "after_sales.refund", "after_sales.refund"),
    ],
)
def test_bare_words_go_on_with_the_request(text: str, said: str, topic: str, going_on: str, expected: str) -> None:
    """However sure the model is of them: it has not heard the conversation."""
    read = read_in_context(bare(text, said), topic, going_on)
    assert (read.intent, read.category, read.unsure, read.context) == (expected, topic, False, topic)


@pytest.mark.parametrize(
    ("text", "said", "topic", "going_on"),
    [
        ("还没到", "logistics.not_received", "order", "order.status"),
        ("and the other one?", "chitchat.greeting_thanks", None, None),
        ("and the other one?", "chitchat.greeting_thanks", "quality", "order.status"),
        ("取消另外一个", "order.cancel", "after_sales", "after_sales.return"),
    ],
)
def test_what_has_a_meaning_of_its_own_or_no_topic_stays(
    text: str, said: str, topic: str | None, going_on: str | None
) -> None:
    """A parcel that has not come is logistics after a talk about the order, too."""
    assert read_in_context(bare(text, said), topic, going_on) == bare(text, said)
