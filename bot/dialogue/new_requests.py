"""What a sentence begins while no question is open: the flow that it asks for, or what else it is. Pure.

`plan` and `step` both come here, so there are no facts: see `routing` for what goes before, and `open_question` for a
sentence said while something is asked.
"""

import re
from collections.abc import Container
from dataclasses import replace

from bot.dialogue.beginnings import begin, put_off, take
from bot.dialogue.flows.questions import HANDOFF, names_own_goods
from bot.dialogue.flows.table import flow_for, intent_by_words
from bot.dialogue.hearing import words
from bot.dialogue.hearing.damage_words import came_damaged, is_accident, names_carrier_fault, tells_arrival
from bot.dialogue.hearing.gibberish import says_nothing
from bot.dialogue.hearing.harm_words import tells_danger
from bot.dialogue.hearing.listening import add_said, is_grave, listen
from bot.dialogue.hearing.order_words import ASKS_WHERE
from bot.dialogue.hearing.reason_words import intent_of, reason_in
from bot.dialogue.hearing.slots import orders_in, read_slot
from bot.dialogue.hearing.told_words import told_defects, turns_down_paper
from bot.dialogue.hearing.wish_words import remedy_in, wants_compensation
from bot.dialogue.memory import remember
from bot.dialogue.records import Heard
from bot.dialogue.several_goods import Matter, matters_of
from bot.dialogue.several_orders import Part, claims_in, parts_of
from bot.dialogue.several_wishes import Wish, begins_complaining, wishes_listed
from bot.dialogue.state import Frame, State
from bot.dialogue.turns import Route, Turn
from bot.nlu.normalise import normalise
from bot.nlu.reading import Reading

# What is left of a sentence that only names an order.
_WORDS = re.compile(r"[^\W\d_]{2,}")
_PROOF = frozenset({"order_number", "phone_digits"})
_PROOF_WORDS = re.compile(
    r"(我的?|这是|下单|订购|订单|单号|编号|号码|手机|电话|尾号|[后末]四[位码]|数字|好的?|哦|喔|给你?|在这|找到了?|是)|"
    r"\b(my|the|it|is|it'?s|that'?s|here|order|number|no|phone|ends?|ending|in|with|and|last|four|digits?|ok|okay|yes|"
    r"sure|sorry|so|found|sw)\b"
)
# So little beside an order's number that the number hides what it is: "20260101001 2301 取消".
_TERSE, _SOME_CHANCE = 12, 0.05
_OF_ALL_ORDERS = frozenset({"complaint", "handoff"})
NO_MATTER = frozenset({"chitchat", "out_of_scope"})
# "Something else" is what the classifier calls what it has not met.
_SURE_OF_OTHER = 0.85
_CANCEL = re.compile(r"取消|\bcancel")
_ALSO = re.compile(r"另外|还有|顺便|以及|同时|而且|再|\b(also|as well|and then|plus|besides)\b")
# Any of these flows tells where the order named is.
_WHERE_IS_IT = frozenset({"order.status", "order.dispatch_delay", "logistics.tracking", "logistics.delivery_eta",
                          "logistics.not_received"})  # fmt: skip
# "I dropped my order" asks for no order's status. Any other matter is what is wanted, whoever broke the goods.
_SOUNDS_LIKE = frozenset({"order", "out_of_scope"})
# Broken goods that came sound like their parcel too.
_SOUNDS_LIKE_PARCEL = frozenset({*_SOUNDS_LIKE, "logistics"})
_WISHES = {
    "return": "after_sales.return", "exchange": "after_sales.exchange", "repair": "after_sales.repair_warranty",
}  # fmt: skip
_REMEDIES = frozenset({*_WISHES.values(), "after_sales.refund"})
_BEHAVIOUR = "logistics.courier_behaviour"
_FAULT = "quality.functional_defect"
_COMPENSATION, _COMPLAINT = "after_sales.compensation", "complaint.complaint"


def route_new(state: State, heard: Heard) -> Route:
    """Begin what a sentence asks for, or tell what else it is."""
    if says_nothing(heard.text) and not heard.photos:
        return Route(Turn.NOTHING_SAID, state)
    if words.shows_only_feeling(heard.text) and not heard.photos:
        return Route(Turn.SMALL_TALK, state)
    if _turns_down_paper(heard):
        return Route(Turn.TURNED_DOWN, state)
    several = _route_several(state, heard)
    if several:
        return several
    if _names_only_order(heard.reading):
        wanted = _intent_of_number(state, heard.reading) or "case_order"
        begun = begin(state, wanted, text=heard.text, reading=heard.reading, photos=heard.photos)
        return Route(Turn.FLOW, begun)
    return _route_request(state, heard, heard.reading)


