"""Money for a part of an order: asked for how many, named to the cent, prepared for a person; in three languages."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from actions.policy.limits import Limit
from actions.shop import Order, PaymentPart
from bot.dialogue.hearing.counts import count_in, read_count
from bot.dialogue.records import Standing
from bot.nlu.reading import LANGUAGES
from tests.unit.bot.talk import Talk
from tests.unit.bot.test_owed_refunds import WHERE, order_of, send_back

Begin = Callable[..., Talk]

BOXES, SEVERAL, BUNDLE = "028", "041", "047"
SHORT = {
    "zh-Hans": "买了三盒，少发了一盒，把那盒的钱退给我。订单号{028}，手机尾号{028.digits}",
    "zh-Hant": "買了三盒，少寄了一盒，把那盒的錢退給我。訂單編號{028}，手機末四碼{028.digits}",
    "en": "I bought three boxes and one is missing, I want a refund for it. Order {028}, phone ending {028.digits}",
}
BROKEN = {
    "zh-Hans": "收到的饼干碎了，快递摔的。订单号{028}，手机尾号{028.digits}",
    "zh-Hant": "收到的餅乾碎了，物流摔的。訂單編號{028}，手機末四碼{028.digits}",
    "en": "The biscuits arrived smashed by the courier. Order {028}, phone ending {028.digits}",
}


def prepared(talk: Talk) -> list[tuple[str, dict[str, str]]]:
    """What waits for a person's word."""
    return [(one.kind, one.details) for one in talk.prepared]


def change(talk: Talk, tail: str, by: Callable[[Order], Order]) -> Order:
    """Let the shop tell something else of an order."""
    order = by(order_of(talk, tail))
    talk.orders[order.number] = order
    return order


def pay(order: Order, **changes: Any) -> Order:
    """Return an order whose payment is another."""
    assert order.payment is not None
    return replace(order, payment=replace(order.payment, **changes))


def give_back(order: Order, sku: str, amount: str, quantity: int) -> Order:
    """Return an order of which so much went back for an item."""
    items = tuple(
        replace(one, refunded=Decimal(amount), refunded_quantity=quantity) if one.sku == sku else one
        for one in order.items
    )
    return pay(replace(order, items=items), refunded=Decimal(amount))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_missing_of_three_is_prepared_with_its_amount(begin: Begin, language: str) -> None:
    """How many is told already; the photo is asked for, and the money waits for one person's word."""
    talk = begin(language)
    talk.say(SHORT[language])
    talk.say("", photos=1)
    order = order_of(talk, BOXES)
    one = str(order.amount / 3)
    assert [("refund", {"sku": "biscuits", "quantity": "1", "amount": one})] == prepared(talk), talk
    assert one.removesuffix(".00") in str(talk)
    assert [("biscuits", "after_sales")] == [(case.product_key, case.category) for case in talk.tickets], talk
    assert [] == talk.commands
    assert "SW-1" in talk.say(WHERE[language])
    assert 1 == len(talk.prepared)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("answer", "count"), [("count=2", 2), ("count=3", 3)])
def test_how_many_are_broken_is_asked(begin: Begin, language: str, answer: str, count: int) -> None:
    """With a button for each; the amount is theirs."""
    talk = begin(language)
    talk.say(BROKEN[language])
    talk.press("remedy=refund")
    assert ["count=1", "count=2", "count=3"] == [one for one in talk.offered if one.startswith("count")], talk
    talk.press(answer)
    talk.say("", photos=1)
    amount = str(order_of(talk, BOXES).amount * count / 3)
    assert [("refund", {"sku": "biscuits", "quantity": str(count), "amount": amount})] == prepared(talk), talk


