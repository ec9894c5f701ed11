"""A new parcel was sent for a lost one: where it is lost too, the carrier is asked anew; no money comes beside it."""

from collections.abc import Callable

import pytest

from actions.shop import CommandKind
from bot.dialogue.state import State
from tests.unit.bot.talk import Talk


@pytest.fixture
def resent(begin: Callable[..., Talk]) -> Talk:
    """A lost parcel, and the shop has sent another."""
    talk = begin("zh-Hans")
    talk.say("快递说我的包裹丢了。订单号{019}，手机尾号{019.digits}")
    talk.press("remedy=resend")
    (command,) = talk.commands
    assert CommandKind.RESEND == command.kind
    talk.hear_shop(command)
    return talk


@pytest.mark.parametrize(
    "said",
    ["补发的包裹也没到", "补发的包裹又丢了", "the replacement has not arrived either", "the new parcel is lost again"],
)
def test_the_replacement_is_lost_too(resent: Talk, said: str) -> None:
    """A person takes it up with the carrier."""
    resent.say(said)
    assert ["logistics"] == [case.category for case in resent.opened], resent


@pytest.mark.parametrize(
    "said", ["包裹还没到", "my parcel has still not arrived", "补发的包裹到哪了", "那退款吧，还没到"]
)
def test_it_has_only_just_been_sent(resent: Talk, said: str) -> None:
    """That it was is told, and that nothing else comes beside it."""
    resent.say(said)
    assert [] == resent.opened, resent
    assert 1 == len(resent.commands), resent


@pytest.mark.parametrize("said", ["包裹还没到", "my parcel has still not arrived"])
def test_days_later_only_the_replacement_can_be_missed(resent: Talk, said: str) -> None:
    """Once it would count as lost itself, whatever the words."""
    resent.wait(days=9)
    resent.say(said)
    resent.say("{019} {019.digits}")
    assert ["logistics"] == [case.category for case in resent.opened], resent


def test_what_a_release_before_kept_has_no_time() -> None:
    """It is still known to have been carried out."""
    state = State.from_json({"settled": ["resend/2026"]})
    assert state.has_settled("resend", "2026")
    assert state.settled_at("resend", "2026") is None
