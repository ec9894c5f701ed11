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
