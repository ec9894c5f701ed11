"""How and when the parcel shall come, and the courier who brings it."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from actions import logistics, orders
from actions.days import day_of, start_of_day
from actions.shop import CommandKind
from bot.dialogue.flows.cases import open_or_add
from bot.dialogue.hearing import order_words
from bot.dialogue.hearing.order_slots import read_address, read_day
from bot.dialogue.outcome import PERSON, YES_NO, CommandShop, Moment, Outcome, ask, end, line, option, say
from bot.dialogue.records import Choice, Effect, Say
from bot.dialogue.state import Frame
from bot.nlu.reading import Reading

# So far ahead a carrier takes a day; how many days are offered as buttons.
_FARTHEST = timedelta(days=14)
_OFFERED = 3


def read_when(text: str, reading: Reading | None) -> Mapping[str, Any]:
    """Return the day and the hours that a first sentence names."""
    return {"hours": order_words.named_in(order_words.HOURS, text), **read_day(reading)}


def reschedule(moment: Moment) -> Outcome:
    """Have the parcel brought on another day, as long as it has not come."""
    told = _too_late(moment)
    if told:
        return told
    day = _read_day(moment)
    if day is None:
        return Outcome((say("deliver.ask_day", *_days(moment)),), asks="deliver_on", forgets=("deliver_on",))
    hours = moment.slot("hours")
    details = {"day": day.isoformat(), **({"hours": hours} if hours else {})}
    when: dict[str, Any] = {"day": start_of_day(day), "hours": f" {hours}" if hours else ""}
    told_so = say("deliver.day_asked", order=moment.order.number, **when)
    return end(CommandShop(CommandKind.DELIVERY_INSTRUCTION, moment.order.number, details, told=told_so))


def _read_day(moment: Moment) -> date | None:
    """Return the day meant: one that is to come. "Saturday" that a sentence left in the past is the next one."""
    said, today = moment.slot("deliver_on"), day_of(moment.facts.now)
    if said is None:
        return None
    day = date.fromisoformat(said[:10])
    if today - timedelta(days=7) <= day < today:
        day += timedelta(days=7)
    elif day < today and day.replace(year=day.year + 1) >= today:
        day = day.replace(year=day.year + 1)
    return day if today <= day <= today + _FARTHEST else None


def _days(moment: Moment) -> tuple[Choice, ...]:
    days = [day_of(moment.facts.now) + timedelta(days=ahead) for ahead in range(1, _OFFERED + 1)]
    return tuple(option("deliver_on", day.isoformat(), "choice.day", day=start_of_day(day)) for day in days)


def read_instruction(text: str, _reading: Reading | None) -> Mapping[str, Any]:
    """Return what a first sentence says of how to deliver: a known place, or another address."""
    return {
        "place": order_words.named_in(order_words.INSTRUCTIONS, text),
        "hours": order_words.named_in(order_words.HOURS, text),
        "address": read_address(text, sure=True),
    }


def instruct(moment: Moment) -> Outcome:
    """Tell the carrier where to leave the parcel or what to do first; another address is a change of the order."""
    if moment.slot("address"):
        return Outcome(onward=Frame("change", {**moment.frame.slots, "intent": "order.change", "what": "address"}))
    told = _too_late(moment)
    if told:
        return told
    place, words_of_theirs = moment.slot("place"), moment.slot("instruction")
    if place is None and words_of_theirs is None:
        places = (option("place", one, f"deliver.place.{one}") for one in order_words.INSTRUCTIONS)
        return ask("place", say("deliver.ask_place", *places))
    details = {"instruction": place or words_of_theirs}
    told_so = say("deliver.place_asked" if place else "deliver.words_asked", order=moment.order.number,
                  place=line(f"deliver.place.{place}") if place else "")  # fmt: skip
    return end(CommandShop(CommandKind.DELIVERY_INSTRUCTION, moment.order.number, details, told=told_so))


def _too_late(moment: Moment) -> Outcome | None:
    """What is said where nothing can be arranged any more."""
    if orders.is_gone(moment.order):
        return end(say("deliver.gone", order=moment.order.number))
    if orders.has_arrived(moment.order):
        return end(*_described(moment), say("deliver.arrived", PERSON))
    return None


def tell_courier(moment: Moment) -> Outcome:
    """Tell what is known of carrier and parcel; who wants more gets the logistics desk."""
    shipment = moment.order.shipment
    if shipment is None:
        return end(*_described(moment), say("courier.none_yet"))
    match moment.slot("confirm"):
        case "yes":
            return end(*_case(moment, "method.courier_contact"))
        case "no":
            return end(say("courier.fine"))
    contact: dict[str, Any] = {
        "carrier": shipment.carrier,
        "tracking": shipment.tracking_number,
        "phone": shipment.carrier_phone,
    }
    key = "courier.contact" if shipment.carrier_phone else "courier.no_phone"
    question = say("courier.ask_more", *YES_NO)
    return ask("confirm", question, say(key, **contact), *_described(moment))


def take_behaviour(moment: Moment) -> Outcome:
    """A courier behaved badly: what happened is asked once, then the logistics desk answers for it."""
    happened = moment.slot("happened")
    if happened is None and _tells_little(moment.slot("said") or ""):
        sorry = (say("courier.sorry"),) if moment.frame.asking is None else ()
        return ask("happened", say("courier.what_happened"), *sorry)
    said = "\n".join(filter(None, (moment.slot("said"), happened)))
    told = Moment(moment.state, moment.frame.fill(said=said), moment.facts)
    return end(say("courier.behaviour_sorry"), *_case(told, "method.courier_behaviour"))


def _tells_little(said: str) -> bool:
    """Tell whether a sentence names the courier but not what happened: few words, or characters in Chinese."""
    return len(_WORDS.findall(order_words.without_proof(said))) < _FEW


_FEW = 13
_WORDS = re.compile(r"[\u3400-\u9fff]|[a-z']+")


def _case(moment: Moment, method: str) -> tuple[Effect, ...]:
    return open_or_add(moment, category="logistics", intent=moment.slot("intent"), method=line(method))


def _described(moment: Moment) -> tuple[Say, ...]:
    return tuple(Say(told) for told in logistics.describe_parcel(moment.order, moment.check, moment.facts.now))
