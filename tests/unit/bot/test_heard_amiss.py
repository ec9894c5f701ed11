"""Words that sound like what they are not: beside each kind of sentence those that must stay heard."""

from collections.abc import Callable

import pytest

from bot.dialogue.hearing.harm_words import is_hurt
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.hearing.words import HOLD_ON, SKIP, names
from bot.dialogue.records import Heard
from tests.unit.bot.conftest import NOW
from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]
_OF_PHOTOS = ("一眼就能看明白", "输入框旁边", "sees at once", "beside the text box", "有照片，同事")


@pytest.mark.parametrize(
    "text",
    [
        "为什么照片和实物不一样，差太多了", "我收到的跟图片不一样，凭什么",
        "why does the photo look different from what I got",
        "一定要按图片发货", "图片上有的配件我没有怎么办", "相机拍照为什么模糊", "照片打印机为什么不出纸",
        "why is the photo printer not working", "照片书发到哪了", "我买的照片发到哪里了", "评价怎么发图片",
        "how do i upload my photo for the custom mug", "why did you send me another photo frame",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "我的耳机右边没声音了"])
def test_what_shows_photos_or_takes_them_is_no_photo_for_a_case(begin: Begin, before: str, text: str) -> None:
    """Whether goods are talked about or nothing yet."""
    talk = begin("zh-Hans")
    if before:
        talk.say(before)
    told = talk.say(text)
    assert not any(part in told for part in _OF_PHOTOS), talk


@pytest.mark.parametrize(
    "text",
    [
        "为什么要照片", "为什么要拍照", "點解要影相", "必须拍照吗", "一定要发照片吗", "有必要发图片吗", "要照片干嘛",
        "没有照片怎么办",
        "拍不了照片怎么办", "why do you need a photo?", "do I have to take a picture?", "why a photo?",
        "is a photo really needed?",
        "what if I have no photo?", "what do you want the pictures for?", "照片怎么发", "怎么上传图片",
        "照片发到哪里",
        "how do I send you the photo?", "where can I upload pictures?",
    ],
)  # fmt: skip
def test_photos_for_a_case_are_asked_about(begin: Begin, text: str) -> None:
    """Why they are needed, and how they are sent."""
    talk = begin("zh-Hans")
    talk.say("我的耳机右边没声音了")
    told = talk.say(text)
    assert any(part in told for part in _OF_PHOTOS), talk


def test_photos_are_asked_about_long_after(begin: Begin) -> None:
    """While the case is open."""
    talk = begin("zh-Hans")
    talk.say("我的耳机右边没声音了")
    talk.press("order=none")
    talk.say("不用了")
    assert talk.tickets, talk
    assert "输入框旁边" in talk.say("照片怎么发"), talk


@pytest.mark.parametrize(
    ("text", "none"),
    [
        ("没有订单号", True), ("我没有订单号怎么办", True), ("没有，怎么办？", True), ("没有", True),
        ("我这里没有", True),
        ("我没有订单号，是朋友送的", True), ("冇單號", True), ("不知道", True), ("我不知道啊", True),
        ("订单号找不到了", True),
        ("找不到订单号", True), ("忘了", True), ("订单号我不记得了", True), ("I have no order number", True),
        ("no number", True), ("I don't know", True), ("I don't have one", True), ("skip", True), ("no idea", True),
        ("收到了没", False), ("我的钱退了没", False), ("发货了没", False), ("到货没", False),
        ("快递员说找不到我家", False),
        ("我也不知道怎么就坏了", False), ("我忘了改地址", False), ("有没有订单号", False),
        ("I don't know where my parcel is", False), ("I don't have my refund yet", False),
        ("there is no sound", False), ("no no, wait", False),
    ],
)  # fmt: skip
def test_no_order_number(text: str, none: bool) -> None:
    """Only where it is the number that is not there."""
    assert none is names(SKIP, text)


