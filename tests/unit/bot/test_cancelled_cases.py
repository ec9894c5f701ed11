"""The order desk's cases once their order is cancelled."""

from collections.abc import Callable

import pytest

from bot.dialogue.records import CompleteTicket
from tests.unit.bot.talk import Talk


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, True),
        ({"answered": True}, False),
        ({"tier": "major"}, False),
        ({"intent": "order.exception"}, False),
        ({"state": "resolved"}, None),
    ],
)
def test_a_case_about_how_an_order_goes_on_ends_with_it(
    begin: Callable[..., Talk], changes: dict[str, object], ends: bool | None
) -> None:
    """What a person has answered is only told to them, and so is what weighs more, or is about the money."""
    talk = begin()
    talk.say("{008} {008.digits}")
    talk.change_ticket(**{"intent": "order.dispatch_delay", **changes})
    number = talk.tickets[-1].order_number
    heard = talk.hear_from_shop("command", kind="cancel_order", order_number=number, done=True, details={})
    told = [effect.ends for effect in heard if isinstance(effect, CompleteTicket)]
    assert ([] if ends is None else [ends]) == told


def test_a_refused_cancelling_ends_nothing(begin: Callable[..., Talk]) -> None:
    """The order goes on."""
    talk = begin()
    talk.say("{008} {008.digits}")
    number = talk.tickets[-1].order_number
    refused = {"kind": "cancel_order", "order_number": number, "done": False, "reason": "already_dispatched"}
    heard = talk.hear_from_shop("command", **refused)
    assert not [effect for effect in heard if isinstance(effect, CompleteTicket)]


@pytest.mark.parametrize(("tail", "amount"), [("036", "¥298"), ("008", "¥186"), ("005", "¥219")])
def test_what_comes_back_is_what_was_paid(begin: Callable[..., Talk], tail: str, amount: str) -> None:
    """Of what was paid twice, or too much, all comes back with the order."""
    talk = begin()
    assert amount in talk.say(f"取消订单{{{tail}}} {{{tail}.digits}}"), talk
