"""What difficult customers say in the middle of things: refusals, scraps, faces, several orders, and "not that"."""

from collections.abc import Callable

import pytest

from actions.shop import CommandKind
from bot.dialogue.hearing.photo_words import asks_whether_here
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.words import declines, shows_displeasure, shows_only_feeling
from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]

FAULTY = ["remedy=return", "remedy=exchange", "remedy=repair", "start:handoff.ask_human"]


@pytest.mark.parametrize(
    "said", ["好吧 {024.digits}", "我的是{024.digits}", "{024.digits} 谢谢", "it's {024.digits}, ok?"]
)
def test_four_digits_among_words(begin: Begin, said: str) -> None:
    """They prove the order that was named."""
    talk = begin()
    talk.say("耳机没声音")
    talk.say("{024}")
    talk.say(said)
    assert FAULTY == talk.offered, talk


@pytest.mark.parametrize("said", ["2024年买的", "花了1899元", "it cost 1899 yuan"])
def test_years_and_sums_are_no_digits(begin: Begin, said: str) -> None:
    """A wrong try would count."""
    talk = begin()
    talk.say("耳机没声音 {024}")
    talk.say(said)
    assert [] == [one for one in talk.state.tried if one.kind == "proof"], talk


def test_wrong_digits_put_right_alone(begin: Begin) -> None:
    """The number need not be typed again."""
    talk = begin()
    talk.say("{024} 9999 耳机没声音")
    talk.say("哦不好意思 是{024.digits}")
    assert FAULTY == talk.offered, talk


@pytest.mark.parametrize("said", ["2026112", "订单号我只记得前面2026", "it begins with 202611"])
def test_a_part_of_the_number(begin: Begin, said: str) -> None:
    """What is missing is told."""
    talk = begin("en" if said.isascii() else "zh-Hans")
    talk.say("where is my parcel" if said.isascii() else "我的包裹到哪了")
    answer = talk.say(said)
    assert "11" in answer, talk


@pytest.mark.parametrize(
    "said", ["不给", "我不想给你手机号", "這是隱私吧", "I'm not giving you my phone number", "no", "that's private"]
)
def test_who_would_rather_not_say_is_not_pressed(begin: Begin, said: str) -> None:
    """What follows is told, and a person offered; the question is not put again in the same breath."""
    talk = begin("en" if said.isascii() else "zh-Hans")
    talk.say("where is my parcel {030}" if said.isascii() else "我的包裹到哪了 {030}")
    talk.say(said)
    assert ["start:handoff.ask_human"] == talk.offered, talk
    talk.say("{030.digits}")
    assert "SD" in str(talk), talk


@pytest.mark.parametrize(
    ("said", "flow"),
    [
        ("{024} {024.digits} 开发票", "invoice"),
        ("{005} {005.digits} 取消", "cancel"),
        ("{030} {030.digits} 到哪了", "parcel"),
        ("orderr {030} , {030.digits}", "order_status"),
    ],
)
def test_a_word_beside_an_orders_number(begin: Begin, said: str, flow: str) -> None:
    """The number does not hide what is wanted."""
    talk = begin()
    talk.say(said)
    begun = talk.state.active or talk.state.ended
    assert begun is not None, talk
    assert flow == begun.flow, talk


@pytest.mark.parametrize("said", ["不要发票了", "不要發票了", "我不需要发票", "I don't want the invoice"])
def test_an_invoice_that_is_not_wanted(begin: Begin, said: str) -> None:
    """Nothing is asked of it; what was going on goes on."""
    talk = begin()
    talk.say("{024} {024.digits} 耳机一直断连")
    talk.say(said)
    assert FAULTY == talk.offered, talk
    alone = begin()
    alone.say(said)
    assert [] == alone.offered, alone
    assert alone.state.active is None, alone


def test_an_invoice_just_being_made_out_is_dropped(begin: Begin) -> None:
    """Then nothing is waited for."""
    talk = begin()
    talk.say("{024} {024.digits} 我要开发票")
    talk.say("算了，不要发票了")
    assert talk.state.active is None, talk


