"""Several orders, or several goods, in one message: which words are about which."""

from collections.abc import Callable

import pytest

from bot.dialogue.flows.table import intent_by_words
from bot.dialogue.several_goods import matters_of, wishes_of
from bot.dialogue.several_orders import claims_in, parts_of
from bot.dialogue.several_wishes import wishes_listed
from bot.nlu.analysis import TextReader
from tests.unit.bot.talk import Talk

A, B = "20261128009", "20261128007"


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        (f"Order {A} arrived broken and order {B} never came", ["quality.damaged", "logistics.not_received"]),
        (f"{A}的杯子收到就碎了，{B}一直没收到", ["quality.damaged", "logistics.not_received"]),
        (f"訂單{A}的杯子收到就碎了，另外訂單{B}一直沒收到", ["quality.damaged", "logistics.not_received"]),
        (f"please cancel {A} and {B}", ["order.cancel", None]),
        (f"我有兩張單 {A} 跟 {B} 都還沒到", [None, "logistics.not_received"]),
        (f"cancel {A}, but {B} I want to exchange", ["order.cancel", "after_sales.exchange"]),
        (f"Order {A} arrived broken", []),
        (f"不是{A}，是{B}", []),
        (f"{A}杯子收到就碎了，还有{B}到哪了", ["quality.damaged", "logistics.tracking"]),
    ],
)
def test_each_order_has_its_own_words(reader: TextReader, text: str, intents: list[str | None]) -> None:
    """In the order in which they are named; what says nothing of its own is as the others."""
    assert intents == [part.intent for part in parts_of(reader.read([text], engine="embedded")[0])]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        (f"{A} and {B}, phones end 2309 and 2307", ["2309", "2307"]),
        (f"{A}(2309) {B}(2307)", ["2309", "2307"]),
        (f"{A}、{B}都没到，尾号2309", ["2309", "2309"]),
        (f"{A} 跟 {B} 末四碼 2330 跟 2315", ["2330", "2315"]),
        (f"{A} and {B}", []),
        (f"收货手机改成13800138000，{A} 2309", ["2309"]),
        (f"手机号改成13800138000，{A}", []),
    ],
)
def test_digits_prove_the_order_that_they_stand_for(reader: TextReader, text: str, digits: list[str]) -> None:
    """One pair is for all of them; a new telephone number proves nothing."""
    assert digits == [claim.digits for claim in claims_in(reader.read([text], engine="embedded")[0])]


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("The lamp doesn't work, one cup is chipped, and the earphones are fine.", [{"lamp"}, {"cup"}]),
        ("一起买的三样 台灯不亮了 杯子也碎了一个", [{"lamp"}, {"cup"}]),
        ("耳机左边没声音，右边也充不进电", []),
        ("my earphones are dead and the charging cable is broken too", []),
        ("台灯不亮了，杯子很好看", []),
    ],
)
def test_each_of_several_goods_has_its_own_fault(reader: TextReader, text: str, goods: list[set[str]]) -> None:
    """Two faults of one thing are one matter; what is fine is none."""
    assert goods == [set(one.products) for one in matters_of(reader.read([text], engine="embedded")[0])]


def test_each_of_several_goods_has_its_own_wish(reader: TextReader) -> None:
    """One wish is for all."""
    both = wishes_of(reader.read(["台灯换，杯子退"], engine="embedded")[0])
    assert [({"lamp"}, "exchange"), ({"cup"}, "return")] == [(set(goods), wish) for goods, wish in both]
    assert () == wishes_of(reader.read(["台灯换"], engine="embedded")[0])


@pytest.mark.parametrize(
    "said",
    ["组合里只退台灯，书包要留 {047} {047.digits}", "return only the lamp, I'll keep the backpack {047} {047.digits}"],
)
def test_what_is_kept_is_not_asked_about(begin: Callable[..., Talk], said: str) -> None:
    """The other one is meant."""
    talk = begin()
    talk.say(said)
    assert not any(value.startswith("item=") for value in talk.offered), talk