@pytest.mark.parametrize(
    "text",
    ["手机为什么还没发", "手机没法开机怎么办", "why is my phone not working", "请问订单编号AB20261126001到哪了",
    "为什么我的电话手表不亮"],
)  # fmt: skip
def test_goods_are_no_order_number(begin: Begin, text: str) -> None:
    """Nor is where an order is a question after its number."""
    talk = begin("zh-Hans")
    talk.say("我的耳机右边没声音了")
    told = talk.say(text)
    assert not any(part in told for part in ("确认它是您的", "11 位数字", "show that it is yours", "11 digits")), talk


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("我找一下", True), ("等一下", True), ("稍等，我去找找", True), ("我先看看", True), ("等我看一下订单", True),
        ("马上拍", True), ("let me check", True), ("one moment", True), ("请稍等", True), ("麻烦等一下", True),
        ("你们先看看有没有货", False), ("帮我看看", False), ("麻烦看一下", False), ("您找一下", False),
        ("能看一下吗", False),
    ],
)  # fmt: skip
def test_one_moment(text: str, holds: bool) -> None:
    """Is what customers do themselves."""
    assert holds is names(HOLD_ON, text)


@pytest.mark.parametrize(
    ("text", "hurt"),
    [
        ("用了之后起红疹", True), ("脸上长了好多红疹", True), ("孩子出疹子了", True), ("脸上全是疹子", True),
        ("我用了烂脸了", True),
        ("擦完直接烂脸", True), ("it gave me a bad rash", True), ("my skin broke out in a rash", True),
        ("we both have rashes", True), ("我受伤了", True),
        ("治红疹的药膏什么时候发货", False), ("祛红疹面膜少了一瓶", False), ("烂脸修复霜我要退货", False),
        ("the red rash guard is too small", False), ("a rash cream is missing", False),
        ("宝宝脸上湿疹，买的药没发货", False),
    ],
)  # fmt: skip
def test_somebody_is_hurt(text: str, hurt: bool) -> None:
    """Goods against it hurt nobody."""
    assert hurt is is_hurt(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("路上我骑车摔了", "accidental_damage"), ("是我在路上摔的", "accidental_damage"), ("路上摔坏的吧",
        "damaged_in_transit"),
        ("快递把我的杯子摔了", "damaged_in_transit"), ("运输途中压的", "damaged_in_transit"),
    ],
)  # fmt: skip
def test_who_broke_it_on_the_way(text: str, reason: str) -> None:
    """The carrier, or the customer."""
    assert {"reason": reason} == read_slot("reason", Heard("text", text, NOW))


_UPSET = "让您失望"


@pytest.mark.parametrize("text", ["你真可爱", "哈哈", "you are sweet", "lol"])
def test_friendly_words_are_no_disappointment(begin: Begin, text: str) -> None:
    """Even after a refusal."""
    talk = begin("zh-Hans")
    talk.say("我想7天无理由退货，订单{022}，手机尾号{022.digits}")
    assert _UPSET not in talk.say(text), talk


def test_what_sounds_upset_after_a_refusal_is_soothed_once(begin: Begin) -> None:
    """And after an acceptance never."""
    talk = begin("zh-Hans")
    talk.say("我想7天无理由退货，订单{022}，手机尾号{022.digits}")
    assert _UPSET in talk.say("唉"), talk
    assert _UPSET not in talk.say("唉"), talk


def test_nobody_is_soothed_after_an_acceptance(begin: Begin) -> None:
    """There is nothing to be sorry for."""
    talk = begin("zh-Hans")
    talk.say("刚买就降价了，能退差价吗？订单{035}，手机尾号{035.digits}")
    assert talk.commands, talk
    assert _UPSET not in talk.say("唉"), talk


@pytest.mark.parametrize("settled", [False, True])
def test_a_difference_asked_for_before_points_at_no_result(begin: Begin, settled: bool) -> None:
    """The shop may not have answered yet."""
    talk = begin("zh-Hans")
    talk.say("刚买就降价了，能退差价吗？订单{035}，手机尾号{035.digits}")
    if settled:
        talk.hear_shop(talk.commands[-1])
    told = talk.say("降价了退差价")
    assert "已经替您申请" in told, talk
    assert "上面" not in told, talk