@pytest.mark.parametrize(
    ("text", "count"),
    [("两盒", "2"), ("2", "2"), ("two of them", "2"), ("all of them", "3"), ("全部都碎了", "3"), ("三盒都碎了", "3")],
)
def test_how_many_may_be_typed(begin: Begin, text: str, count: str) -> None:
    """In words or digits."""
    talk = begin("en" if text.isascii() else "zh-Hans")
    talk.say(BROKEN[talk.language])
    talk.press("remedy=refund")
    talk.say(text)
    talk.say("", photos=1)
    assert [count] == [one.details["quantity"] for one in talk.prepared], talk


def test_more_than_there_are_is_asked_again(begin: Begin) -> None:
    """Nobody is paid for four of three."""
    talk = begin("en")
    talk.say(BROKEN["en"])
    talk.press("remedy=refund")
    talk.say("4")
    assert "count=3" in talk.offered, talk
    assert [] == talk.prepared


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("买了三盒，少发了一盒", 1), ("三盒里碎了两盒", 2), ("买3盒有2盒碎了", 2), ("有一个坏了", 1), ("兩個沒收到", 2),
        ("one of the three is missing", 1), ("2 of them arrived broken", 2), ("missing one box", 1),
        ("不是少了2个，是少了1个", 1), ("my order of 3 mugs is missing 1", 1), ("3盒里少了1盒", 1),
        ("碎了一个角", None), ("裂了一条缝", None), ("缺一个螺丝", None), ("碎了一個角", None), ("少了一盒饼干", 1),
        ("The 3 pack arrived damaged", None), ("missing 2 weeks", None), ("one corner is cracked", None),
        ("少了一盒，还碎了两盒", None), ("missing one screw", None), ("two mugs arrived broken", 2),
        ("买了三盒只收到两盒", 1), ("I bought three boxes", None), ("杯子碎了", None), ("", None),
    ],
)  # fmt: skip
def test_a_count_is_of_what_is_wrong(text: str, count: int | None) -> None:
    """What was bought, or did come, is another number; both together tell."""
    assert count == count_in(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("一起退", None), ("都坏了", "all"), ("0", None), ("", None), ("twenty", "20"), ("3.5", None), ("一盒", "1"),
        ("3盒里少了1盒", "1"), ("I ordered 3, one is missing", "1"), ("一共3个，坏了2个", "2"), ("三盒裡的兩盒", "2"),
        ("two of the three", "2"), ("买了3盒，2盒", None), ("I bought 3 and 2 came", None), ("两个，就是2个", "2"),
        ("碎了一个角", None), ("一个角", None), ("missing 2 weeks", None), ("2 weeks ago", None), ("2天前", None),
    ],
)  # fmt: skip
def test_an_answer_is_a_count_or_none(text: str, count: str | None) -> None:
    """A word that only looks like a number is none."""
    assert count == read_count(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_shop_that_takes_no_parts_a_person_pays(begin: Begin, language: str) -> None:
    """As before: a case, and nothing prepared; nobody is asked for how many."""
    talk = begin(language)
    change(talk, BOXES, lambda order: pay(order, refunded=None))
    talk.say(BROKEN[language])
    talk.press("remedy=refund")
    assert ([], [], ["method.refund"]) == (
        talk.prepared, talk.commands, [case.method["key"] for case in talk.tickets],
    ), talk  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_it_is_within_the_limits_it_is_asked_of_the_shop_at_once(begin: Begin, language: str) -> None:
    """A shop may let the bot pay small amounts; how much goes back where is told."""
    talk = begin(language)
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "refund": Limit(1, Decimal("100.00"))})
    order = change(talk, BOXES, lambda order: pay(order, parts=split_payment(order)))
    talk.say(SHORT[language])
    told = talk.say("", photos=1)
    one = order.amount / 3
    assert [str(one)] == [command.details["amount"] for command in talk.commands], talk
    assert 2 == told.count(f"{one / 2:.2f}"), talk


