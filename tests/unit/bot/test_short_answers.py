"""Bare words that are no request of their own: "why?", and what was done to goods; beside other words they are."""

import pytest

from bot.dialogue.hearing.goods_state import told_state
from bot.dialogue.why import asks_why


@pytest.mark.parametrize(
    "text",
    [
        "为什么",
        "为什么呢？",
        "那为什么不能退货",
        "凭什么啊",
        "這是什麼原因",
        "為什麼不行？",
        "Why?",
        "But why is that?",
        "how come",
        "what's the reason for that?",
        "Why can't I return it?",
    ],
)
def test_why_alone_asks_for_the_reason(text: str) -> None:
    """Of what was just said."""
    assert asks_why(text)


@pytest.mark.parametrize(
    "text",
    [
        "为什么我的包裹还没到",
        "為什麼一直沒出貨",
        "为什么降价了",
        "Why is my parcel late?",
        "why was I charged twice",
        "that is why I want to return it",
        "",
        "?",
    ],
)
def test_why_of_something_is_a_question_of_its_own(text: str) -> None:
    """It goes to where it belongs."""
    assert not asks_why(text)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("不，打开过了", "unsure"),
        ("是拆开过的", "unsure"),
        ("已經拆封了", "unsure"),
        ("no, it has been opened", "unsure"),
        ("I've already opened it", "unsure"),
        ("用过了", "no"),
        ("穿過一次", "no"),
        ("It was used twice", "no"),
        ("yes, I have worn them once", "no"),
        ("没有用过", "yes"),
        ("從沒穿過", "yes"),
        ("it has never been opened", "yes"),
    ],
)
def test_a_bare_word_on_the_goods_tells_their_state(text: str, state: str) -> None:
    """Opened alone never counts against the customer: that is for a person to judge."""
    assert state == told_state(text)


@pytest.mark.parametrize(
    "text",
    [
        "收到的时候已经被人用过了",
        "这是别人用过的",
        "寄來就被拆過了",
        "it was already opened when it came",
        "you sent me a used one",
        "somebody has used it",
        "the seal was broken on arrival",
        "我用过的都说好",
        "耳机用了两天就坏了",
        "",
    ],
)
def test_what_was_so_on_arrival_is_a_report(text: str) -> None:
    """More than a bare word, or somebody else's doing."""
    assert told_state(text) is None


@pytest.mark.parametrize("said", ["可是", "是的", "但是", "不是", "那可是", "it has been ", "but and so "])
def test_nobodys_text_keeps_the_patterns_busy(said: str) -> None:
    """The same small words over and over, which lead nowhere: they are looked at once each."""
    text = (said * 30)[:60]
    assert told_state(text) is None
    assert not asks_why(text)
