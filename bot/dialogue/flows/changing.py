"""Changing an order: address, phone, recipient while it has not left; size or colour by whoever knows the stock."""

from collections.abc import Mapping
from typing import Any

from actions import orders
from actions.lines import Line
from actions.shop import CommandKind
from bot.dialogue.flows.cases import open_or_add
from bot.dialogue.flows.settling import prepare
from bot.dialogue.hearing import order_words, words
from bot.dialogue.hearing.listening import listen
from bot.dialogue.hearing.order_slots import read_address, read_phone, read_what
from bot.dialogue.hearing.remark_words import wants_one_more
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.outcome import PERSON, YES_NO, CommandShop, Moment, Outcome, ask, end, line, option, say, start
from bot.dialogue.records import OrderProof
from bot.dialogue.state import Frame
from bot.nlu.reading import Reading
from bot.security.masking import mask_name, mask_sensitive

# What may change, and the slot that holds the new value.
_SLOTS = {"address": "address", "phone": "phone", "recipient": "recipient", "items": "note"}
_DELIVERY = ("address", "phone", "recipient")
_WAYS_BACK = (start("after_sales.exchange", "choice.exchange"), start("after_sales.return", "choice.return"), PERSON)


def read_change(text: str, _reading: Reading | None) -> Mapping[str, Any]:
    """Return what a first sentence says of the change: what, and the new value if it is there."""
    if wants_one_more(text):
        return {"what": "items", "note": mask_sensitive(text), "more": True}
    values = {"address": read_address(text, sure=True), "phone": _read_new_phone(text), "recipient": _read_name(text)}
    known = {name: value for name, value in values.items() if value}
    what = next(iter(known), None) or read_what(text, phone=order_words.NEW_PHONE)
    return {"what": what, **known}


def _read_new_phone(text: str) -> str | None:
    """A whole number beside talk of a phone that changes; four digits alone are the proof of the order."""
    changes = words.names(order_words.NEW_PHONE, order_words.without_proof(text))
    return read_phone(text) if changes else None


def _read_name(text: str) -> str | None:
    behind = order_words.NAME_BEHIND.search(text)
    if behind:
        return behind["name"]
    found = order_words.NEW_RECIPIENT.search(text)
    return (found["name"] or found["english"]).strip() if found else None


def change(moment: Moment) -> Outcome:
    """Change what may still change; after dispatch the carrier is asked, and goods go back instead."""
    order, what = moment.order, moment.slot("what")
    if orders.is_gone(order) or (moment.slot("more") and not orders.may_change(order)):
        return end(say("change.more_sent" if moment.slot("more") else "change.gone", order=order.number))
    if orders.has_arrived(order):
        return _exchange_instead(moment) or end(say("change.arrived", *_WAYS_BACK, order=order.number))
    if what is None:
        return ask("what", say("change.ask_what", *(option("what", one, f"change.what.{one}") for one in _SLOTS)))
    is_sent = not orders.may_change(order)
    if is_sent and what == "items":
        return end(say("change.items_sent", *_WAYS_BACK, order=order.number))
    if moment.slot(_SLOTS[what]) is None:
        return ask(_SLOTS[what], say(f"change.ask_{what}"))
    return _redirect(moment) if is_sent else _change_items(moment) if what == "items" else _change_unsent(moment)


def ask_for_more(moment: Moment) -> Outcome | None:
    """Who would buy more can just order it; to an order that has not left it may be added, once it is known which."""
    unknown = moment.order_facts.proof is OrderProof.NOT_NAMED and not moment.facts.own_orders
    return ask("order", say("change.more_which")) if moment.slot("more") and unknown else None


def _exchange_instead(moment: Moment) -> Outcome | None:
    """Go on with the exchange that another size or colour of what has come is by now; None where it is neither."""
    said = moment.slot("said") or ""
    wanted = moment.slot("what") == "items" or remedy_in(said) == "exchange"
    if not wanted or any(moment.slot(name) for name in _DELIVERY):
        return None
    slots = {**moment.frame.slots, **listen(said, None), "intent": "after_sales.exchange", "wish": "exchange"}
    return Outcome((say("change.arrived_other", order=moment.order.number),), onward=Frame("goods", slots))


def _change_items(moment: Moment) -> Outcome:
    """Whether there is the other size, and at which price, a person knows: prepared for them to confirm."""
    command = CommandShop(CommandKind.CHANGE_ORDER, moment.order.number, {"note": moment.slot("note")})
    return end(say("change.items_kept"), *prepare(moment, command))


def _change_unsent(moment: Moment) -> Outcome:
    order = moment.order
    details = {name: moment.slot(name) for name in _DELIVERY if moment.slot(name)}
    match moment.slot("confirm"):
        case "yes":
            told = say("change.asked", order=order.number)
            return end(CommandShop(CommandKind.CHANGE_ORDER, order.number, details, told=told))
        case "no":
            return end(say("change.kept", order=order.number))
    changes = [_show(name, value) for name, value in details.items()]
    return ask("confirm", say("change.confirm", *YES_NO, order=order.number, changes=changes))


def _redirect(moment: Moment) -> Outcome:
    """On its way: only the carrier can turn it, so the logistics desk asks them, with the new value at hand."""
    case = open_or_add(moment, category="logistics", intent=moment.slot("intent"), method=line("method.redirect"))
    return end(say("change.on_the_way", order=moment.order.number), *case)


def _show(name: str, value: str) -> Line:
    """Say a new value back so that a mistake shows, without spelling it out in the transcript."""
    return line(f"change.new_{name}", value=mask_name(value) if name == "recipient" else mask_sensitive(value))
