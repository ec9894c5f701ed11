"""Short answers to the bot's own questions, in three languages."""

import pytest

from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.hearing.words import corrected, is_no, is_yes, offered_by


@pytest.mark.parametrize(
    "text",
    [
        "是的",
        "好的。",
        "可以的",
        "对",
        "確認",
        "没错！",
        "Yes",
        "yes!",
        " OK. ",
        "go ahead",
        "嗯",
        "yes please",
        "係",
        "對的",
    ],
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


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("不是退货，是换货", "换货"),
        ("我说的是换货", "换货"),
        ("不對，是右邊的", "右边的"),
        ("no, I meant exchange", "exchange"),
        ("not the left, the right one", "the right one"),
        ("我要退货", None),
        ("it is not working", None),
        ("不是我买的那件", None),
    ],
)
def test_corrections(text: str, meant: str | None) -> None:
    """What stands behind the correction is meant; a sentence that only says "not" corrects nothing."""
    assert meant == corrected(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("第二个", "b"),
        ("我要第三個", "c"),
        ("2", "b"),
        ("the second one", "b"),
        ("the last one", "c"),
        ("最后一个", "c"),
        ("option 1", "a"),
        ("第二个杯子碎了", None),
        ("第五个", None),
        ("two of them broke", None),
    ],
)
def test_places_in_a_list(text: str, place: str | None) -> None:
    """Only a bare place chooses, and only one that is there; the last is the last answer, not a person."""
    assert place == offered_by(text, ("a", "b", "c", "start:handoff.ask_human"))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("电脑修了两次还是开不了机，要换", "exchange"),
        ("不想修，想退", "return"),
        ("退还是换都行", None),
        ("换货吧，不行就退款", "exchange"),
        ("after two repairs it is still broken", None),
        ("repaired twice already, I want my money back", "return"),
        ("I don't want a repair, send me a new one", "exchange"),
        ("return or exchange, I don't mind", None),
        ("还在保修期吗", None),
    ],
)
def test_wishes(text: str, wish: str | None) -> None:
    """What was done already, or is not wanted, is no wish; one of several is asked about."""
    assert wish == remedy_in(text)
