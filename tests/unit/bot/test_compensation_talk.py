"""Compensation is for what is told: which item it was, and whether it was anything but lateness."""

from collections.abc import Callable

import pytest

from tests.unit.bot.talk import Talk


def test_another_item_has_a_case_of_its_own(begin: Callable[..., Talk]) -> None:
    """What is asked for the lamp does not join the case of the earphones in the same order."""
    talk = begin("zh-Hans")
    talk.say("耳机没声音了，我要退货。订单号{041}，手机尾号{041.digits}")
    talk.press("photo=none")
    assert ["earphones"] == [case.product_key for case in talk.opened], talk
    talk.say("台灯被我摔坏了，要补偿")
    assert [] == talk.added, talk
    assert ["earphones", "lamp"] == [case.product_key for case in talk.opened], talk


@pytest.mark.parametrize(
    "said", ["客服骂我，给点补偿", "你们客服态度太恶劣了，要补偿", "your agent was rude, I want compensation"]
)
def test_rudeness_is_no_lateness(begin: Callable[..., Talk], said: str) -> None:
    """However late the parcel is: a person hears of it, and no voucher for lateness settles it."""
    talk = begin("zh-Hans")
    talk.say(f"{said}。订单号{{016}}，手机尾号{{016.digits}}")
    assert [] == talk.commands, talk
    assert ["complaint"] == [case.category for case in talk.opened], talk


def test_lateness_alone_is_paid_for(begin: Callable[..., Talk]) -> None:
    """By the voucher that is promised."""
    talk = begin("zh-Hans")
    talk.say("包裹晚了这么多天，给点补偿。订单号{016}，手机尾号{016.digits}")
    assert ["issue_voucher"] == [str(command.kind) for command in talk.commands], talk
