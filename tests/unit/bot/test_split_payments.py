"""Orders that were paid in several ways: what goes back where is told in the customer's language."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from actions.shop import PaymentPart
from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]

UNSENT, REFUNDED = "005", "034"
CANCEL = {"zh-Hans": "我想取消订单", "zh-Hant": "我想取消訂單", "en": "I want to cancel my order"}
REFUND = {"zh-Hans": "退款到了吗", "zh-Hant": "退款退了嗎", "en": "Has my refund been paid?"}


def pay_in_parts(talk: Talk, tail: str, *parts: tuple[str, str]) -> None:
    """Let an order have been paid so."""
    number = next(number for number in talk.orders if number.endswith(tail))
    order = talk.orders[number]
    assert order.payment is not None
    split = tuple(PaymentPart(method, Decimal(amount)) for method, amount in parts)
    talk.orders[number] = replace(order, payment=replace(order.payment, parts=split))


def tell(begin: Begin, language: str, said: dict[str, str], tail: str, *parts: tuple[str, str]) -> str:
    """Say it of an order that was paid so; returns the whole conversation."""
    talk = begin(language)
    pay_in_parts(talk, tail, *parts)
    talk.say(f"{said[language]} {{{tail}}} {{{tail}.digits}}")
    return str(talk)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-Hans", "¥219 会马上原路退回：礼品卡 ¥119、微信支付 ¥100。"),
        ("zh-Hant", "¥219 會立即退回原付款方式：禮物卡 ¥119、微信支付 ¥100。"),
        ("en", "¥219 goes back at once the way it was paid: gift card ¥119, WeChat Pay ¥100."),
    ],
)
def test_who_cancels_hears_what_goes_back_where(begin: Begin, language: str, told: str) -> None:
    """Before they say yes."""
    assert told in tell(begin, language, CANCEL, UNSENT, ("gift_card", "119.00"), ("wechat", "100.00"))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-Hans", "原路退回：银行卡 ¥159、原支付方式 ¥100。"),
        ("zh-Hant", "退回原付款方式：信用卡／金融卡 ¥159、原付款方式 ¥100。"),
        ("en", "the way it was paid: card ¥159, original way of paying ¥100."),
    ],
)
def test_a_refund_that_was_made_is_told_in_its_parts(begin: Begin, language: str, told: str) -> None:
    """A way that has no name here is called the original one."""
    assert told in tell(begin, language, REFUND, REFUNDED, ("card", "159.00"), ("store_credit", "100.00"))


def test_paid_in_one_way_nothing_is_added(begin: Begin) -> None:
    """One part is no split."""
    told = tell(begin, "en", CANCEL, UNSENT, ("card", "219.00"))
    assert "goes back at once the way it was paid." in told


def test_parts_that_do_not_add_up_are_an_exception_of_the_order(begin: Begin) -> None:
    """Asked how it was paid, the disagreement is told and the order desk has it."""
    talk = begin("en")
    pay_in_parts(talk, UNSENT, ("card", "119.00"), ("balance", "99.99"))
    heard = talk.say("Did the payment for my order go through? {005} {005.digits}")
    assert "The parts of the payment come to ¥218.99, not to the ¥219 paid." in heard
    assert [("order", "order.payment")] == [(opened.category, opened.intent) for opened in talk.opened]
