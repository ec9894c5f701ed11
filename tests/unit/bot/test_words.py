"""Short answers to the bot's own questions, in three languages."""

import pytest

from bot.dialogue.goods_words import reason_in, remedy_in
from bot.dialogue.words import is_no, is_yes


@pytest.mark.parametrize(
    "text", ["是的", "好的。", "可以的", "对", "確認", "没错！", "Yes", "yes!", " OK. ", "go ahead", "嗯"]
)
def test_yes(text: str) -> None:
    """However short, polite or punctuated."""
    assert (True, False) == (is_yes(text), is_no(text))


@pytest.mark.parametrize(
    "text", ["不", "不是", "不用了", "算了", "算了吧", "不要了。", "No", "nope.", "never mind", "沒有"]
)
def test_no(text: str) -> None:
    """Particles at the end change nothing."""
    assert (False, True) == (is_yes(text), is_no(text))


@pytest.mark.parametrize("text", ["", "也许", "yes but not that one", "不知道", "no idea", "我的包裹呢"])
def test_neither(text: str) -> None:
    """A longer sentence is read, not matched."""
    assert (False, False) == (is_yes(text), is_no(text))


@pytest.mark.parametrize(
    ("text", "reason", "remedy"),
    [
        ("左耳機沒聲音了，想維修", "functional_defect", "repair"),
        ("发错货了，给我换一个", "wrong_item", "exchange"),
        ("one is missing, please send it again", "missing_item", "resend"),
        ("I changed my mind, refund please", "no_reason", "return"),
        ("it arrived smashed", "damaged_in_transit", None),
        ("hello", None, None),
    ],
)
def test_reasons_and_remedies_in_words(text: str, reason: str | None, remedy: str | None) -> None:
    """In any script."""
    assert (reason, remedy) == (reason_in(text), remedy_in(text))
