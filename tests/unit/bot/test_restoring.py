"""A cancelling that was not meant: what can still be stopped is, and nothing is said that is not so."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from actions.policy.limits import Limit
from bot.nlu.reading import Language
from tests.unit.bot.talk import Talk

BY_MISTAKE: dict[Language, str] = {
    "en": "I cancelled it by mistake, can you restore it?",
    "zh-Hans": "不小心取消了，还能恢复吗",
    "zh-Hant": "手滑取消了，可以恢復嗎",
}


def cancel(talk: Talk) -> None:
    """Ask for order 005 to be cancelled, and say yes."""
    talk.say("cancel order {005} phone ending {005.digits}" if talk.language == "en" else "取消訂單{005} {005.digits}")
    talk.press("confirm=yes")


@pytest.mark.parametrize("language", BY_MISTAKE)
def test_what_waits_for_a_person_is_taken_back(begin: Callable[..., Talk], language: Language) -> None:
    """Beyond the bot's limits nothing is cancelled yet: the prepared command goes, the case says why."""
    talk = begin(language)
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "cancel_order": Limit(0)})
    cancel(talk)
    assert [] == talk.commands
    said = talk.say(BY_MISTAKE[language])
    assert "SW-1" in said
    assert [("SW-1", ("cancel_order",))] == [(one.ticket, one.kinds) for one in talk.withdrawn]
    assert [BY_MISTAKE[language]] == [one.text for one in talk.added]
    assert 1 == len(talk.opened)


@pytest.mark.parametrize("language", BY_MISTAKE)
def test_what_the_shop_has_been_asked_is_a_persons(begin: Callable[..., Talk], language: Language) -> None:
    """The shop's answer is not there yet: the bot cannot call it back, and does not say that all is well."""
    talk = begin(language)
    cancel(talk)
    assert ["cancel_order"] == [one.kind for one in talk.commands]
    talk.say(BY_MISTAKE[language])
    assert [("order", "method.person")] == [(one.category, one.method.key) for one in talk.opened]


@pytest.mark.parametrize("language", BY_MISTAKE)
def test_a_case_tells_what_is_so_whichever_way_the_customer_turns(
    begin: Callable[..., Talk], language: Language
) -> None:
    """Nothing is said to be prepared once it is taken back; wanted again, it is."""
    talk = begin(language)
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "cancel_order": Limit(0)})
    cancel(talk)
    talk.say(BY_MISTAKE[language])
    assert ["method.keep"] == [case.method["key"] for case in talk.tickets]
    assert "SW-1" not in talk.say(BY_MISTAKE[language])
    cancel(talk)
    assert ["method.confirm"] == [case.method["key"] for case in talk.tickets]
    assert ["cancel_order"] == [one.kind for one in talk.prepared]
    assert ["keep", "cancel"] == [one.changed.remedy for one in talk.added if one.changed]


@pytest.mark.parametrize(
    "text",
    [
        "不小心下错单了想取消，订单{005} {005.digits}", "手滑买错了想取消订单{005} {005.digits}",
        "发货延误太久了我要取消订单{005} {005.digits}", "不小心多拍了一件想取消，订单{005} {005.digits}",
        "I ordered {005} by mistake, please cancel it. phone ending {005.digits}",
    ],
)  # fmt: skip
def test_what_was_ordered_by_mistake_is_cancelled(begin: Callable[..., Talk], text: str) -> None:
    """The mistake was the order, not the cancelling of it."""
    talk = begin("en" if text.isascii() else "zh-Hans")
    talk.say(text)
    talk.press("confirm=yes")
    assert ["cancel_order"] == [one.kind for one in talk.commands]


@pytest.mark.parametrize(
    "answer",
    ["yes, cancel it, I ordered it by mistake", "嗯，手滑买错了取消吧", "是的，下单失误了取消吧", "好，取消吧，拍错了"],
)
def test_a_yes_with_its_reason_is_a_yes(begin: Callable[..., Talk], answer: str) -> None:
    """Whatever the reason sounds like."""
    talk = begin("en" if answer.isascii() else "zh-Hans")
    start = "cancel order {005} phone ending {005.digits}" if answer.isascii() else "取消订单{005} {005.digits}"
    talk.say(start)
    talk.say(answer)
    assert ["cancel_order"] == [one.kind for one in talk.commands]


@pytest.mark.parametrize(
    "answer", ["不，不取消了", "no, don't cancel it", "等等，误点的，别取消了", "是误点的，不要取消"]
)
def test_a_no_with_its_reason_is_a_no(begin: Callable[..., Talk], answer: str) -> None:
    """Nothing is asked of the shop."""
    talk = begin("en" if answer.isascii() else "zh-Hans")
    start = "cancel order {005} phone ending {005.digits}" if answer.isascii() else "取消订单{005} {005.digits}"
    talk.say(start)
    talk.say(answer)
    assert [] == talk.commands


@pytest.mark.parametrize("language", BY_MISTAKE)
def test_what_a_person_has_confirmed_is_not_taken_back(begin: Callable[..., Talk], language: Language) -> None:
    """The shop is being asked by now: whoever confirmed it hears that it was not meant."""
    talk = begin(language)
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "cancel_order": Limit(0)})
    cancel(talk)
    talk.confirm()
    said = talk.say(BY_MISTAKE[language])
    assert {"en": "being cancelled just now", "zh-Hans": "正在取消", "zh-Hant": "正在取消"}[language] in said
    assert [] == talk.withdrawn
    assert [BY_MISTAKE[language]] == [one.text for one in talk.added]


def test_what_waits_on_a_case_about_something_else_is_taken_back(begin: Callable[..., Talk]) -> None:
    """Why an order has not left was asked first; the cancelling that followed waits on the same case."""
    talk = begin("zh-Hans")
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "cancel_order": Limit(0)})
    talk.say("怎么还没发货？订单号{006}，手机尾号{006.digits}")
    assert 1 == len(talk.opened)
    before = talk.tickets[0].method
    talk.say("那我取消订单")
    talk.press("confirm=yes")
    assert [("SW-1", "cancel_order")] == [(kept.ticket, kept.command.kind) for kept in talk.kept], talk
    said = talk.say(BY_MISTAKE["zh-Hans"])
    assert "已经撤下" in said
    assert [] == talk.kept
    assert [] == talk.commands
    assert before == talk.tickets[0].method
    assert "没有被取消" in talk.say(BY_MISTAKE["zh-Hans"])
