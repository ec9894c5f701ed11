"""What the shop has done or refused, asked for once more."""

from collections.abc import Callable

import pytest

from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]

LATE = {
    "zh-Hans": "配送太慢了，订单{015}，尾号{015.digits}",
    "zh-Hant": "配送太慢了，訂單{015}，末四碼{015.digits}",
    "en": "My delivery is late. Order {015}, phone ending {015.digits}",
}
AGAIN = {"zh-Hans": "配送太慢了，催一下", "zh-Hant": "配送太慢了，催一下", "en": "the delivery is so late, hurry up"}
LOST = {
    "zh-Hans": "包裹丢了，重新寄一份，订单{019}，尾号{019.digits}",
    "zh-Hant": "包裹丟了，重新寄一份，訂單{019}，末四碼{019.digits}",
    "en": "my parcel is lost, order {019}, phone ending {019.digits}",
}
STILL = {"zh-Hans": "包裹还没到", "zh-Hant": "包裹還沒到", "en": "my parcel has still not arrived"}


@pytest.mark.parametrize("language", LATE)
def test_a_voucher_that_was_refused_is_asked_for_again(begin: Begin, language: str) -> None:
    """None was issued, so nobody is told that they have one."""
    talk = begin(language)
    talk.say(LATE[language])
    talk.hear_shop(talk.commands[-1], refused="not_available")
    told = talk.say(AGAIN[language])
    assert ["issue_voucher", "issue_voucher"] == [command.kind for command in talk.commands], talk
    assert "¥5" in told, talk


@pytest.mark.parametrize("language", LATE)
def test_a_voucher_that_was_issued_is_not(begin: Begin, language: str) -> None:
    """Once is what the shop promises."""
    talk = begin(language)
    talk.say(LATE[language])
    talk.hear_shop(talk.commands[-1], code="SW1", amount="5.00")
    talk.say(AGAIN[language])
    assert ["issue_voucher"] == [command.kind for command in talk.commands], talk


@pytest.mark.parametrize("language", LOST)
def test_what_is_sent_again_is_not_paid_back_beside_it(begin: Begin, language: str) -> None:
    """A person may change it; the bot promises one of the two."""
    talk = begin(language)
    talk.say(LOST[language])
    talk.press("remedy=resend")
    talk.hear_shop(talk.commands[-1])
    talk.say(STILL[language])
    assert ["start:handoff.ask_human"] == talk.offered, talk
    assert ["resend"] == [command.kind for command in talk.commands], talk
    assert not talk.prepared, talk