def test_of_two_orders_the_first_comes_first(begin: Begin) -> None:
    """The customer hears it, and the digits that follow are tried on it."""
    talk = begin("zh-Hans")
    answer = talk.say("{009}杯子收到就是碎的，还有{030}到哪了")
    assert "不止一个订单" in answer, talk
    talk.say("{009.digits}")
    assert talk.orders[talk.state.proven[0]].items[0].name["en"].startswith("Set of four"), talk


def test_an_orders_number_put_right_is_the_last(begin: Begin) -> None:
    """A correction names the one that is meant."""
    talk = begin()
    talk.say("不是{009}，是{024}，{024.digits}，耳机没声音")
    assert FAULTY == talk.offered, talk


@pytest.mark.parametrize(
    ("text", "only", "unhappy"),
    [("😡😡😡", True, True), ("💔", True, True), ("🔄", True, False), ("😊", True, False), ("杯子💔", False, True),
     ("👍", False, False), ("2330", False, False), ("", False, False), ("好", False, False)],
)  # fmt: skip
def test_faces(text: str, only: bool, unhappy: bool) -> None:
    """A thumb up is a yes, and digits are no faces."""
    assert (only, unhappy) == (shows_only_feeling(text), shows_displeasure(text))


def test_angry_faces_open_no_case(begin: Begin) -> None:
    """What went wrong is asked."""
    talk = begin()
    answer = talk.say("😡😡😡")
    assert [] == talk.opened, talk
    assert "不开心" in answer, talk


def test_a_thumb_up_is_a_yes(begin: Begin) -> None:
    """To what was asked."""
    talk = begin()
    talk.say("我想取消订单 {005} {005.digits}")
    talk.say("👍🏻")
    assert [CommandKind.CANCEL_ORDER] == [command.kind for command in talk.commands], talk


@pytest.mark.parametrize(
    "text", ["no wait, keep it", "I'll keep it after all", "算了我留着用", "算了我留著用", "不退了"]
)
def test_kept_after_all(text: str) -> None:
    """That lets the matter rest."""
    assert declines(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("唔該晒", "谢谢"),
        ("唔該幫我查", "麻烦帮我查"),
        ("影咗相", "拍了照片"),
        ("換過套新嘅", "换套新的"),
        ("點send", "怎么send"),
    ],
)
def test_cantonese(text: str, meant: str) -> None:
    """As the word lists have it."""
    assert meant == plain(text)


@pytest.mark.parametrize("text", ["你们看到了吗", "照片收到了吗", "can you see it?", "did you get my photos?"])
def test_whether_photos_are_here(text: str) -> None:
    """A question about what was sent."""
    assert asks_whether_here(text)


@pytest.mark.parametrize("text", ["看到了", "收到了吗快递", "did you get the refund"])
def test_other_things_seen(text: str) -> None:
    """Not about photos."""
    assert not asks_whether_here(text)


def test_told_in_one_breath(begin: Begin) -> None:
    """A request for a remedy at the end makes no question of a fault."""
    talk = begin()
    talk.say(
        "那个喂你好就是我上个礼拜买的耳机嘛今天早上我戴上去发现左边没有声音了我重启了也不行你看这个能不能给我换一个啊"
    )
    talk.say("{024} {024.digits}")
    assert FAULTY == talk.offered, talk


@pytest.mark.parametrize(
    ("first", "then"),
    [("耳机进水了", "收到的时候就是湿的"), ("my earphones got wet", "no, the parcel was soaked when it arrived")],
)
def test_it_came_wet(begin: Begin, first: str, then: str) -> None:
    """That is no accident: a person decides, since two days have passed."""
    talk = begin("en" if first.isascii() else "zh-Hans")
    talk.say(first)
    talk.say("{024} {024.digits}")
    assert [] == talk.opened, talk
    talk.say(then)
    assert [["transit.damage"]] == [(case.decision or {})["rules"][:1] for case in talk.opened], talk


