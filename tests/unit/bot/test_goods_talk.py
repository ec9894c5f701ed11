"""What customers say of goods, terse and messy, in three languages: understood without being asked twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]

FAULTY = ["remedy=return", "remedy=exchange", "remedy=repair", "start:handoff.ask_human"]
DAMAGED = ["remedy=exchange", "remedy=refund", "start:handoff.ask_human"]
SENT_WRONG = ["remedy=resend", "remedy=exchange", "remedy=return", "start:handoff.ask_human"]
LEFT_OUT = [*SENT_WRONG[:-1], "remedy=refund", SENT_WRONG[-1]]
REPAIR = ["remedy=repair", "start:handoff.ask_human"]
HOW = ["reason=damaged_in_transit", "reason=accidental_damage", "reason=functional_defect"]
PERSON = ["start:handoff.ask_human"]


def tell(begin: Begin, said: str, order: str) -> Talk:
    """Say it, then give the order."""
    talk = begin()
    talk.say(said)
    talk.say(f"{{{order}}} {{{order}.digits}}")
    return talk


@pytest.mark.parametrize(
    ("order", "offered", "sayings"),
    [
        (
            "024",
            FAULTY,
            "耳机充不进电|刚买三天就坏了|一边响一边不响|东西有毛病|用不了啊|開不了機|用三天就壞了|"
            "earphones dead|they wont charge|broken after 3 days",
        ),
        (
            "009",
            DAMAGED,
            "收到就是碎的|快递摔坏了|打开一看裂了|物流把東西弄壞了|拆開發現破一個|"
            "arrived smashed|they came broken|courier broke it",
        ),
        ("009", HOW, "杯子碎了一个|杯子破了|one cup is cracked"),
        (
            "023",
            REPAIR,
            "我不小心摔了|耳机掉地上摔坏了|被狗咬坏了|摔了一下就不響了|i dropped them|i sat on it",
        ),
        ("023", PERSON, "掉水里了|不小心进水了|掉到馬桶裡|dropped it in water"),
        (
            "027",
            SENT_WRONG,
            "发错了|颜色不对|我要的是黑色，发了蓝色|顏色寄錯了|送錯貨|wrong colour|I ordered black and got blue",
        ),
        ("028", LEFT_OUT, "只收到两盒|少一盒|漏发了|少寄一盒|one box missing|there were only 2 boxes in it"),
    ],
)
def test_what_is_wrong_is_understood(begin: Begin, order: str, offered: list[str], sayings: str) -> None:
    """Each saying, and then the order, and the policy's remedies are offered; nothing else is asked."""
    for said in sayings.split("|"):
        talk = tell(begin, said, order)
        assert offered == talk.offered, f"{said}\n{talk}"


@pytest.mark.parametrize(
    ("order", "rule", "sayings"),
    [
        ("029", "fake", "这是假货吧|不是正品|根本是山寨貨|是翻新的|this is fake|not genuine|its been used already"),
        ("028", "unsafe.food", "饼干发霉了|过期了|裡面有蟲|found an insect in the biscuits"),
        ("032", "human.cross_border", "面霜想退|這個面霜我不想要了|I want to return the face cream"),
        ("014", "human.under_18", "我孩子偷偷买的手机，要退|my son bought the phone, I want to return it"),
        ("001", "human.freight", "运费险不赔，我要退货"),
        ("010", "transit.damage", "前几天收到的杯子有一个是碎的|the cups arrived cracked"),
    ],
)
def test_what_a_person_must_decide_is_a_case_at_once(begin: Begin, order: str, rule: str, sayings: str) -> None:
    """With the rule that says so; what is fake or unsafe is critical."""
    for said in sayings.split("|"):
        talk = tell(begin, said, order)
        assert talk.opened, f"{said}\n{talk}"
        decision = talk.opened[0].decision or {}
        assert rule == decision["rules"][0], str(talk)
        assert (rule in {"fake", "unsafe.food"}) == (talk.opened[0].policy_tier == "critical"), str(talk)


@pytest.mark.parametrize("said", ["水壶漏电", "冒烟了", "吃了拉肚子", "kettle is smoking", "it made me sick"])
def test_what_is_unsafe_waits_for_no_order(begin: Begin, said: str) -> None:
    """A person has it, critically, before an order is named; the number may follow."""
    talk = begin()
    talk.say(said)
    assert [("quality", "critical", "safety")] == [(o.category, o.policy_tier, o.seriousness) for o in talk.opened], (
        str(talk)
    )
    talk.say("{026} {026.digits}")
    assert 1 == len(talk.added), str(talk)
    assert "026 2326" in talk.added[0].text


