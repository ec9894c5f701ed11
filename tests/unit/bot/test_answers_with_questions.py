"""Answers with a question behind them, and answers that only begin like a question."""

from collections.abc import Callable

import pytest

from bot.dialogue.answers import fill_asked
from bot.dialogue.hearing.words import asks_after_offer
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame, State
from bot.dialogue.why import asks_why
from bot.nlu.reading import LANGUAGES
from tests.unit.bot.conftest import NOW
from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]


def _filled(flow: str, asking: str, text: str) -> dict[str, str]:
    frame = Frame(flow, {"intent": flow}, asking)
    return fill_asked(State((frame,)), frame, Heard("text", text, NOW))


@pytest.mark.parametrize(
    ("text", "cancelled"),
    [
        ("好的取消吧，多久到账", True), ("确认，什么时候到账", True), ("是的，錢多久退", True),
        ("yes, when will I get my money?", True), ("yes. how long till the refund is there?", True),
        ("算了不取消了，退款要多久到账", False), ("不用了，退款是多久到账来着", False),
        ("no, how long would the refund have taken?", False),
    ],
)  # fmt: skip
def test_yes_or_no_with_a_question_behind_it(begin: Begin, text: str, cancelled: bool) -> None:
    """Counts at once."""
    talk = begin("zh-Hans")
    talk.say("我想取消订单{005}，手机尾号{005.digits}")
    talk.say(text)
    assert cancelled is bool(talk.commands), talk
    assert "confirm=yes" not in talk.offered, talk


@pytest.mark.parametrize(
    "text",
    ["取消了多久退款", "好的，多久到账", "ok, and when do I get my money?", "how long till I get my money back?"],
)
def test_a_question_before_the_yes_is_only_a_question(begin: Begin, text: str) -> None:
    """A polite word before it decides nothing."""
    talk = begin("zh-Hans")
    talk.say("我想取消订单{005}，手机尾号{005.digits}")
    talk.say(text)
    assert not talk.commands, talk
    assert "confirm=yes" in talk.offered, talk


@pytest.mark.parametrize("text", ["不用了，能帮我改地址吗", "no, can I change the address instead?"])
def test_another_matter_behind_a_no_is_taken_up(begin: Begin, text: str) -> None:
    """The order stays, and the question is not lost."""
    talk = begin("zh-Hans")
    talk.say("我想取消订单{005}，手机尾号{005.digits}")
    talk.say(text)
    assert not talk.commands, talk
    assert talk.state.active is not None, talk
    assert talk.state.active.flow == "change", talk


@pytest.mark.parametrize(
    ("flow", "asking", "text"),
    [
        ("change_order", "recipient", "Will Smith"), ("change_order", "recipient", "May Chen"),
        ("invoice", "title", "May Flower Ltd"), ("invoice", "title", "会不会飞科技有限公司"),
        ("change_order", "address", "哪里村3号楼2单元501"),
        ("behaviour", "happened", "When I opened the door he threw it at me"),
        ("behaviour", "happened", "我没惹他怎么就骂我"),
    ],
)  # fmt: skip
def test_names_and_tales_that_begin_like_a_question(flow: str, asking: str, text: str) -> None:
    """They are what was asked for."""
    assert text == _filled(flow, asking, text)[asking]


@pytest.mark.parametrize("asking", ["recipient", "title", "address", "happened"])
@pytest.mark.parametrize(
    "text",
    [
        "how long will it take", "多久能改好3号楼", "要多久", "为什么要这个", "why do you need it",
        "can I do it later", "could it be sent today", "什么时候好", "3号楼可以吗", "is that all?",
        "what does it cost",
    ],
)  # fmt: skip
def test_questions_are_no_names(asking: str, text: str) -> None:
    """Nor what happened."""
    assert not _filled("invoice" if asking == "title" else "change_order", asking, text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("would prefer a refund", False), ("will take the voucher", False), ("which means refund", False),
        ("refund?", False), ("a replacement?", False), ("退款？", False), ("换个一样的就行了呢", False),
        ("退款就好了呢", False),
        ("would it take long?", True), ("will it take long", True), ("which one is better", True),
        ("那退款要我出邮费呢", True), ("运费谁出呢", True), ("refund of what?", True), ("换的话什么时候到呢", True),
    ],
)  # fmt: skip
def test_a_choice_that_sounds_like_a_question(text: str, asks: bool) -> None:
    """Is a choice."""
    assert asks is asks_after_offer(text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("only 2", False), ("just this", False), ("就退差价", False), ("就退50", False), ("只退差价", False),
        ("only 2?", True), ("only 30 yuan", True), ("just this?", True), ("就退差价吗", True), ("怎么只退50", True),
        ("才赔5块", True), ("就赔这么点", True), ("只補30元？", True), ("why so little", True), ("is that all", True),
    ],
)  # fmt: skip
def test_so_little_is_asked_after_where_it_sounds_so(text: str, asks: bool) -> None:
    """Else it is a number, or a wish."""
    assert asks is asks_why(text)


@pytest.mark.parametrize("text", ["only 2?", "就2个？"])
def test_a_count_that_was_asked_for_is_told(begin: Begin, text: str) -> None:
    """However it is said."""
    talk = begin("zh-Hans")
    frame = Frame("goods", {"intent": "quality.wrong_or_missing_item"}, "count")
    talk.state = State((frame,), reason={"explanation": dict.fromkeys(LANGUAGES, "Because!")})
    assert "Because!" not in talk.say(text), talk


@pytest.mark.parametrize(
    ("text", "intact"),
    [
        ("没有什么影响退的，完好", "yes"), ("怎么说呢，吊牌没了", "no"), ("吊牌不見了", "no"), ("都在，完好", "yes"),
        ("怎么说呢，不太清楚", "unsure"),
    ],
)  # fmt: skip
def test_intact_is_answered(begin: Begin, text: str, intact: str) -> None:
    """In words that a question could begin with."""
    talk = begin("zh-Hans")
    talk.say("我想7天无理由退货，订单{001}，手机尾号{001.digits}")
    frame = talk.state.active
    assert frame is not None, talk
    assert frame.asking == "intact", talk
    told = talk.say(text)
    assert "试用" not in told, talk
    assert intact == _filled("goods", "intact", text)["intact"]


@pytest.mark.parametrize("text", ["怎样算完好", "拆了影响退吗", "有影响吗", "什么叫完好", "打开过会影响吗"])
def test_what_intact_is_may_be_asked(begin: Begin, text: str) -> None:
    """And is explained."""
    talk = begin("zh-Hans")
    talk.say("我想7天无理由退货，订单{001}，手机尾号{001.digits}")
    assert "吊牌" in talk.say(text), talk