def test_a_lampshade_is_missing_beside_a_nameless_case(begin: Begin) -> None:
    """It was never said what the first is about; this is something else."""
    talk = begin()
    talk.say("东西坏了")
    talk.say("没有订单号")
    talk.say("那个台灯少了一个灯罩")
    assert [] == talk.added, talk
    assert ["order=none"] == talk.offered, talk


def test_whom_goods_hurt_need_not_say_why_they_want_their_money(begin: Begin) -> None:
    """The wish goes to who has the complaint."""
    talk = begin("en")
    talk.say("the face cream gave my wife a rash")
    talk.change_ticket(tier="critical")
    talk.say("{046} {046.digits}")
    talk.say("I just want a refund")
    assert [] == [value for value in talk.offered if value.startswith("reason=")], talk
    assert 1 == len(talk.opened), talk
    assert talk.added, talk


def test_a_parcel_that_turned_up_is_told_to_who_looks_for_it(begin: Begin) -> None:
    """Nothing is asked again."""
    talk = begin()
    talk.say("快递显示签收了但我没收到 {007} {007.digits}")
    talk.say("问过了 都没有")
    assert 1 == len(talk.opened), talk
    talk.say("哦找到了 在门卫那")
    assert (1, []) == (len(talk.added), talk.offered), talk


def test_a_span_alone_belongs_to_the_case(begin: Begin) -> None:
    """It is a cry, and no question about a parcel; "when?" after it is about the case."""
    talk = begin("en")
    talk.say("the lamp {044} {044.digits} I sent back, still no refund")
    talk.say("two weeks!!")
    assert 1 == len(talk.added), talk
    assert "SW-1" in talk.say("ok when exactly"), talk


def test_when_alone_is_about_the_money_told_of_last(begin: Begin) -> None:
    """And not about the parcel that came long ago."""
    talk = begin()
    told = talk.say("我的退款呢 {043} {043.digits}")
    assert told == talk.say("什么时候"), talk


def test_less_money_came_than_the_records_say(begin: Begin) -> None:
    """A person finds out."""
    talk = begin()
    talk.say("退款少了20块 {034} {034.digits}")
    assert ["after_sales"] == [case.category for case in talk.opened], talk


def test_when_what_is_sent_again_comes(begin: Begin) -> None:
    """The first parcel is here; the other one is meant."""
    talk = begin()
    talk.say("饼干少了一盒 {028} {028.digits}", photos=1)
    talk.press("remedy=resend")
    (command,) = talk.commands
    talk.hear_shop(command)
    assert "补发已经安排" in talk.say("什么时候寄"), talk


def test_a_remedy_is_no_item(begin: Begin) -> None:
    """It is noted, and which item is asked again."""
    talk = begin()
    talk.say("收到有污渍 {047} {047.digits}")
    talk.say("换")
    assert "没找到" not in str(talk), talk


def test_what_has_not_come_does_not_move(begin: Begin) -> None:
    """That is its parcel, and no fault."""
    talk = begin("en")
    talk.say("{030} {030.digits}")
    talk.say("its not movin")
    assert [] == talk.opened, talk


@pytest.mark.parametrize("said", ["why", "why?", "为什么", "为啥呀"])
def test_why_alone_is_about_what_is_asked(begin: Begin, said: str) -> None:
    """It is no failed answer."""
    talk = begin("en" if said.isascii() else "zh-Hans")
    talk.say("I want to return my jacket" if said.isascii() else "我要退外套")
    talk.say("{001} {001.digits}")
    answer = talk.say(said)
    assert "Sorry" not in answer, talk
    assert "没太看懂" not in answer, talk


def test_goods_are_called_as_before(begin: Begin) -> None:
    """Shoes that were the order's own are not looked for in another."""
    talk = begin()
    talk.say("买了两双鞋 一双开胶")
    talk.say("{002} {002.digits}")
    talk.say("能修吗")
    assert "别的订单" not in str(talk), talk


def test_was_it_not_you_is_no_question(begin: Begin) -> None:
    """It says whose mistake it was."""
    talk = begin()
    talk.say("难道不是你们发错的吗")
    talk.say("{027} {027.digits}")
    assert "remedy=resend" in talk.offered, talk