@pytest.mark.parametrize(
    "said",
    [
        "订单{004}尾号{004.digits}，左边耳机周一开始没声音，我要换新的",
        "訂單{004}手機末四碼{004.digits}，左耳週一開始沒聲音，想換一個新的",
        "order {004} phone ending {004.digits}, left side dead since Monday, I want a new one",
    ],
)
def test_who_says_all_at_once_is_asked_nothing_again(begin: Begin, said: str) -> None:
    """Order, proof, fault, since when and wish: the exchange is a case, its facts with it."""
    talk = begin()
    talk.say(said)
    facts = talk.opened[0].packet["facts"]
    assert ("exchange", "functional_defect", "2026-11-23") == (facts["wish"], facts["reason"], facts["since"]), str(
        talk
    )
    assert "accept" == (talk.opened[0].decision or {})["outcome"]


def test_the_same_goods_in_another_flow_need_no_telling(begin: Begin) -> None:
    """What was told for a repair is known when compensation is asked for."""
    talk = tell(begin, "耳机充不进电", "024")
    talk.say("能赔我点钱吗")
    assert "请发一张照片" in talk.transcript[-2], str(talk)
    assert "2%" in str(talk) or "5%" in str(talk)


@pytest.mark.parametrize(
    ("correction", "offered"),
    [
        ("不是退货，是换货", "variant=same"),
        ("我说的是换货", "variant=same"),
        ("no, I meant exchange", "variant=same"),
    ],
)
def test_a_correction_takes_the_place_of_what_was_understood(begin: Begin, correction: str, offered: str) -> None:
    """The remedy meant is carried on with, and the change is confirmed."""
    talk = begin()
    talk.say("外套拉链坏了，我要退货。订单{001}，尾号{001.digits}")
    assert ["photo=none"] == talk.offered, str(talk)
    talk.say(correction)
    assert offered in talk.offered, str(talk)


@pytest.mark.parametrize("choice", ["第二个", "2", "换货", "换", "the second one", "exchange please"])
def test_a_choice_may_be_typed(begin: Begin, choice: str) -> None:
    """By its place, or by its name."""
    talk = tell(begin, "耳机充不进电", "024")
    talk.say(choice)
    assert ["method.exchange"] == [opened.method.key for opened in talk.opened], str(talk)


def test_who_comes_back_after_hours_hears_where_we_were(begin: Begin) -> None:
    """A greeting after a silence is answered with the question that was open; after half a day with proof first."""
    talk = tell(begin, "耳机充不进电", "024")
    talk.wait(hours=3)
    heard = talk.say("在吗")
    assert "欢迎回来" in heard
    assert "remedy=exchange" in talk.offered
    talk.wait(hours=13)
    talk.say("换货")
    assert "后四位" in talk.transcript[-2]
    assert [] == talk.opened
    talk.say("{024.digits}")
    assert ["method.exchange"] == [opened.method.key for opened in talk.opened], str(talk)


def test_a_language_changed_midway_is_followed_but_not_for_a_short_word(begin: Begin) -> None:
    """An "ok" says nothing of a language; a sentence does, and the open question is put in it."""
    talk = tell(begin, "耳机充不进电", "024")
    assert "您想怎么处理" in talk.say("ok")
    assert "Which would you like" in talk.say("Where is my parcel now, please?")


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("还在保修期吗", "2027年11月23日"),
        ("保固到什麼時候", "2027年11月23日"),
        ("is it still under warranty?", "23 November 2027"),
    ],
)
def test_a_warranty_question_is_answered_with_its_dates(begin: Begin, said: str, until: str) -> None:
    """No reason, no state of goods is asked."""
    talk = tell(begin, said, "024")
    assert until in str(talk), str(talk)
    assert [] == talk.opened


def test_photos_before_a_word_count(begin: Begin) -> None:
    """A photo sent first is evidence for what is told next."""
    talk = begin()
    talk.say("", photos=1)
    talk.say("耳机充不进电，要退货。订单{024}，尾号{024.digits}")
    assert ["return_label"] == [command.kind for command in talk.commands], str(talk)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("幾天前就這樣了", "記下了"),
        ("等等我拍給你", "不急"),
        ("那要怎麼處理", "您希望怎麼處理"),
        ("那算了", "那先不辦"),
        ("one sec, let me check", "Take your time"),
        ("what are my options?", "Which would you like"),
        ("never mind", "we'll leave it"),
    ],
)
def test_what_is_no_answer_is_answered_in_kind(begin: Begin, said: str, answered: str) -> None:
    """More facts are noted, a moment is given, "what now?" gets the choice again, who lets it rest is left."""
    talk = tell(begin, "喇叭藍牙一直斷", "007")
    assert answered in talk.say(said), str(talk)