def _route_several(state: State, heard: Heard) -> Route | None:
    """Begin the first of several matters, of a list or of several orders; None where a message is about one."""
    wishes = wishes_listed(heard.reading, _intent_by_plain_words)
    called = any(wish.intent == HANDOFF for wish in wishes)
    if called or begins_complaining(heard.reading):
        # Who gets the case gets the whole list.
        intent = HANDOFF if called else _COMPLAINT
        return Route(Turn.FLOW, begin(state, intent, text=heard.text, reading=heard.reading, photos=heard.photos))
    if wishes:
        return Route(Turn.FLOW, _begin_wishes(state, heard, wishes), listed=len(wishes))
    parts = _parts_apart(state, heard.reading)
    return Route(Turn.FLOW, _begin_parts(state, heard, parts)) if parts else None


def _route_request(state: State, heard: Heard, reading: Reading | None) -> Route:
    plain = _intent_by_plain_words(heard.text, reading)
    if plain:
        return Route(Turn.FLOW, _begin_request(state, heard, plain))
    if heard.photos and (reading is None or reading.unsure or reading.category in NO_MATTER):
        return Route(Turn.PHOTO, state)
    if reading is None or reading.unsure or (reading.category == "out_of_scope" and _is_terse(reading, heard)):
        about = _wish_for_order(reading) or _intent_of_number(state, reading)
        if about:
            return Route(Turn.FLOW, begin(state, about, text=heard.text, reading=reading, photos=heard.photos))
        unclear = add_said(state.unclear, heard.text)
        kept = remember(_take_order(state, reading), Frame("", listen(heard.text, reading)))
        return Route(Turn.UNSURE, replace(kept, unsure=state.unsure + 1, unclear=unclear))
    if reading.category == "chitchat":
        # What is only taken for small talk may be the matter itself: the next button says of what.
        unclear = state.unclear if words.is_small_talk(heard.text) else add_said(state.unclear, heard.text)
        return Route(Turn.SMALL_TALK, replace(state, unclear=unclear))
    return Route(Turn.FLOW, _begin_request(state, heard, reading.intent))


def _intent_by_plain_words(text: str, reading: Reading | None) -> str | None:
    return intent_by_words(text, reading) or _intent_of_goods(reading, text)


def _begin_request(state: State, heard: Heard, intent: str) -> State:
    """Begin what a sentence asks for. What can be answered at once goes before what must be asked about."""
    reading = heard.reading
    matters = matters_of(reading) if flow_for(intent) is flow_for(_FAULT) else ()
    if matters:
        return _begin_matters(state, heard, matters)
    begun = begin(state, intent, text=heard.text, reading=reading, photos=heard.photos)
    others = (*_other_requests(reading, intent), *_harm_by_carrier(reading, intent, heard.text))
    if begun.active and flow_for(intent).about_goods and begun.active.slots.get("wish"):
        # What is wanted for goods is wanted once, whatever it sounds like.
        others = tuple(other for other in others if other not in _REMEDIES)
    first = next((other for other in others if flow_for(other).tells), None)
    frame = begun.active
    if first is None or frame is None or not flow_for(intent).asks or is_grave(frame.slots.get("reason")):
        return replace(begun, later=others)
    told = begin(state, first, text=heard.text, reading=reading)
    return replace(put_off(told, frame), later=tuple(other for other in others if other != first))


def _begin_matters(state: State, heard: Heard, matters: tuple[Matter, ...]) -> State:
    """Begin with the goods that are named first; the others, of the same order, are come to after them."""
    first, *others = matters
    begun = begin(state, first.intent, text=first.reading.text, reading=first.reading, photos=heard.photos)
    for matter in others:
        untold = replace(state, told={}, order=None)
        frame = begin(untold, matter.intent, text=matter.reading.text, reading=matter.reading).active
        begun = put_off(begun, frame.forget("order")) if frame else begun
    return begun


def _parts_apart(state: State, reading: Reading | None) -> tuple[Part, ...]:
    """Return what a message asks of each of its orders; a complaint, or a call for a person, is one about all.

    Where words of their own say it of none, all of them are asked about alike.
    """
    whole = reading is not None and not reading.unsure and reading.category in _OF_ALL_ORDERS
    parts = () if whole else parts_of(reading)
    if len(parts) <= 1:
        return ()
    common = next((part.intent for part in parts if part.intent), None) or _intent_of_all(state, reading)
    return tuple(replace(part, intent=part.intent or common) for part in parts) if common else ()


def _intent_of_all(state: State, reading: Reading | None) -> str | None:
    """Return what a message asks of all its orders: what is sure, else what a number alone asks for."""
    if reading is not None and not reading.unsure and flow_for(reading.intent).needs_order:
        return reading.intent
    return _intent_of_number(state, reading)


