"""What a case about a parcel that never came is good for: its money or a new parcel, and nothing once it is here."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from actions.policy.limits import Limit
from actions.shop import OrderStatus
from bot.nlu.reading import Language
from tests.unit.bot.talk import Talk

SILENT: dict[Language, str] = {
    "en": "Where is my parcel? Order {003}, phone ending {003.digits}",
    "zh-Hans": "我的包裹到哪里了？订单号{003}，手机尾号{003.digits}",
}
RECEIVED: dict[Language, str] = {
    "en": "The lamp has arrived, but I don't want it any more, I'd like to return it",
    "zh-Hans": "台灯收到了，不想要了，帮我退货",
}


def deliver(talk: Talk, tail: str, **item: Any) -> None:
    """Let an order's parcel be signed for now."""
    order = next(order for number, order in talk.orders.items() if number.endswith(tail))
    assert order.shipment is not None
    shipment = replace(order.shipment, delivered_at=talk.now, signed_at=talk.now)
    items = tuple(replace(one, **item) for one in order.items)
    talk.orders[order.number] = replace(order, status=OrderStatus.SIGNED, shipment=shipment, items=items)


@pytest.mark.parametrize("language", SILENT)
def test_goods_that_came_after_all_are_taken_back(begin: Callable[..., Talk], language: Language) -> None:
    """The carrier was asked while the parcel was silent; it has come since, and is simply not wanted."""
    talk = begin(language)
    talk.say(SILENT[language])
    assert ["method.carrier"] == [case.method["key"] for case in talk.tickets]
    talk.wait(hours=11)
    deliver(talk, "003")
    talk.say(RECEIVED[language])
    assert {"intact=yes", "intact=no"} <= set(talk.offered), talk
    talk.press("intact=yes")
    assert "remedy=return" in talk.offered, talk


def test_money_for_goods_sent_back_is_not_the_carriers(begin: Callable[..., Talk]) -> None:
    """The carrier's case is still open, the goods came and went back: when the money is due is told."""
    talk = begin("zh-Hans")
    talk.say(SILENT["zh-Hans"])
    talk.wait(hours=11)
    deliver(talk, "003", returned_at=talk.now)
    assert "SW-1" not in talk.say("退款什么时候到账？"), talk


def test_a_wish_for_the_delivery_is_no_loss(begin: Callable[..., Talk]) -> None:
    """A delivery instruction waits for a person's word; who then wants their money hears of no lost parcel."""
    talk = begin("zh-Hans")
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "delivery_instruction": Limit(0)})
    talk.say("放门口就行，别打电话。订单号{003}，手机尾号{003.digits}")
    assert ["delivery_instruction"] == [case.method["params"].get("command") for case in talk.tickets], talk
    talk.say("我不想要了，退款")
    assert [] == talk.added, talk
    assert "丢件" not in str(talk)


def test_what_the_carrier_proves_still_is_about_the_loss(begin: Callable[..., Talk]) -> None:
    """Signed for by nobody knows whom: who now wants their money has it noted there, and is not asked anew."""
    talk = begin("zh-Hans")
    deliver(talk, "003")
    talk.say("显示签收了但我没收到，家里人和邻居都问过了没有。订单号{003}，手机尾号{003.digits}")
    assert ["method.proof"] == [case.method["key"] for case in talk.tickets], talk
    talk.say("算了直接退钱吧")
    assert 1 == len(talk.opened), talk
    assert 1 == len(talk.added), talk


def test_what_the_carrier_should_prove_ends_with_the_parcel(begin: Callable[..., Talk]) -> None:
    """The neighbour had it: the goods are here, so what is not wanted of them goes back."""
    talk = begin("zh-Hans")
    deliver(talk, "003")
    talk.say("显示签收了但我没收到，家里人和邻居都问过了没有。订单号{003}，手机尾号{003.digits}")
    talk.wait(hours=3)
    talk.say("台灯收到了，不想要了，帮我退货")
    assert {"intact=yes", "intact=no"} <= set(talk.offered), talk


def test_who_told_nothing_of_looking_is_asked(begin: Callable[..., Talk]) -> None:
    """A silent parcel is signed for while its case is open: who never got it is asked to look around first."""
    talk = begin("zh-Hans")
    talk.say(SILENT["zh-Hans"])
    talk.wait(hours=11)
    deliver(talk, "003")
    talk.say("显示签收了但我没收到")
    assert ["looked=yes", "looked=no"] == talk.offered, talk
