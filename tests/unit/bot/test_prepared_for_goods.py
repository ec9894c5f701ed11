"""Of what is prepared for several goods of one order, a wish about one leaves alone what is for the others."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from actions.policy.limits import Limit
from bot.dialogue.records import Standing
from bot.nlu.reading import Language
from tests.unit.bot.talk import Talk


@pytest.fixture
def talk(begin: Callable[..., Talk]) -> Talk:
    """A shop whose bot settles no remedy by itself."""
    talk = begin("zh-Hans")
    above = {kind: Limit(0) for kind in ("return_label", "resend", "refund")}
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, **above})
    return talk


def return_lamp(talk: Talk) -> None:
    """Let the lamp of order 041 go back: its label waits for a person's word."""
    talk.say("台灯不亮了，我要退货。订单号{041}，手机尾号{041.digits}")
    if "remedy=return" in talk.offered:
        talk.press("remedy=return")
    if "photo=none" in talk.offered:
        talk.say("", photos=1)
    assert [("return_label", "lamp")] == list_prepared(talk), talk


def list_prepared(talk: Talk) -> list[tuple[str, str | None]]:
    """What waits for a person's word: kind, and item."""
    return [(one.kind, one.details.get("sku")) for one in talk.prepared]


def test_what_is_prepared_for_another_item_stays(talk: Talk) -> None:
    """The lamp goes back, the earphones lack a part: both wait."""
    return_lamp(talk)
    talk.say("还有耳机少发了一只，给我补发")
    if "remedy=resend" in talk.offered:
        talk.press("remedy=resend")
    talk.say("", photos=1)
    assert [("return_label", "lamp"), ("resend", "earphones")] == list_prepared(talk), talk


def test_what_is_prepared_for_the_same_item_goes(talk: Talk) -> None:
    """The lamp shall be sent anew instead: one remedy for one item."""
    return_lamp(talk)
    talk.say("台灯其实是少发了一个灯泡，给我补发就行")
    if "remedy=resend" in talk.offered:
        talk.press("remedy=resend")
    assert [("resend", "lamp")] == list_prepared(talk), talk


def test_an_item_that_was_typed_is_known_by_its_number(talk: Talk) -> None:
    """Which item was asked, and answered in words: its case is found again by whoever speaks of it later."""
    talk.say("有一件坏了，我要退货。订单号{041}，手机尾号{041.digits}")
    assert "item=lamp" in talk.offered, talk
    talk.say("是台灯")
    if "remedy=return" in talk.offered:
        talk.press("remedy=return")
    talk.say("不亮了", photos=1)
    if "remedy=return" in talk.offered:
        talk.press("remedy=return")
    assert ["lamp"] == [case.product_key for case in talk.tickets], talk


@pytest.mark.parametrize("standing", [Standing.CONFIRMED, Standing.ASKED])
def test_what_a_person_has_in_hand_is_theirs_to_change(talk: Talk, standing: Standing) -> None:
    """The label is confirmed, or its approval asked for: another wish for the lamp is noted, and nothing prepared."""
    return_lamp(talk)
    talk.confirm(standing)
    talk.say("台灯其实是少发了一个灯泡，给我补发就行")
    if "remedy=resend" in talk.offered:
        talk.press("remedy=resend")
    assert [("return_label", "lamp")] == list_prepared(talk), talk
    assert [] == talk.commands
    assert ["method.human"] == [case.method["key"] for case in talk.tickets], talk


def test_what_the_shop_has_refused_stands_in_no_way(talk: Talk) -> None:
    """The label was refused: what is wanted instead is prepared."""
    return_lamp(talk)
    talk.confirm(Standing.REFUSED)
    talk.say("台灯其实是少发了一个灯泡，给我补发就行")
    if "remedy=resend" in talk.offered:
        talk.press("remedy=resend")
    assert ("resend", "lamp") in list_prepared(talk), talk


OTHERWISE: dict[Language, tuple[str, str]] = {
    "zh-Hans": ("快递说我的包裹丢了。订单号{019}，手机尾号{019.digits}", "算了，还是补发吧"),
    "zh-Hant": ("物流說我的包裹弄丟了。訂單編號{019}，手機末四碼{019.digits}", "算了，還是補寄吧"),
    "en": ("The courier lost my parcel. Order {019}, phone ending {019.digits}", "no, I mean resend it"),
}


@pytest.mark.parametrize("language", OTHERWISE)
def test_who_corrects_themselves_has_the_case_changed(talk: Talk, language: Language) -> None:
    """Sending it again "after all" names another remedy: it takes the place of the one prepared."""
    talk.language = language
    lost, otherwise = OTHERWISE[language]
    talk.say(lost)
    talk.press("remedy=refund")
    assert ["refund"] == [one.kind for one in talk.prepared], talk
    talk.say(otherwise)
    assert ["resend"] == [one.kind for one in talk.prepared], talk