@pytest.mark.parametrize(
    ("said", "wishes"),
    [
        ("1. 耳机退货 2. 台灯换货 3. 开发票", ["after_sales.return", "after_sales.exchange", "order.invoice"]),
        ("1. 退耳机 2. 开票", ["after_sales.return", "order.invoice"]),
        ("1. screen is scratched 2. it does not charge 3. I want my money back", []),
        ("1. 左耳没声音 2. 右耳有杂音", []),
        ("1. 改地址 2. 想再加一个", ["order.change", "order.change"]),
        ("1. 收件人改成李小明 2. 电话改成13800138000", []),
        ("1. 耳机没声音 2. 要换货 3. 发票抬头开错了", ["quality.functional_defect", "order.invoice"]),
        ("1. 开发票 2. 运费谁出 3. 退货", ["order.invoice", "out_of_scope.other", "after_sales.return"]),
        ("1. 退货\n2. 开发票\n谢谢！订单20261126004 尾号2304", ["after_sales.return", "order.invoice"]),
        (
            "1. 退货\n2. 开发票\n再不处理我就打12315投诉",
            ["after_sales.return", "order.invoice", "complaint.complaint"],
        ),
        (
            "耳机左边没声音了，麻烦：1. 开发票 2. 到哪了",
            ["quality.functional_defect", "order.invoice", "logistics.tracking"],
        ),
        ("你好，客服在吗，想问：1. 退货 2. 开发票", ["after_sales.return", "order.invoice"]),
        ("1. 赔偿 2. 换货，耳机没声音 3. 开发票", ["after_sales.exchange", "order.invoice"]),
    ],
)
def test_each_wish_of_a_list_is_heard(reader: TextReader, said: str, wishes: list[str]) -> None:
    """Points about one matter are one wish; what is asked and not understood is one too."""
    reading = reader.read([said], engine="embedded")[0]
    assert wishes == [wish.intent for wish in wishes_listed(reading, intent_by_words)]


def test_what_is_wanted_is_wanted_for_what_was_named_last(reader: TextReader) -> None:
    """Not for what was named before it."""
    reading = reader.read(["1. 台灯不亮了 2. 要换 3. 杯子碎了 4. 要退"], engine="embedded")[0]
    assert ["台灯不亮了\n要换", "杯子碎了\n要退"] == [
        one.reading.text for one in wishes_listed(reading, intent_by_words)
    ]


@pytest.mark.parametrize(
    "said",
    [
        "订单{004}尾号{004.digits}的耳机左边没声音了，麻烦：1. 换货 2. 开发票",
        "訂單{004}末四碼{004.digits}的耳機左邊沒聲音了，麻煩：1. 開發票 2. 換貨",
        "My earphones have no sound on the left ({004}, {004.digits}). Please 1) exchange them 2) send an invoice",
    ],
)
def test_what_is_told_before_a_list_is_not_asked_for_again(begin: Callable[..., Talk], said: str) -> None:
    """It is told of the goods that a point is about."""
    talk = begin()
    talk.say(said)
    assert not any(value.startswith("reason=") for value in talk.offered), talk
    assert talk.tickets or "invoice_kind=personal" in talk.offered, talk


@pytest.mark.parametrize(
    "said",
    [
        "我要投诉：1. 快递员态度差 2. 客服不回 3. 退款慢",
        "我要投訴你們！1. 退貨 2. 開發票",
        "I want to file a complaint: 1. courier was rude 2. parcel late 3. nobody answers",
    ],
)
def test_a_list_of_what_is_complained_of_is_one_complaint(begin: Callable[..., Talk], said: str) -> None:
    """Whoever gets it gets the whole list."""
    talk = begin()
    talk.say(said)
    assert ["complaint"] == [one.category for one in talk.tickets], talk
    assert not talk.state.kept, talk


@pytest.mark.parametrize("said", ["我不是来投诉的，就想问：1. 退货 2. 开发票", "之前投诉过了，现在：1. 退货 2. 发票"])
def test_who_does_not_complain_has_a_list(begin: Callable[..., Talk], said: str) -> None:
    """The word alone is no complaint."""
    talk = begin()
    assert "2 件事" in talk.say(said), talk