def split_payment(order: Order) -> tuple[PaymentPart, ...]:
    """Half by card, half by balance."""
    return PaymentPart("card", order.amount / 2), PaymentPart("balance", order.amount / 2)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "back", [{"lamp": "149.00"}, {"lamp": "149.00", "cups": "89.00"}, {"earphones": "299.00", "cups": "89.00"}]
)
def test_parts_that_came_back_are_prepared_one_by_one(begin: Begin, language: str, back: dict[str, str]) -> None:
    """Each with its amount, on one ticket, and once however often it is asked for."""
    talk = begin(language)
    change(talk, SEVERAL, lambda order: send_back(order, *back))
    for _ in range(2):
        talk.say(f"{WHERE[language]} {{{SEVERAL}}} {{{SEVERAL}.digits}}")
    wanted = [("refund", {"sku": sku, "quantity": "1", "amount": amount}) for sku, amount in back.items()]
    assert wanted == prepared(talk), talk
    assert (1, {"SW-1"}) == (len(talk.opened), {kept.ticket for kept in talk.kept}), talk


def test_a_part_of_a_bundle_is_settled_at_the_prices_of_the_purchase(begin: Begin) -> None:
    """299.00 less the bag's 219.00: the lamp was not wanted."""
    talk = begin("en")
    change(talk, BUNDLE, lambda order: send_back(order, "lamp"))
    talk.say(f"{WHERE['en']} {{{BUNDLE}}} {{{BUNDLE}.digits}}")
    assert [("refund", {"sku": "lamp", "quantity": "1", "amount": "80.00"})] == prepared(talk), talk


def test_after_a_faulty_part_the_rest_of_a_bundle_is_what_is_left(begin: Begin) -> None:
    """121.06 went back for the faulty lamp; the bag comes back too: 177.94, and not its 219.00."""
    talk = begin("en")
    change(talk, BUNDLE, lambda order: give_back(send_back(order, "lamp", "bag"), "lamp", "121.06", 1))
    talk.say(f"{WHERE['en']} {{{BUNDLE}}} {{{BUNDLE}.digits}}")
    assert [("refund", {"amount": "177.94"})] == prepared(talk), talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_back_for_a_part_is_told(begin: Begin, language: str) -> None:
    """Asked for again, nothing is prepared."""
    talk = begin(language)
    change(talk, SEVERAL, lambda order: give_back(send_back(order, "lamp"), "lamp", "149.00", 1))
    said = talk.say(f"{WHERE[language]} {{{SEVERAL}}} {{{SEVERAL}.digits}}")
    assert "149" in said
    assert ([], []) == (talk.prepared, talk.opened), talk


def test_what_comes_back_later_is_another_matter(begin: Begin) -> None:
    """The lamp's money went back while its case is still open; the bag follows: the rest is prepared too."""
    talk = begin("en")
    change(talk, BUNDLE, lambda order: send_back(order, "lamp"))
    talk.say(f"{WHERE['en']} {{{BUNDLE}}} {{{BUNDLE}.digits}}")
    talk.confirm(Standing.DONE)
    change(talk, BUNDLE, lambda order: give_back(send_back_only(order, "bag"), "lamp", "80.00", 1))
    talk.say("And where is the money for the bag I sent back?")
    assert ("refund", {"amount": "219.00"}) == prepared(talk)[-1], talk
    assert 2 == len(talk.prepared), talk