def _begin_parts(state: State, heard: Heard, parts: tuple[Part, ...]) -> State:
    """Begin with the first order; the others are come to after it, each with what was said of it alone."""
    digits = {claim.number: claim.digits for claim in claims_in(heard.reading)}
    first, *others = parts
    alone = replace(state, order=None)
    begun = begin(alone, first.intent or "", text=first.reading.text, reading=first.reading, photos=heard.photos)
    if begun.active:
        begun = begun.swap(begun.active.fill(digits=digits.get(first.order)))
    for part in others:
        untold = replace(alone, told={})
        frame = begin(untold, part.intent or "", text=part.reading.text, reading=part.reading).active
        begun = put_off(begun, frame.fill(own_order=True)) if frame else begun
    return begun


def _begin_wishes(state: State, heard: Heard, wishes: tuple[Wish, ...]) -> State:
    """Begin with the first wish of a list; each of the others is come to after it, with its own words alone.

    What a person must hear of goes before the others: whoever leaves in the middle has been heard.
    """
    wishes = tuple(sorted(wishes, key=lambda wish: not _is_pressing(wish)))
    digits = {claim.number: claim.digits for claim in claims_in(heard.reading)}
    several, first = len(orders_in(heard.reading)) > 1, wishes[0]
    claim = read_slot("order", None, heard.reading) if not several else {"order": first.order} if first.order else {}
    begun = begin(state, first.intent, text=first.reading.text, reading=first.reading, photos=heard.photos)
    if begun.active:
        proven = digits.get(claim["order"]) if "order" in claim else claim.get("digits")
        begun = take(begun, begun.active.fill(**claim | {"digits": proven}))
    for wish in wishes[1:]:
        begun = _put_off_wish(begun, state, wish, own_order=several and wish.order is not None)
    return begun


def _is_pressing(wish: Wish) -> bool:
    told = listen(wish.reading.text, wish.reading, intent=wish.intent)
    return wish.intent == _COMPLAINT or is_grave(told.get("reason"))


def _put_off_wish(begun: State, state: State, wish: Wish, *, own_order: bool = False) -> State:
    untold = replace(state, told={}, order=None)
    frame = begin(untold, wish.intent, text=wish.reading.text, reading=wish.reading).active
    own = {"own_order": True} if own_order else {}
    return put_off(begun, (frame if own else frame.forget("order")).fill(**own)) if frame else begun


def put_off_others(state: State, frame: Frame, heard: Heard) -> State:
    """Keep for later what a list asks for beside the answer in it: about no goods, and not kept already."""
    known = {frame.flow, *(one.flow for one in state.kept)}
    for wish in wishes_listed(heard.reading, _intent_by_plain_words):
        flow = flow_for(wish.intent)
        other = not flow.about_goods and flow.name not in known and wish.intent.partition(".")[0] not in NO_MATTER
        if other and wish.intent != HANDOFF and not _names_only_order(wish.reading):
            state = _put_off_wish(state, state, wish)
    return state


def _other_requests(reading: Reading | None, first: str) -> tuple[str, ...]:
    """Return what else a sentence asks for beside what it begins; where the order is, in so many words, too."""
    if reading is None:
        return ()
    found = tuple(also for also in reading.also if also not in {first, reading.intent})
    asks_where = words.names(ASKS_WHERE, reading.text) and words.names(_ALSO, reading.text)
    known = {first, reading.intent, *found} & _WHERE_IS_IT or first.partition(".")[0] != "order"
    return found if known or not asks_where else (*found, "logistics.tracking")


def _harm_by_carrier(reading: Reading | None, intent: str, text: str) -> tuple[str, ...]:
    """Goods that came to harm are a matter beside how the courier behaved."""
    named = reading is not None and any(entity.name == "product" for entity in reading.entities)
    if intent != _BEHAVIOUR or reading is None or not named:
        return ()
    harmed = reason_in(text, defects=told_defects(text, reading.entities)) == "damaged_in_transit"
    return ("quality.damaged",) if harmed and "quality.damaged" not in reading.also else ()


def _intent_of_goods(reading: Reading | None, text: str) -> str | None:
    """Goods that are wrong, where the words are plain and the classifier is unsure or heard no request in them.

    Compensation that is asked for by its name is what is wanted, whatever else is told of the goods.
    """
    if tells_danger(text) and (reading is None or reading.category != "complaint"):
        return intent_of(text, ())
    faults = told_defects(text, reading.entities) if reading else []
    # The wrong thing came: nothing is to be changed in the order.
    sent_wrong = reading is not None and reading.category == "order" and reason_in(text, defects=faults) == "wrong_item"
    if reading and (sent_wrong or reading.category in {"quality", "after_sales"}) and wants_compensation(text):
        return _COMPENSATION
    if sent_wrong and not words.is_small_talk(text):
        return intent_of(text, faults)
    # "Hi, my earphones got wet" is no greeting.
    names_goods = bool(faults) or (reading is not None and any(one.name == "product" for one in reading.entities))
    if (words.is_small_talk(text) and not names_goods) or not (_is_open(reading) or _is_plainly_broken(reading, text)):
        return None
    return intent_of(text, faults)


