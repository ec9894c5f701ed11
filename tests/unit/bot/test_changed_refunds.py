"""Refunds of parts that wait for a person's word while more comes back, or is told: one takes the other's place."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from actions.policy.limits import Limit
from actions.shop import Order, Payment
from bot.dialogue.records import Standing
from bot.nlu.reading import LANGUAGES
from tests.unit.bot.conftest import NOW
from tests.unit.bot.talk import Talk
from tests.unit.bot.test_owed_refunds import WHERE, order_of, pay, send_back
from tests.unit.bot.test_part_refunds import (
    BOXES,
    BUNDLE,
    SEVERAL,
    SHORT,
    change,
    cheapen,
    give_back,
    prepared,
    send_back_only,
)

Begin = Callable[..., Talk]

FELL = "It got cheaper, can I get the price difference?"


def three_of_a_bundle(order: Order) -> Order:
    """Return the order whose bundle has a third part, and a book beside it: 299.00 for 418.00, and 40.00."""
    bag, lamp = order.items
    cups = replace(lamp, sku="cups", price=Decimal("50.00"), list_price=Decimal("50.00"))
    book = replace(lamp, sku="book", price=Decimal("40.00"), bundle=None, bundle_paid=None, list_price=None)
    assert order.payment is not None
    amount = order.amount + 40
    payment = Payment(amount, order.payment.paid_at, "card", refunded=Decimal(0))
    return replace(order, items=(bag, lamp, cups, book), amount=amount, payment=payment)


def amounts(talk: Talk) -> dict[str | None, str]:
    """What waits for a person's word, by item; each is there once."""
    waiting = [details for _, details in prepared(talk)]
    by_sku = {one.get("sku"): one["amount"] for one in waiting}
    assert len(waiting) == len(by_sku), waiting
    return by_sku


def ask_where(talk: Talk, tail: str) -> str:
    """Ask where the money for an order is."""
    return talk.say(f"{WHERE[talk.language]} {{{tail}}} {{{tail}.digits}}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_back_later_is_settled_with_what_waits(begin: Begin, language: str) -> None:
    """The lamp alone is worth 299 - 219 - 50 = 30.00, with the bag 249.00 for both: the 30.00 do not stay beside it."""
    talk = begin(language)
    change(talk, BUNDLE, lambda order: send_back(three_of_a_bundle(order), "lamp"))
    ask_where(talk, BUNDLE)
    assert {"lamp": "30.00"} == amounts(talk), talk
    change(talk, BUNDLE, lambda order: send_back_only(order, "bag"))
    told = ask_where(talk, BUNDLE)
    assert {"lamp", "bag"} == set(amounts(talk)), talk
    assert Decimal("249.00") == sum(map(Decimal, amounts(talk).values()))
    assert amounts(talk)["lamp"] in told


@pytest.mark.parametrize("standing", [Standing.CONFIRMED, Standing.ASKED])
def test_beside_what_is_under_way_only_the_rest_is_prepared(begin: Begin, standing: Standing) -> None:
    """The lamp's 30.00 are confirmed: of the 249.00 for both the bag gets the other 219.00."""
    talk = begin("en")
    change(talk, BUNDLE, lambda order: send_back(three_of_a_bundle(order), "lamp"))
    ask_where(talk, BUNDLE)
    talk.confirm(standing)
    change(talk, BUNDLE, lambda order: send_back_only(order, "bag"))
    ask_where(talk, BUNDLE)
    assert {"lamp": "30.00", "bag": "219.00"} == amounts(talk), talk


@pytest.mark.parametrize("standing", [Standing.PREPARED, Standing.CONFIRMED])
def test_the_rest_of_an_order_is_prepared_while_a_part_waits(begin: Begin, standing: Standing) -> None:
    """The last two things came back after the first: all money is prepared, together what was paid."""
    talk = begin("en")
    order = change(talk, SEVERAL, lambda order: send_back(order, "lamp"))
    ask_where(talk, SEVERAL)
    talk.confirm(standing)
    for item in order.items:
        change(talk, SEVERAL, lambda order, sku=item.sku: send_back_only(order, sku))  # type: ignore[misc]
    ask_where(talk, SEVERAL)
    assert order.amount == sum(map(Decimal, amounts(talk).values())), talk
    assert (None in amounts(talk)) is (standing is Standing.PREPARED)


def test_a_whole_refund_that_waits_covers_its_parts(begin: Begin) -> None:
    """All came back and waits; asked again, it waits once."""
    talk = begin("en")
    order = order_of(talk, SEVERAL)
    change(talk, SEVERAL, lambda order: send_back(order, *(item.sku for item in order.items)))
    for _ in range(2):
        ask_where(talk, SEVERAL)
    assert {None: str(order.amount)} == amounts(talk), talk


@pytest.mark.parametrize(
    ("language", "corrected"),
    [
        ("zh-Hans", "说错了，其实少了两盒，退我两盒的钱"),
        ("zh-Hant", "說錯了，其實少了兩盒，退我兩盒的錢"),
        ("en", "Sorry, actually two boxes are missing, I want a refund for two"),
    ],
)
def test_a_corrected_count_takes_the_place_of_the_first(begin: Begin, language: str, corrected: str) -> None:
    """One box was said to be missing, it is two: both are prepared, not one, and not three."""
    talk = begin(language)
    talk.say(SHORT[language])
    talk.say("", photos=1)
    talk.say(corrected)
    if "photo" in talk.transcript[-1]:
        talk.say("", photos=1)
    assert [("biscuits", "2")] == [(one.details["sku"], one.details["quantity"]) for one in talk.prepared], talk
    assert 1 == len(talk.tickets), talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_free_comes_back_for_nothing(begin: Begin, language: str) -> None:
    """No case about a loss, however often it is asked after."""
    talk = begin(language)

    def give(order: Order) -> Order:
        order = send_back(order, "lamp")
        items = tuple(replace(one, price=Decimal(0)) if one.sku == "lamp" else one for one in order.items)
        return replace(order, items=items)

    change(talk, SEVERAL, give)
    for _ in range(2):
        ask_where(talk, SEVERAL)
    assert ([], [], []) == (talk.prepared, talk.opened, talk.added), talk


@pytest.mark.parametrize("is_paid", [False, True])
def test_after_money_for_one_the_others_are_sent_at_a_persons_word(begin: Begin, is_paid: bool) -> None:
    """One of three boxes was paid back: which is to come again, a person finds out."""
    talk = begin("en")
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "resend": Limit(5)})
    if is_paid:
        change(talk, BOXES, lambda order: give_back(order, "biscuits", "39.00", 1))
    talk.say("One box of biscuits is missing. Order {028}, phone ending {028.digits}", photos=1)
    talk.press("remedy=resend")
    assert is_paid is bool(talk.prepared), talk
    assert is_paid is not bool(talk.commands), talk


