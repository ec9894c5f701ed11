"""A person shall see to it, told from talk about people."""

import pytest

from bot.dialogue.hearing.words import PERSON_DECIDES, SPEAK_TO, is_question, names


@pytest.mark.parametrize(
    "text",
    [
        "我要退款，让人工来定", "我要退款，請真人處理", "让真人来判断吧", "交给人工审核", "转人工处理",
        "请专人处理一下",
        "我想退货，叫客服人员来处理", "由人工决定吧", "麻烦真人帮我看看",
        "I want a refund, let a person decide", "I'd like a human to look at this",
        "have a real person review my return",
        "let a manager decide", "I need a person to handle the refund", "a person should decide that",
    ],
)  # fmt: skip
def test_a_person_shall_decide(text: str) -> None:
    """Whatever is wanted beside it."""
    assert names(PERSON_DECIDES, text)
    assert not is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "人工处理要多久", "人工处理费用谁出", "请处理", "客服人员态度差", "让快递员来处理", "真人发丝假发坏了",
        "人工钻石",
        "someone signed for it", "I want a new one", "let me decide", "the person who delivered it",
    ],
)  # fmt: skip
def test_people_are_only_spoken_of(text: str) -> None:
    """Nobody is called for."""
    assert not names(PERSON_DECIDES, text)


@pytest.mark.parametrize(
    "text",
    [
        "叫你们经理来跟我说", "我要找你们主管", "請你們負責人出來處理", "can I speak to your manager about my order",
        "let me talk to a supervisor", "I want to speak with a real person",
    ],
)  # fmt: skip
def test_somebody_above_is_called_for(text: str) -> None:
    """However shyly it is asked."""
    assert names(SPEAK_TO, text)


@pytest.mark.parametrize(
    "text",
    ["给我们经理开发票", "寄给老板的", "the manager signed for it", "I spoke to your manager", "送给领导的礼物坏了"],
)
def test_somebody_above_is_only_spoken_of(text: str) -> None:
    """Nobody is called for."""
    assert not names(SPEAK_TO, text)
