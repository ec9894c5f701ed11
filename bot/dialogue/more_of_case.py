"""What belongs to a case that is open, whatever it sounds like alone: "he swore at me" after a complaint. Pure.

Who has a case is told nothing about what the bot cannot do: what they add goes into the case, and so does what they ask
and nobody has answered yet.
"""

import re

from bot.dialogue.flows.cases import add_to_newest, is_about
from bot.dialogue.flows.questions import OUT_OF_SCOPE
from bot.dialogue.hearing import words
from bot.dialogue.hearing.few_words import LONGEST
from bot.dialogue.hearing.listening import is_grave
from bot.dialogue.hearing.order_slots import read_email, read_phone
from bot.dialogue.hearing.order_words import tells_receipt
from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.other_item import tells_of_another_matter, tells_of_other_item
from bot.dialogue.records import Effect, Facts, Heard
from bot.dialogue.state import State
from bot.dialogue.turns import Route, Turn
from bot.security.masking import mask_sensitive
from escalation.service import TicketView

_GOODS = "goods"
_OF_GOODS = frozenset({"quality", "after_sales"})
_COMPLAINT = "complaint"
_PARCELS = "logistics"
# So few words that name nothing are a cry, whatever the classifier hears in them.
_A_CRY = 12
# What a complaint is often about, and sounds like: it was late, somebody was rude.
_PART_OF_COMPLAINT = frozenset({"logistics.courier_behaviour", "logistics.delivery_delay", "logistics.urge_delivery"})
_RUDE = "logistics.courier_behaviour"
# Then it is about a parcel, whoever brings it, or money, and a matter of its own.
_NAMED = re.compile(
    r"快递|物流|包裹|配送|送货|派送|单号|\b(courier|driver|parcel|package|delivery|deliver\w*|order|shipment)\b"
)
_MONEY = re.compile(r"退|钱|到账|\b(money|refund\w*)\b")
# An invoice is to lie beside the goods, and not to be made out.
_ENCLOSED = re.compile(r"一起|附|寄|退|放|\b(enclos\w+|includ\w+|with it|send back|put)\b")
# Said once more, of the number that a case waits for.
_NO_NUMBER = re.compile(
    r"^(我|就是|真的|也|都|是|确实|那|[,，。 ])*(没有?|找不到|不记得|忘了)"
    r"(了|订单|订单号|订单编号|单号|编号|号码?|[,，。！! ])*$|"
    r"^(i|i'm|sorry|really|no|but|[,. ])*(don'?t (have|know|remember)|can'?t find|forgot|lost)"
    r"( (it|one|the|my|any|order|number))*[.! ]*$"
)
_LITTLE_ELSE = 5
_CONTACT_LINE = 80
_WHEN = re.compile(r"什么时候|多久|几天|何时|哪天|\b(when|how (long|soon|much longer))\b")


def find_case_of_words(routed: Route, state: State, heard: Heard, facts: Facts) -> str | None:
    """Tell what words are to the open case that is talked about: "more" of it, "asked" of it, "when"; else None."""
    case = next((ticket for ticket in facts.tickets if ticket.is_open), None)
    waits = state.active is not None and state.active.asking not in _OFFERS
    if case is None or waits or not is_about(case, state.topic) or _wants_something(heard):
        return None
    if (_asks_when(heard.text) and _begins_nothing(routed, facts)) or _asks_of_goods(routed, case, heard):
        return "when"
    if _begins_nothing(routed, facts) or _asks_to_choose(routed, heard):
        return "asked" if _asks(heard.text) else "more"
    more = (
        _is_found(case, heard)
        or (state.active is None and _leaves_contact(heard))
        or _is_part(routed, case, heard)
        or _is_span(heard)
        or _is_cry(routed, heard)
        or _waits_for_order(routed, state, case, heard)
    )
    return "more" if more else None