def test_what_is_let_go_is_only_one_wish_of_a_list(begin: Callable[..., Talk]) -> None:
    """The others are come to all the same."""
    talk = begin()
    talk.say("1. 退耳机 2. 开发票 {004} {004.digits}")
    talk.say("算了")
    assert "invoice_kind=personal" in talk.offered, talk


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("我要改地址 {005} {005.digits}", "算了"),
        ("我要开发票 {004} {004.digits}", "算了"),
        ("我的快遞到邊度", "算啦"),
        ("I need an invoice", "never mind"),
    ],
)
def test_whatever_is_asked_for_may_be_let_go(begin: Callable[..., Talk], first: str, said: str) -> None:
    """Nothing is asked for once more."""
    talk = begin()
    talk.say(first)
    talk.say(said)
    assert talk.state.active is None, talk


@pytest.mark.parametrize(
    ("first", "said", "later"),
    [
        ("我要退耳机 {004} {004.digits}", "1. 坏了没声音 2. 开发票", ["invoice"]),
        ("我要退耳机", "1. 订单{004} 2. 尾号{004.digits} 3. 顺便开发票", ["invoice"]),
        ("我要退耳機 {004} {004.digits}", "1. 左邊沒聲音 2. 甚麼時候能退 3. 我還要投訴你們", ["complaint"]),
        ("I want to return the earphones {004} {004.digits}", "1. no sound on the left 2. invoice please", ["invoice"]),
        ("1. 退耳机 2. 开发票 {004} {004.digits}", "1. 没声音 2. 开发票", ["invoice"]),
        ("我要退耳机 {004} {004.digits}", "1. 左边没声音 2. 充不进电 3. 收到就这样", []),
    ],
)
def test_a_list_that_answers_may_ask_for_more(
    begin: Callable[..., Talk], first: str, said: str, later: list[str]
) -> None:
    """It is come to afterwards, once."""
    talk = begin()
    talk.say(first)
    talk.say(said)
    assert later == [frame.flow for frame in talk.state.kept], talk


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("1. 开发票 2. 这耳机是假货，要退一赔三 {004} {004.digits}", "quality"),
        ("1. 開發票 2. 改地址 3. 我要投訴你們 {005} {005.digits}", "complaint"),
        ("1. an invoice 2. these earphones are counterfeit {004} {004.digits}", "quality"),
    ],
)
def test_what_a_person_must_hear_of_waits_for_no_other_point(
    begin: Callable[..., Talk], said: str, category: str
) -> None:
    """Whoever leaves in the middle of the list has been heard."""
    talk = begin()
    talk.say(said)
    assert [category] == [ticket.category for ticket in talk.tickets], talk
    assert "invoice_kind=personal" in talk.offered, talk


def test_a_new_telephone_in_a_list_proves_no_order(begin: Callable[..., Talk]) -> None:
    """It is no wrong try either."""
    talk = begin()
    assert "后四位" in talk.say("1. 电话改成13812345678 2. 订单{005} 3. 开发票"), talk
    assert "对不上" not in str(talk), talk


def test_an_open_order_takes_its_own_digits_and_keeps_those_of_the_next(begin: Callable[..., Talk]) -> None:
    """Digits that prove nothing are asked for again; none are kept."""
    talk = begin()
    talk.say("{016}和{005}到哪了")
    assert "{016}" not in talk.say("{016.digits} 0000"), talk
    assert "0000" not in str(talk.state.to_json()), talk
    assert "最晚" in talk.say("{005.digits}"), talk


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("1. 取消 2. 开发票 20261126005 2305", ["order.cancel", "order.invoice"]),
        ("1) invoice 2) where is it, order 20261126005", ["order.invoice", "logistics.tracking"]),
    ],
)
def test_each_point_is_read_by_itself(reader: TextReader, text: str, intents: list[str]) -> None:
    """The numbers that prove an order, behind the last one, say nothing of what is wanted."""
    assert intents == [point.intent for point in reader.read([text], engine="embedded")[0].points]