def _is_plainly_broken(reading: Reading | None, text: str) -> bool:
    """Tell whether a sentence says whose hand broke the goods, and was heard as something that it only sounds like."""
    overruled = reading is not None and reading.category in _SOUNDS_LIKE
    like_parcel = reading is not None and reading.category in _SOUNDS_LIKE_PARCEL
    came = like_parcel and (came_damaged(text) or _tells_fault_since(reading, text))
    return names_carrier_fault(text) or (overruled and is_accident(text)) or came


def _tells_fault_since(reading: Reading | None, text: str) -> bool:
    """Tell whether goods are named that came, and what is wrong with them by now."""
    found = reading.entities if reading else ()
    faults = {*told_defects(text, found)} - {"missing_part", "wet"}
    named = any(entity.name == "product" for entity in found)
    return bool(faults) and named and tells_arrival(text) and not words.is_question(text)


def _is_open(reading: Reading | None) -> bool:
    """Tell whether what a sentence is about is open: an account or an app that fails is no faulty goods."""
    if reading is None or reading.category == "chitchat":
        return True
    names_goods = any(entity.name == "product" for entity in reading.entities)
    vague = reading.category == "out_of_scope" and (names_goods or reading.intent == "out_of_scope.other")
    return reading.unsure or (vague and reading.confidence < _SURE_OF_OTHER)


def _names_only_order(reading: Reading | None) -> bool:
    """Tell whether a text is nothing but the number of an order, with its proof or without."""
    if reading is None or "order" not in read_slot("order", None, reading):
        return False
    rest = _leave_out(reading, _PROOF)
    return _WORDS.search(_PROOF_WORDS.sub(" ", normalise(rest).lower())) is None


def _turns_down_paper(heard: Heard) -> bool:
    """Tell whether an invoice is only said not to be wanted."""
    invoice = heard.reading is not None and heard.reading.intent == "order.invoice"
    return invoice and turns_down_paper(heard.text)


def _leave_out(reading: Reading, names: Container[str] | None = None) -> str:
    """Return a text without its entities: those of some names, or all of them."""
    rest = reading.text
    for entity in reading.entities:
        if names is None or entity.name in names:
            rest = rest.replace(reading.text[entity.start : entity.end], " ")
    return rest


def _intent_of_number(state: State, reading: Reading | None) -> str | None:
    """What an order number alone asks for: what was asked last, else where the order stands.

    Beside one it need not be asked whether "when will it come" is about the order or the delivery: the order tells.
    """
    named = read_slot("order", None, reading)
    if reading is None or "order" not in named:
        return None
    if {intent for intent, _ in reading.ranking[:2]} <= _WHERE_IS_IT:
        return reading.intent
    if words.names(ASKS_WHERE, reading.text):
        return "logistics.tracking"
    left = _PROOF_WORDS.sub(" ", normalise(_leave_out(reading)).lower()).strip()
    if _WORDS.search(left):
        terse = len(left) <= _TERSE and not _names_only_order(reading)
        return _likeliest(reading) if terse else None
    # A person has what needs no order; the number is for their case.
    asked = state.request or "order.status"
    return asked if flow_for(asked).needs_order else None


def _wish_for_order(reading: Reading | None) -> str | None:
    """Return what a remedy that is named beside an order's number asks for, or None."""
    if reading is None or "order" not in read_slot("order", None, reading):
        return None
    return _WISHES.get(remedy_in(reading.text) or "")


def _is_terse(reading: Reading, heard: Heard) -> bool:
    """Tell whether so little is said that what the classifier heard in it weighs nothing."""
    left = _PROOF_WORDS.sub(" ", normalise(_leave_out(reading)).lower()).strip()
    numbered = "order" in read_slot("order", None, reading) and len(left) <= _TERSE
    return numbered or names_own_goods(heard)


def _likeliest(reading: Reading) -> str | None:
    """Return the likeliest request of a few words beside an order's number; None where none is likely at all."""
    if words.names(_CANCEL, reading.text):
        return "order.cancel"
    matters = ((one, chance) for one, chance in reading.ranking if one.partition(".")[0] not in NO_MATTER)
    intent, chance = next(((one, chance) for one, chance in matters if flow_for(one).needs_order), ("", 0.0))
    return intent if chance >= _SOME_CHANCE else None


def _take_order(state: State, reading: Reading | None) -> State:
    """Keep an order number said in a sentence that was not understood."""
    return replace(state, order=read_slot("order", None, reading).get("order", state.order))
