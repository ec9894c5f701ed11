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


@pytest.mark.parametrize(
    "said",
    [
        "杯子收到就碎了，赔钱",
        "收到杯子裂了一個，賠償",
        "My cups arrived broken, compensate me",
        "The cups arrived smashed, I want compensation",
    ],
)
def test_what_is_told_to_have_come_broken_is_paid_back(begin: Callable[..., Talk], said: str) -> None:
    """Whoever says more is not given less."""
    talk = begin("zh-Hans")
    talk.say(f"{said} {{009}} {{009.digits}}")
    assert {"remedy=exchange", "remedy=refund"} <= set(talk.offered), talk


@pytest.mark.parametrize("said", ["The cup is broken, compensate me", "the cup broke, pay me compensation"])
def test_how_a_broken_cup_came_to_be_so_is_asked(begin: Callable[..., Talk], said: str) -> None:
    """It is not out of order."""
    talk = begin("en")
    talk.say(f"{said} {{009}} {{009.digits}}")
    assert "reason=damaged_in_transit" in talk.offered, talk


@pytest.mark.parametrize(
    "said",
    [
        "收到杯子裂了一个，我留着用，赔点钱就行",
        "收到的杯子磕了，不退，要賠償",
        "One cup came chipped, I'll keep it but want compensation",
    ],
)
def test_who_keeps_what_came_broken_is_compensated(begin: Callable[..., Talk], said: str) -> None:
    """Nothing is to be sent back."""
    talk = begin("zh-Hans")
    talk.say(f"{said} {{009}} {{009.digits}}")
    assert ["photo=none"] == talk.offered, talk
    assert "5" in str(talk), talk


@pytest.mark.parametrize("first", ["杯子收到就碎了，赔钱", "杯子收到就碎了"])
def test_who_would_rather_be_compensated_is(begin: Callable[..., Talk], first: str) -> None:
    """What else is open to them is not told for ever."""
    talk = begin("zh-Hans")
    talk.say(f"{first} {{009}} {{009.digits}}")
    talk.say("就给我赔点钱就行")
    assert ["photo=none"] == talk.offered, talk
