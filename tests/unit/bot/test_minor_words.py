"""A child who bought something, told from a child whom it was bought for."""

import pytest

from bot.dialogue.hearing.circumstance_words import flags_in
from bot.dialogue.hearing.reason_words import intent_of


@pytest.mark.parametrize(
    "text",
    [
        "我儿子才12岁，偷偷用我手机下单的", "孩子只有8岁，拿我手机付的款", "她才9岁，自己买的", "我女儿乱买的手机",
        "未成年人下的单",
        "我孩子偷偷买的手机，要退", "我今年16岁", "他才12岁", "我儿子才12岁。", "手机给孩子玩，他偷偷下单了",
        "我女兒才6歲，拿我手機買的",
        "my son bought the phone, I want to return it", "my daughter is 9 and ordered it on my phone", "I'm only 15",
        "he is a minor",
        "娃拿我手机乱买的，12岁，能退吗", "熊孩子乱点的", "外甥用我手机下的单", "個仔偷偷買的，想退",
        "my 11 year old bought a phone on my account without asking", "our ten-year-old ordered it",
        "my grandson bought it with my tablet",
    ],
)  # fmt: skip
def test_a_child_bought_it(text: str) -> None:
    """Without whoever has a say in it."""
    assert "under_18" in flags_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "我女儿才6岁，这件外套太大了想换", "我儿子才8岁，耳机没声音了", "他今年10岁，要买什么尺码",
        "给我女儿买的外套太大了",
        "买给儿子的鞋，他才5岁，穿不上", "我给孩子下单买的书包坏了", "给她买的，她今年9岁了",
        "娃娃是我买的，少了一只鞋", "我女友买的外套太大了", "給囡囡買的外套太大",
        "a 10 year old fridge I bought is broken",
        "I bought it for my 11 year old, it paid off", "he is 12 years old and needs a bigger size",
        "my son is 8 and the shoes I bought are too small", "there is a minor scratch on it",
    ],
)  # fmt: skip
def test_it_was_bought_for_a_child(text: str) -> None:
    """So nobody's say is wanting."""
    assert "under_18" not in flags_in(text)


def test_a_childs_age_is_no_wish_to_return() -> None:
    """What is to be bought for it is asked."""
    assert intent_of("他今年10岁，要买大一号的", ()) is None
