"""Asked for and taken back in one breath; and a number that is not there, or was the wrong one."""

import pytest

from bot.dialogue.hearing import words
from bot.dialogue.hearing.words import names


@pytest.mark.parametrize(
    "text",
    [
        "取消订单，开玩笑的", "取消吧，算了别取消", "帮我取消，逗你的", "取消，还是别取消了",
        "取消訂單，算了不取消了", "取消它，先不要取消",
        "cancel it, just kidding", "cancel my order. actually never mind", "please cancel... don't cancel it",
    ],
)  # fmt: skip
def test_a_cancelling_is_taken_back(text: str) -> None:
    """Nothing need be confirmed."""
    assert names(words.CANCEL_TAKEN_BACK, text)


@pytest.mark.parametrize(
    "text",
    [
        "取消订单，不要了", "取消吧，别拖了", "取消订单，还没发货", "取消订单 算了不要了", "取消吧，还是不买了",
        "我要取消，先别发货",
        "cancel it, I don't want it", "cancel, don't ship it", "please cancel my order now",
    ],
)  # fmt: skip
def test_a_cancelling_is_meant(text: str) -> None:
    """What is not wanted is the order."""
    assert not names(words.CANCEL_TAKEN_BACK, text)


@pytest.mark.parametrize(
    "text",
    [
        "订单号找不到了", "訂單編號弄丟了", "我没有订单号", "不记得单号了", "编号忘了", "I don't have the order number",
        "can't find my order number", "lost the order confirmation",
    ],
)  # fmt: skip
def test_there_is_no_number(text: str) -> None:
    """Then it is not asked for."""
    assert names(words.NO_NUMBER, text)


@pytest.mark.parametrize(
    "text", ["订单号是20261128005", "单号不对", "I forgot to return it", "where is the order number", "no order yet"]
)
def test_a_number_is_only_spoken_of(text: str) -> None:
    """There may well be one."""
    assert not names(words.NO_NUMBER, text)