def add_words(kind: str, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """Put words into the open case, and say so."""
    told = "ticket.asked" if kind == "asked" else "ticket.added"
    return add_to_newest(facts, mask_sensitive(heard.text), heard.photos, told=told)


# Questions that may be passed over.
_OFFERS = frozenset({"addition", "mail_to"})
# Flows that "when will it come?" begins, of goods, a parcel or money.
_OF_COMING = frozenset({"order_status", "parcel", "late", "lost", "refund"})


def _wants_something(heard: Heard) -> bool:
    """Tell whether a text names an order or a remedy to be had, or is a button."""
    wishes = remedy_in(heard.text) is not None and not words.asks_after_offer(heard.text)
    return heard.choice is not None or bool(read_slot("order", heard)) or wishes


def _asks(text: str) -> bool:
    return words.is_question(text) or words.names(words.ASKS, text)


def _asks_when(text: str) -> bool:
    return _asks(text) and len(text) <= LONGEST and words.names(_WHEN, text)


def _begins_nothing(routed: Route, facts: Facts) -> bool:
    """Tell whether the classifier heard no request, and the shop has no answer."""
    frame = routed.state.active
    unknown = routed.turn is Turn.FLOW and frame is not None and frame.flow == OUT_OF_SCOPE and frame.asking is None
    return unknown and (facts.faq is None or facts.faq.answer is None)


def _asks_of_goods(routed: Route, case: TicketView, heard: Heard) -> bool:
    """Tell whether "when will it come?" is about what a case will bring: the same order, and no parcel by its name."""
    frame = routed.state.active
    coming = routed.turn is Turn.FLOW and frame is not None and frame.flow in _OF_COMING
    same = coming and frame is not None and frame.slots.get("order") == case.order_number is not None
    named = words.names(_NAMED, heard.text) or (case.category == _PARCELS and words.names(_MONEY, heard.text))
    return same and _asks_when(heard.text) and not named


def _asks_to_choose(routed: Route, heard: Heard) -> bool:
    """Tell whether a remedy is only asked about: "must the old one go back?" changes no case."""
    frame = routed.state.active
    of_goods = routed.turn is Turn.FLOW and frame is not None and frame.flow == _GOODS
    encloses = routed.turn is Turn.FLOW and frame is not None and frame.flow == "invoice"
    if encloses and words.names(_ENCLOSED, heard.text):
        return words.is_question(heard.text)
    return of_goods and words.asks_after_offer(heard.text) and reason_in(heard.text) is None


def _is_found(case: TicketView, heard: Heard) -> bool:
    """Tell whether a parcel that a case looks for has been found: whoever looks must hear of it."""
    return case.category == _PARCELS and tells_receipt(heard.text) and not _asks(heard.text)


def _leaves_contact(heard: Heard) -> bool:
    """Tell whether a text says how its writer can be reached; whoever has the case shall do so."""
    reaches = read_email(heard.text) or read_phone(heard.text)
    return (
        bool(reaches)
        and len(heard.text) <= _CONTACT_LINE
        and not words.is_question(heard.text)
        and not words.names(words.ROBOT, heard.text)
    )


def _is_span(heard: Heard) -> bool:
    """Tell whether a text is nothing but how long it has been: "two weeks!!"."""
    spans = [one for one in heard.reading.entities if one.name == "duration"] if heard.reading else []
    rest = len(heard.text.strip()) - sum(one.end - one.start for one in spans)
    return bool(spans) and rest <= _LITTLE_ELSE and not _asks(heard.text)


def _is_cry(routed: Route, heard: Heard) -> bool:
    """Tell whether a few words are taken for faulty goods though they name neither goods nor fault: "太离谱了"."""
    frame = routed.state.active
    leaning = routed.turn is Turn.FLOW and frame is not None and frame.flow == _GOODS and "leaning" in frame.slots
    names_none = reason_in(heard.text) is None and not (heard.reading and heard.reading.entities)
    return leaning and names_none and len(heard.text) <= _A_CRY and not _asks(heard.text)


def _waits_for_order(routed: Route, state: State, case: TicketView, heard: Heard) -> bool:
    """Tell whether more is told of goods whose order a person has to find: it is not asked for again."""
    frame = routed.state.active
    if case.order_number is None and state.active is None and words.names(_NO_NUMBER, heard.text):
        return True
    if case.order_number is not None or not {case.category, case.intent.partition(".")[0]} & _OF_GOODS:
        return False
    of_goods = routed.turn is Turn.FLOW and frame is not None and frame.flow == _GOODS
    if of_goods and frame is not None and is_grave(frame.slots.get("reason")):
        return False
    ended = state.ended
    if ended is not None and (tells_of_other_item(ended, heard) or tells_of_another_matter(ended, heard)):
        return False
    return of_goods


def _is_part(routed: Route, case: TicketView, heard: Heard) -> bool:
    """Tell whether a sentence only says more of what a complaint, of a courier too, is about."""
    intent = heard.reading.intent if heard.reading else ""
    of_complaint = case.category == _COMPLAINT and intent in _PART_OF_COMPLAINT
    of_courier = case.intent == _RUDE and intent in {_RUDE, "complaint.complaint"}
    fresh = routed.turn is Turn.FLOW and (of_complaint or of_courier)
    if not fresh or words.is_question(heard.text) or words.names(_NAMED, heard.text):
        return False
    return (of_complaint and intent == _RUDE) or words.names(words.GOES_ON, heard.text)