def send_back_only(order: Order, sku: str) -> Order:
    """Return an order of which one more item came back, when the first did."""
    back_at = next(item.returned_at for item in order.items if item.returned_at)
    return replace(
        order, items=tuple(replace(one, returned_at=back_at) if one.sku == sku else one for one in order.items)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_prices_of_two_things_that_fell_wait_on_one_case(begin: Begin, language: str) -> None:
    """Above the limits both are prepared, each with its amount, and told before whose case it is."""
    talk = begin(language)
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "refund_difference": Limit(0)})
    change(talk, SEVERAL, lambda order: cheapen(order, {"lamp": "139.00", "cups": "80.00"}))
    fell = {"zh-Hans": "刚买就降价了，能退差价吗？", "zh-Hant": "剛買就降價了，可以退差價嗎？"}
    asked = fell.get(language, "It got cheaper, can I get the price difference?")
    talk.say(f"{asked} {{{SEVERAL}}} {{{SEVERAL}.digits}}")
    assert [("lamp", "10.00"), ("cups", "9.00")] == [(one["sku"], one["amount"]) for _, one in prepared(talk)], talk
    assert (1, {"SW-1"}) == (len(talk.opened), {kept.ticket for kept in talk.kept}), talk
    assert "SW-1" in talk.transcript[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_that_went_back_is_told(begin: Begin, language: str) -> None:
    """Asked for again, nothing more is asked of the shop, and nobody hears that they paid less than they did."""
    talk = begin(language)
    change(talk, "035", lambda order: give_back(order, "bag", "30.00", 0))
    fell = {"zh-Hans": "刚买就降价了，能退差价吗？", "zh-Hant": "剛買就降價了，可以退差價嗎？"}
    said = talk.say(f"{fell.get(language, 'It got cheaper, can I get the price difference?')} {{035}} {{035.digits}}")
    assert "30" in said
    assert "189" not in said
    assert ([], []) == (talk.commands, talk.opened), talk


def cheapen(order: Order, prices: dict[str, str]) -> Order:
    """Return an order of which some items cost less today."""
    items = (
        replace(one, price_now=Decimal(prices[one.sku]) if one.sku in prices else one.price) for one in order.items
    )
    return replace(order, items=tuple(items))


@pytest.mark.parametrize("language", LANGUAGES)
def test_after_a_difference_what_will_really_be_paid_is_named(begin: Begin, language: str) -> None:
    """Thirty of the cancelled order's 680.00 went back before: 650.00, each way its share."""
    talk = begin(language)
    parts = (PaymentPart("card", Decimal("500.00")), PaymentPart("balance", Decimal("180.00")))
    change(talk, "020", lambda order: pay(order, refunded=Decimal("30.00"), parts=parts))
    said = talk.say(f"{WHERE[language]} {{020}} {{020.digits}}")
    assert [("refund", {"amount": "650.00"})] == prepared(talk), talk
    assert "650" in said
    assert "680" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cancelling_names_what_will_really_come_back(begin: Begin, language: str) -> None:
    """Thirty went back before because the price fell."""
    talk = begin(language)
    order = change(talk, "005", lambda order: pay(order, refunded=Decimal("30.00")))
    left = f"{order.amount - 30:.0f}"
    cancel = {"zh-Hans": "取消订单{005} {005.digits}", "zh-Hant": "取消訂單{005} {005.digits}"}
    said = talk.say(cancel.get(language, "cancel order {005} phone ending {005.digits}"))
    assert left in said, talk
    talk.press("confirm=yes")
    assert [order.amount - 30] == [command.amount for command in talk.commands], talk


def test_money_in_place_of_a_new_box_takes_its_place(begin: Begin) -> None:
    """The resend waited for a person's word; now the money does, for the box that is missing."""
    talk = begin("en")
    talk.policy = replace(talk.policy, limits={**talk.policy.limits, "resend": Limit(0)})
    talk.say("I bought three boxes and one is missing. Order {028}, phone ending {028.digits}", photos=1)
    talk.press("remedy=resend")
    assert ["resend"] == [one.kind for one in talk.prepared], talk
    talk.say("actually just refund me the missing one")
    if "count=1" in talk.offered:
        talk.press("count=1")
    assert [("refund", "1")] == [(one.kind, one.details.get("quantity")) for one in talk.prepared], talk
    assert 1 == len(talk.tickets)


def test_what_a_person_has_confirmed_is_not_prepared_again(begin: Begin) -> None:
    """The customer asks once more while the shop is being asked."""
    talk = begin("en")
    change(talk, SEVERAL, lambda order: send_back(order, "lamp"))
    talk.say(f"{WHERE['en']} {{{SEVERAL}}} {{{SEVERAL}.digits}}")
    talk.confirm(Standing.CONFIRMED)
    talk.say(WHERE["en"])
    assert 1 == len(talk.prepared), talk
