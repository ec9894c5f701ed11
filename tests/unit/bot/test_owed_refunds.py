"""Money that should have gone back: its refund waits for a person's word, exact, once, and only where it is certain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actions.shop import Order, PaymentPart
from bot.dialogue.records import CompleteTicket, Standing
from bot.nlu.reading import LANGUAGES
from tests.unit.bot.conftest import NOW
from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]

CANCELLED, SENT_BACK, BUNDLE = "020", "044", "047"
WHERE = {"zh-Hans": "我的退款怎么还没到", "zh-Hant": "我的退款怎麼還沒到", "en": "Where is my refund?"}
SPLIT = (PaymentPart("card", Decimal("500.00")), PaymentPart("balance", Decimal("180.00")))


def order_of(talk: Talk, tail: str) -> Order:
    """Return an order of the demo shop's."""
    return next(order for number, order in talk.orders.items() if number.endswith(tail))


def pay(order: Order, **changes: Any) -> Order:
    """Return an order whose payment is another."""
    assert order.payment is not None
    return replace(order, payment=replace(order.payment, **changes))


def send_back(order: Order, *skus: str) -> Order:
    """Return an order, a month earlier, of which these came back two weeks ago."""
    month, back = timedelta(days=30), NOW - timedelta(days=14)
    assert order.payment is not None
    assert order.payment.paid_at is not None
    assert order.shipment is not None
    assert order.shipment.signed_at is not None
    came_at = order.shipment.signed_at - month
    return replace(
        order,
        placed_at=order.placed_at - month,
        items=tuple(replace(one, returned_at=back) if one.sku in skus else one for one in order.items),
        payment=replace(order.payment, paid_at=order.payment.paid_at - month),
        shipment=replace(
            order.shipment, dispatched_at=came_at - timedelta(days=2), delivered_at=came_at, signed_at=came_at, scans=()
        ),
    )


def ask(begin: Begin, language: str, tail: str, change: Callable[[Order], Order] = lambda order: order) -> Talk:
    """Ask twice where the refund of an order is."""
    talk = begin(language)
    order = change(order_of(talk, tail))
    talk.orders[order.number] = order
    talk.say(f"{WHERE[language]} {{{tail}}} {{{tail}.digits}}")
    talk.say(WHERE[language])
    return talk


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("tail", "change", "amount"),
    [
        (CANCELLED, lambda order: order, "680.00"),
        (CANCELLED, lambda order: pay(order, parts=SPLIT), "680.00"),
        (SENT_BACK, lambda order: order, "149.00"),
        (BUNDLE, lambda order: send_back(order, "bag", "lamp"), "299.00"),
    ],
)
def test_what_is_owed_is_prepared_once(
    begin: Begin, language: str, tail: str, change: Callable[[Order], Order], amount: str
) -> None:
    """All that was paid, whatever it was paid with, and once however often it is asked for."""
    talk = ask(begin, language, tail, change)
    assert [("refund", {"amount": amount})] == [(one.kind, one.details) for one in talk.prepared], str(talk)
    assert ([], 1) == (talk.commands, len(talk.opened))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("tail", "change"),
    [
        (CANCELLED, lambda order: pay(order, amount=Decimal("600.00"))),  # what was paid is in doubt
        # A part of the order, of a shop that does not tell what went back: it pays back whole orders.
        (BUNDLE, lambda order: pay(send_back(order, "lamp"), refunded=None)),
    ],
)
def test_what_is_not_certain_is_found_out_by_a_person(
    begin: Begin, language: str, tail: str, change: Callable[[Order], Order]
) -> None:
    """A case is opened, and nothing is prepared."""
    talk = ask(begin, language, tail, change)
    assert ([], [], 1) == (talk.prepared, talk.commands, len(talk.opened)), str(talk)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tail", [CANCELLED, SENT_BACK])
def test_what_went_back_already_is_not_prepared(begin: Begin, language: str, tail: str) -> None:
    """It is only told when it did."""
    talk = ask(begin, language, tail, lambda order: pay(order, refunded_at=NOW - timedelta(days=1)))
    assert ([], [], []) == (talk.prepared, talk.commands, talk.opened), str(talk)


def test_beside_another_remedy_nothing_is_prepared(begin: Begin) -> None:
    """A person is to confirm that the goods are sent again: money as well would be twice."""
    talk = begin("en")
    talk.say(f"{WHERE['en']} {{{CANCELLED}}} {{{CANCELLED}.digits}}")
    talk.kept = [replace(kept, command=replace(kept.command, kind="resend")) for kept in talk.kept]
    talk.change_ticket(category="logistics", method={"key": "method.confirm", "params": {"command": "resend"}})
    talk.say(WHERE["en"])
    assert (["resend"], 1) == ([one.kind for one in talk.prepared], len(talk.opened)), str(talk)


def test_a_label_that_is_out_stands_in_no_way_of_the_money(begin: Begin) -> None:
    """A person confirmed the label, and the goods came back by it: their money is prepared."""
    talk = begin("en")
    talk.say(f"{WHERE['en']} {{{SENT_BACK}}} {{{SENT_BACK}.digits}}")
    label = [replace(kept, command=replace(kept.command, kind="return_label")) for kept in talk.kept]
    talk.kept = [replace(kept, standing=Standing.DONE) for kept in label]
    talk.say(WHERE["en"])
    assert ["return_label", "refund"] == [one.kind for one in talk.prepared], str(talk)


@pytest.mark.parametrize(("kind", "desk"), [("refund", "after_sales"), ("resend", "logistics")])
def test_a_command_that_is_late_goes_to_the_desk_it_belongs_to(begin: Begin, kind: str, desk: str) -> None:
    """Money is after-sales' matter, a parcel the logistics coordinator's."""
    talk = begin("en")
    talk.hear_from_shop("delay", kind=kind, order_number="20261123020", ticket=None)
    assert [(desk, f"{desk}.shop_command")] == [(one.category, one.intent) for one in talk.opened]


def test_the_case_on_which_a_refund_waited_hears_what_became_of_it(begin: Begin) -> None:
    """Whatever desk has it: a lost parcel's money waits with the logistics coordinator."""
    talk = begin("en")
    talk.say("The courier lost my parcel. Order {019}, phone ending {019.digits}")
    talk.press("remedy=refund")
    late = {"kind": "refund", "order_number": talk.tickets[0].order_number, "ticket": "SW-1"}
    talk.hear_from_shop("delay", **late)
    assert 1 == len(talk.opened)
    done = talk.hear_from_shop("command", **late, done=True, reason=None, details={"amount": "129.00"}, delayed=True)
    assert ["SW-1"] == [effect.number for effect in done if isinstance(effect, CompleteTicket)]
