"""What is said to a "no", or to too little, told from what only sounds like it."""

import pytest

from bot.dialogue.hearing.insisting_words import disputes, pleads, scorns, would_pay


@pytest.mark.parametrize(
    "text",
    [
        "一年多一个月而已，通融一下", "真的不能通融嗎", "就晚了一天", "拜托了", "破个例吧", "消保法不是有七天鑑賞期嗎",
        "can't you make an exception?", "it's only two days late", "please, just this once",
        "that's against consumer law",
    ],
)  # fmt: skip
def test_what_was_refused_is_pleaded_for(text: str) -> None:
    """As a favour, or as a right."""
    assert pleads(text)


@pytest.mark.parametrize("text", ["快递晚了一天", "it arrived two days late", "exceptional quality", "换一个", "谢谢"])
def test_nothing_is_pleaded_for(text: str) -> None:
    """It is told, or wanted."""
    assert not pleads(text)


@pytest.mark.parametrize(
    "text",
    [
        "那花钱修要多少", "付費修可以嗎", "自费修也行", "我愿意出钱", "修一下多少钱", "so what can I do? I'd pay",
        "how much is a repair?", "happy to pay for it",
    ],
)  # fmt: skip
def test_it_would_be_paid_for(text: str) -> None:
    """A person says what it costs."""
    assert would_pay(text)


@pytest.mark.parametrize(
    "text", ["运费多少钱", "换货要多少钱", "I'll pay with card", "I can pay you back", "how much is delivery"]
)
def test_paying_is_about_something_else(text: str) -> None:
    """The order, the delivery, or a debt."""
    assert not would_pay(text)


@pytest.mark.parametrize(
    "text", ["5块钱打发叫花子呢", "就这么点？", "才5块钱够干嘛", "20 yuan is an insult", "is that it?", "peanuts"]
)
def test_it_is_too_little(text: str) -> None:
    """Nothing else is asked for."""
    assert scorns(text)


@pytest.mark.parametrize(
    "text",
    ["我要退5块钱", "是不是打发我", "what a joke of a courier he threw it", "not enough storage on the phone",
     "not good enough, I want a refund"],
)  # fmt: skip
def test_something_else_is_meant(text: str) -> None:
    """A wish, a courier, the goods."""
    assert not scorns(text)


@pytest.mark.parametrize(
    "text",
    ["那你们下单没提示啊", "根本没告诉我不能退", "下單時沒說明", "nobody told me that", "the page didn't mention it",
     "I never agreed to that"],
)  # fmt: skip
def test_what_a_refusal_rests_on_is_disputed(text: str) -> None:
    """A person looks at it."""
    assert disputes(text)


@pytest.mark.parametrize("text", ["没收到", "告诉我怎么办", "I told you already", "没用过"])
def test_nothing_is_disputed(text: str) -> None:
    """Something else is told."""
    assert not disputes(text)