def test_a_fall_in_price_that_came_too_late_is_that(begin: Begin) -> None:
    """That a part was paid back before is no reason, and what was paid is what was paid."""
    talk = begin("en")
    change(talk, SEVERAL, lambda order: give_back(cheapen(order, {"cups": "80.00"}), "cups", "5.00", 0))
    talk.wait(days=40)
    said = talk.say(f"{FELL} {{{SEVERAL}}} {{{SEVERAL}.digits}}")
    assert "has gone back already" not in said, talk
    assert ([], []) == (talk.commands, talk.prepared), talk


def test_what_is_not_cheaper_is_compared_with_what_was_paid(begin: Begin) -> None:
    """Thirty went back; it costs as much again as it did: the whole price is named."""
    talk = begin("en")
    order = change(talk, "035", lambda order: give_back(order, "bag", "30.00", 0))
    price = order.items[0].price
    change(talk, "035", lambda order: cheapen(order, {"bag": str(price)}))
    said = talk.say(f"{FELL} {{035}} {{035.digits}}")
    assert (True, False) == (f"{price:.0f}" in said, f"{price - 30:.0f}" in said), talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_back_in_parts_did_so_by_a_day(begin: Begin, language: str) -> None:
    """The last of it did on that day, not all of it."""
    talk = begin(language)

    def end(order: Order, refunded: str) -> Order:
        return pay(give_back(order, "lamp", refunded, int(refunded != "0")), refunded=order.amount, refunded_at=NOW)

    told = []
    for refunded in ("149.00", "0"):
        change(talk, SEVERAL, lambda order, refunded=refunded: end(order, refunded))  # type: ignore[misc]
        told.append(ask_where(talk, SEVERAL))
    last = {"zh-Hans": "最后一笔", "zh-Hant": "最後一筆", "en": "the last of it"}[language]
    assert [True, False] == [last in one for one in told], talk
