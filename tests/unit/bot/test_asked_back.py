"""Questions about what the bot asks for, and words that only look like an answer to it."""

from collections.abc import Callable

import pytest

from bot.dialogue.hearing.fake_words import tells_own_use
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.wish_words import wants_only_resend
from bot.dialogue.hearing.words import asks_after_offer, is_question
from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("为什么要问这个", "确认它是您的"), ("问这个干嘛", "确认它是您的"), ("為什麼要手機號碼", "確認是您本人的"),
        ("點解要電話", "確認是您本人的"), ("why do you need that?", "show that it is yours"),
        ("what do you need this for?", "show that it is yours"), ("why do you ask", "show that it is yours"),
        ("订单号在哪里看", "11 位数字"), ("哪里看", "11 位数字"), ("訂單編號要去哪裡找", "11 位數字"),
        ("點搵訂單號", "11 位數字"),
        ("how do I find the order number", "11 digits"), ("where is that?", "11 digits"),
        ("照片怎么发", "输入框旁边"), ("how can I send you a photo?", "beside the text box"),
        ("为什么要照片", "一眼就能看明白"), ("do I need to send a picture?", "sees at once"),
        ("谁出运费", "会一并告诉您"), ("who pays the postage", "Who pays the shipping"),
        ("要多久", "把时间一并告诉您"), ("how long will it take?", "tell you the time with it"),
    ],
)  # fmt: skip
def test_a_sentence_and_then_the_question_again(begin: Begin, text: str, answer: str) -> None:
    """While the order is waited for; the flow goes on with it afterwards."""
    talk = begin("zh-Hans")
    talk.say("我的耳机右边没声音了")
    assert answer in talk.say(text), talk
    assert ["order=none"] == talk.offered, talk
    talk.say("{024} {024.digits}")
    assert "remedy=exchange" in talk.offered, talk


@pytest.mark.parametrize("text", ["20261128999", "耳机没声音了", "没有订单号", "不知道", "等一下", "你好"])
def test_what_asks_nothing_is_no_such_question(begin: Begin, text: str) -> None:
    """Answers, facts, greetings."""
    talk = begin("zh-Hans")
    talk.say("我的耳机右边没声音了")
    told = talk.say(text)
    assert not any(part in told for part in ("11 位数字", "确认它是您的", "输入框旁边")), talk


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("就补一盒？", True), ("退货要自己寄吗", True), ("真的沒貨嗎", True), ("only one?", True),
        ("do I have to pay?", True),
        ("换货可以吗", False), ("能退吗", False), ("换货吧", False), ("can I return it?", False),
        ("exchange please", False),
    ],
)  # fmt: skip
def test_a_question_after_an_offer_chooses_nothing(text: str, asks: bool) -> None:
    """Unless it is a polite way of choosing."""
    assert asks is asks_after_offer(text)


@pytest.mark.parametrize("text", ["几天前就这样了", "张三", "大树贸易有限公司", "I got it a few days ago", "他就走了"])
def test_statements_are_no_questions(text: str) -> None:
    """Names, dates, reports."""
    assert not is_question(text)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("还是补发吧", True), ("還是補寄好了", True), ("那就重新寄一份给我吧", True),
        ("I'd rather have it sent again", True),
        ("can you send it again", True), ("补发的快递到哪了", False), ("send the invoice again", False),
        ("can you send it again to my office address", False),
    ],
)  # fmt: skip
def test_to_have_it_sent_again_and_nothing_else(text: str, only: bool) -> None:
    """More in it is another matter."""
    assert only is wants_only_resend(text)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("but I barely used it", True), ("我才用过一次", True), ("吊牌還在", True), ("没怎么用过", True),
        ("别人用过的", False), ("我拆开发现是用过的", False), ("I only opened it, it was used", False),
        ("it is a used one", False),
    ],
)  # fmt: skip
def test_ones_own_use_makes_no_fake(text: str, own: bool) -> None:
    """That it came used does."""
    assert own is tells_own_use(text)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("點解要影相", "为什么要拍照"), ("邊個出運費", "谁出运费"), ("冇單號", "没有单号"),
        ("我隻杯爛咗", "我只杯破了"),
        ("唔退住", "不退了"), ("为什么要拍照", "为什么要拍照"), ("Why?", "why?"),
    ],
)  # fmt: skip
def test_cantonese_is_read_as_it_is_meant(said: str, meant: str) -> None:
    """Everything else stays what it is."""
    assert meant == plain(said)