def test_words_know_better_than_a_button(begin: Begin) -> None:
    """A button was only pressed; that it came broken is told afterwards."""
    talk = begin()
    talk.say("你好")
    talk.press("start:quality.functional_defect")
    talk.say("{009} {009.digits}")
    talk.say("收到就碎了")
    assert DAMAGED == talk.offered, str(talk)


def test_what_was_not_understood_is_not_asked_again(begin: Begin) -> None:
    """The button says what it was about; the sentence itself is kept for whoever gets it."""
    talk = begin()
    talk.say("？？？ 左边 ？？？")
    talk.press("start:quality.functional_defect")
    assert "左边" in talk.state.frames[-1].slots["said"], str(talk)


def test_goods_of_another_order_are_not_taken_for_those_of_the_last(begin: Begin) -> None:
    """Which order it is, is asked; "yes" means the last one."""
    talk = begin()
    talk.say("我要取消订单{005}，尾号{005.digits}")
    assert "20261126005" in talk.say("耳机左边没声音了"), str(talk)
    talk.say("{004} {004.digits}")
    assert "remedy=exchange" in talk.offered, str(talk)


@pytest.mark.parametrize(
    "said",
    [
        "三件都不要了|几件都想退|全部不要了，退货|这些我都想退|三件都坏了，想退|耳机和台灯都退",
        "三件都不想要了|全部都不要了，想退|這幾件都要退",
        "I want to return all of them|I'd like to send everything back|return both please|I'd like to return all three",
    ],
)
def test_several_things_at_once_are_settled_by_one_person(begin: Begin, said: str) -> None:
    """Nobody is asked which of them they mean; one case has all of it."""
    for one in said.split("|"):
        talk = begin()
        talk.say(f"{one}。订单号{{041}}，手机尾号{{041.digits}}")
        assert [("after_sales", True)] == [(o.category, o.packet["facts"]["together"]) for o in talk.opened], str(talk)


@pytest.mark.parametrize(
    "answer", ["整套", "两件都要退", "全部", "both", "all of them", "everything", "The whole bundle"]
)
def test_which_item_may_be_answered_with_all_of_them(begin: Begin, answer: str) -> None:
    """The question has no wrong answer."""
    talk = tell(begin, "我要退货", "047")
    assert ["item=bag", "item=lamp"] == talk.offered, str(talk)
    talk.say(answer)
    assert [True] == [opened.packet["facts"]["together"] for opened in talk.opened], str(talk)


@pytest.mark.parametrize(
    "said",
    [
        "套装里的台灯不亮了，要退|整套里就台灯坏了，想退台灯|台灯不亮，钱要全部退给我",
        "the lamp is dead, refund all my money|the lamp of the whole set is dead, I want to return it",
    ],
)
def test_one_thing_of_several_is_no_matter_of_all(begin: Begin, said: str) -> None:
    """A bundle that is only named, and money that is all wanted back, are not all the goods."""
    for one in said.split("|"):
        talk = tell(begin, one, "047")
        assert [] == talk.opened, str(talk)
        assert "together" not in talk.state.told.get("20261126047", {})
        assert "台灯" in str(talk) or "lamp" in str(talk)


def test_all_of_an_order_that_has_not_left_is_cancelled(begin: Begin) -> None:
    """Nobody need take anything back."""
    talk = begin()
    unsent = next(number for number in talk.orders if number.endswith("005"))
    order = talk.orders[unsent]
    talk.orders[unsent] = replace(order, items=(*order.items, replace(order.items[0], sku="other")))
    talk.say("两件都不想要了，退货。订单号{005}，手机尾号{005.digits}")
    assert ["confirm=yes", "confirm=no"] == talk.offered, str(talk)
    assert [] == talk.opened


def test_what_is_unsafe_is_critical_however_many_there_are(begin: Begin) -> None:
    """One of several things at once included."""
    talk = begin()
    talk.say("三件都是假货，都要退。订单号{041}，手机尾号{041.digits}")
    assert ["critical"] == [opened.policy_tier for opened in talk.opened], str(talk)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("台灯退回去了，退款什么时候到？", "所以退您 ¥80"),  # 299.00 less the bag's 219.00
        ("台灯坏了，我退回去了，退款什么时候到？", "¥121.06"),  # its share: 299.00 x 149 / 368
    ],
)
def test_what_comes_back_for_a_part_depends_on_whose_fault_it_was(begin: Begin, said: str, told: str) -> None:
    """A bundle's discount is lost by a change of mind alone."""
    talk = begin()
    number = next(number for number in talk.orders if number.endswith("047"))
    bag, lamp = talk.orders[number].items
    back = replace(lamp, returned_at=talk.now - timedelta(days=1))
    talk.orders[number] = replace(talk.orders[number], items=(bag, back))
    assert told in talk.say(f"{said}订单号{{047}}，手机尾号{{047.digits}}"), str(talk)
    assert [] == talk.opened
