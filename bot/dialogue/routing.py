"""What a heard thing means for the conversation: fill the asked slot, begin a flow, or something said in passing.

Pure, and without facts: `plan` and `step` both start here, so that they always speak of the same flow.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.dialogue import words
from bot.dialogue.answers import fill_asked
from bot.dialogue.beginnings import begin, begin_apart, put_off, take, without_offers
from bot.dialogue.flows import flow_for, flow_named, intent_by_words
from bot.dialogue.gibberish import says_nothing
from bot.dialogue.goods_state import told_state
from bot.dialogue.goods_words import intent_of, names_carrier_fault, wants_compensation
from bot.dialogue.listening import add_said, is_grave, listen, merge
from bot.dialogue.other_item import intent_of_other_item, tells_of_other_item
from bot.dialogue.questions import HANDOFF
from bot.dialogue.records import Heard
from bot.dialogue.slots import read_slot
from bot.dialogue.state import Frame, State
from bot.nlu.normalise import normalise
from bot.nlu.reading import Reading


class Turn(StrEnum):
    """What this turn is about."""

    FLOW = "flow"
    UNHEARD = "unheard"  # the asked slot was not in the answer: ask again
    STALE_CHOICE = "stale_choice"
    START_OVER = "start_over"
    SMALL_TALK = "small_talk"
    WELCOME = "welcome"
    HOLD_ON = "hold_on"
    DECLINED = "declined"
    UNREADABLE = "unreadable"  # a voice message, say
    NOTHING_SAID = "nothing_said"  # a text without a word
    ASKED_AFTER = "asked_after"  # a question about what is offered, and no choice of it
    UNSURE = "unsure"
    PHOTO = "photo"
    COMMAND = "command"
    FAQ = "faq"  # a button under an answer of the FAQ, or under its suggestions
    ANSWERED = "answered"  # the FAQ has an answer, whatever else might be asked
    DELAY = "delay"  # a command that the shop has not answered for a while
    KEPT = "kept"  # another matter, told in between: it is come to after this one
    LOOKUP = "lookup"  # the shop answers again: a request that had to wait is taken up


@dataclass(frozen=True)
class Route:
    """The conversation's state with what was heard taken in, and what the turn is about.

    `corrects`: the customer meant something else than was understood. `notes`: more was told, not what was asked.
    `apart`: it is a matter of its own, told in between. `chosen`: the FAQ's button that was pressed or named. `before`:
    the intent whose flow the FAQ's answer goes before.
    """

    turn: Turn
    state: State
    interrupted: bool = False
    corrects: bool = False
    chosen: str | None = None
    notes: bool = False
    apart: bool = False
    before: str | None = None


# What a channel's own "start" button stands for.
GREET = "greet"
# What is left of a sentence that only names an order.
_WORDS = re.compile(r"[^\W\d_]{2,}")
_PROOF = frozenset({"order_number", "phone_digits"})
_PROOF_WORDS = re.compile(
    r"(我的?|这是|下单|订购|订单|单号|编号|号码|手机|电话|尾号|[后末]四[位码]|数字)|"
    r"\b(my|the|it|is|it'?s|here|order|number|no|phone|ends?|ending|in|with|and|last|four|digits?)\b"
)
# Words of these kinds beside a photo are its caption.
_NOTHING_OF_ITS_OWN = frozenset({"chitchat.greeting_thanks", "out_of_scope.other"})
_NO_MATTER = frozenset({"chitchat", "out_of_scope"})
# Categories that are never part of an answer about goods.
OTHER_MATTERS = frozenset({"order", "logistics", "complaint", "handoff"})
# "Something else" is what the classifier calls what it has not met.
_SURE_OF_OTHER = 0.85
# So short a sentence is rather an answer than a request of its own.
_SHORT = 30
# What was told holds for another order too; which item it is, or how it looks, does not.
_WHATEVER_ORDER = frozenset({"intent", "said", "reason", "wish", "defects", "since"})
# Any of these flows tells where the order named is.
_WHERE_IS_IT = frozenset({"order.status", "order.dispatch_delay", "logistics.tracking", "logistics.delivery_eta",
                          "logistics.not_received"})  # fmt: skip
COMPLAINT = "complaint.complaint"
COMPENSATION = "after_sales.compensation"


def route(state: State, heard: Heard) -> Route:
    """Take in what was heard."""
    if heard.kind == "command":
        return Route(Turn.COMMAND, state)
    if heard.kind == "delay":
        return Route(Turn.DELAY, state)
    if heard.kind == "lookup":
        return Route(Turn.LOOKUP, _take_up(state, heard))
    if heard.kind == "unreadable":
        return Route(Turn.UNREADABLE, state)
    if heard.choice is not None:
        return _route_choice(state, heard.choice)
    return _route_text(state, heard)


def _take_up(state: State, heard: Heard) -> State:
    """Begin the flow that had to wait, above what is going on now; the text of a look-up is the proof given then."""
    waiting = heard.command or {}
    frame = Frame(waiting["flow"], dict(waiting["slots"])).fill(digits=heard.text or None)
    return take(state.push(frame), frame)


def _route_choice(state: State, value: str) -> Route:
    if value == GREET:
        return Route(Turn.WELCOME, State(proven=state.proven))
    if value.startswith("faq:"):
        return Route(Turn.FAQ, state, chosen=value)
    if value.startswith("start:"):
        intent = value.removeprefix("start:")
        # Who gets the case need not ask again what it was about.
        asked = state.question if intent == HANDOFF else None
        return Route(Turn.FLOW, begin(state, intent, text=state.unclear or asked or ""))
    slot, _, answer = value.partition("=")
    frame = state.active
    if frame is None or frame.asking != slot:
        return Route(Turn.STALE_CHOICE, state)
    return Route(Turn.FLOW, take(state, frame.fill(**{slot: answer})))


def _route_text(state: State, heard: Heard) -> Route:
    frame = state.active
    if heard.photos and not heard.text.strip():
        return Route(Turn.PHOTO, state)
    if words.names(words.START_OVER, heard.text):
        return Route(Turn.START_OVER, State(proven=state.proven))
    at_once = None if _has_no_number(frame, heard) or _leaves_address(frame, heard) else _at_once(heard)
    if at_once:
        return Route(Turn.FLOW, begin(state, at_once, text=heard.text, photos=heard.photos))
    if words.names(words.OTHER_ORDER, heard.text) and (frame or state.request):
        return Route(Turn.FLOW, _turn_to_other_order(without_offers(state), heard))
    return _route_words(state, frame, heard)


def _route_words(state: State, frame: Frame | None, heard: Heard) -> Route:
    """A place in the list offered, an answer, or something new; a correction says so."""
    chosen = words.offered_by(heard.text, state.offered)
    if chosen:
        return _route_choice(state, chosen)
    if frame and frame.asking:
        return _route_answer(state, frame, heard)
    if _goes_on_about_state(state, heard):
        return Route(Turn.FLOW, _decide_again(state, heard))
    fresh = _route_new(state, heard)
    return replace(fresh, corrects=_corrects_afterwards(heard))


def _goes_on_about_state(state: State, heard: Heard) -> bool:
    """Tell whether a bare word on the goods' state follows what was decided by it: it is about that, no report."""
    last = state.tried[-1] if state.tried else None
    decided = last is not None and last.kind == "decision" and last.details.get("outcome") in {"refuse", "human"}
    unwanted = state.ended is not None and state.ended.slots.get("reason") == "no_reason"
    return decided and unwanted and state.active is None and told_state(heard.text) is not None


def _decide_again(state: State, heard: Heard) -> State:
    """Decide once more what has ended, with what is told of the goods by now."""
    ended = state.ended or Frame("")
    return state.push(merge(Frame(ended.flow, ended.slots), {"intact": told_state(heard.text)}, heard, corrects=False))


def _corrects_afterwards(heard: Heard) -> bool:
    """Tell whether a sentence corrects what a case was opened with, rather than telling of something new."""
    if words.corrected(heard.text) is None or len(heard.text) > _SHORT or read_slot("order", heard):
        return False
    return not _asks_for_more(heard) and not is_grave(listen(heard.text, heard.reading).get("reason"))


def _has_no_number(frame: Frame | None, heard: Heard) -> bool:
    """Tell whether the order's number was asked for and cannot be given: that is an answer, not a call for a person."""
    asked = frame is not None and frame.asking == "order" and flow_named(frame.flow).order_optional
    return asked and words.names(words.SKIP, heard.text) and not read_slot("order", heard)


def _leaves_address(frame: Frame | None, heard: Heard) -> bool:
    """Tell whether this is the mail address that was asked for, whatever the words around it sound like."""
    return frame is not None and frame.asking == "mail_to" and bool(read_slot("mail_to", heard))


def _at_once(heard: Heard) -> str | None:
    """What waits for no question: somebody was hurt; somebody wants a person."""
    if words.is_hurt(heard.text):
        return COMPLAINT
    reading = heard.reading
    asks = reading is not None and reading.intent == HANDOFF and not reading.unsure
    return HANDOFF if asks or words.names(words.PERSON_PLEASE, heard.text) else None


def _route_answer(state: State, frame: Frame, heard: Heard) -> Route:
    """What was asked, told, corrected; else another request in between, or nothing that helps."""
    if tells_of_other_item(frame, heard):
        return _route_other_item(state, frame, heard)
    flow = flow_named(frame.flow)
    if frame.asking == "remedy" and words.names(words.ASKS_AFTER_OFFER, heard.text):
        return Route(Turn.ASKED_AFTER, state)
    filled = fill_asked(state, frame, heard)
    meant = words.corrected(heard.text)
    hears = flow.about_goods and frame.asking != "day"
    facts = listen(meant or heard.text, heard.reading) if hears else {}
    if filled or (meant and flow.about_goods and not _asks_for_more(heard)):
        told = merge(frame, facts, heard, corrects=meant is not None)
        return Route(Turn.FLOW, take(state, told.fill(**filled)), corrects=meant is not None and flow.resumes)
    if not flow.resumes:
        return _route_new(state.pop(), heard)
    return _route_between(state, frame, heard, facts)


def _route_other_item(state: State, frame: Frame, heard: Heard) -> Route:
    """Other goods: taken up now where no more than an addition is waited for, else after what is going on."""
    begun = begin_apart(state, intent_of_other_item(heard), heard)
    if begun.active is None or not flow_named(frame.flow).resumes:
        return Route(Turn.FLOW, begun, apart=True)
    return Route(Turn.KEPT, put_off(state, begun.active))


def _route_between(state: State, frame: Frame, heard: Heard, facts: Mapping[str, Any]) -> Route:
    """What was not the answer: another request, more of what the flow is about, small talk, or nothing that helps."""
    if words.declines(heard.text) and flow_named(frame.flow).about_goods:
        return Route(Turn.DECLINED, replace(state.pop(), later=(), kept=()))
    fresh = _route_new(state, heard)
    if facts and (fresh.turn is not Turn.FLOW or _goes_on(frame, fresh.state.active, facts, heard)):
        return Route(Turn.FLOW, take(state, merge(frame, facts, heard, corrects=False)), notes=True)
    return _route_aside(state, frame, heard, fresh)


def _route_aside(state: State, frame: Frame, heard: Heard, fresh: Route) -> Route:
    """Nothing that the flow can use: "what now?", another request, "one moment", small talk, or not understood."""
    request = fresh.state.active if fresh.turn is Turn.FLOW else None
    other = request is not None and flow_named(request.flow) is not flow_named(frame.flow)
    vague = request is None or request.slots["intent"].partition(".")[0] in _NO_MATTER
    # "I forgot my password, what now?" is a question of its own.
    bare = request is None or request.slots["intent"] in _NOTHING_OF_ITS_OWN
    if bare and words.names(words.WHAT_NOW, heard.text):
        return Route(Turn.FLOW, state)
    if vague and words.names(words.HOLD_ON, heard.text):
        return Route(Turn.HOLD_ON, state)
    if other:
        return replace(fresh, interrupted=True)
    if fresh.turn is Turn.SMALL_TALK and words.is_small_talk(heard.text):
        return Route(Turn.SMALL_TALK, state)
    return Route(Turn.UNHEARD, state)


def _asks_for_more(heard: Heard) -> bool:
    """Tell whether a correction is a request of its own ("no, I want to complain")."""
    reading = heard.reading
    return reading is not None and not reading.unsure and reading.category in OTHER_MATTERS


def _goes_on(frame: Frame, fresh: Frame | None, facts: Mapping[str, Any], heard: Heard) -> bool:
    """Tell whether a sentence taken for a new request only tells more of the one going on."""
    if fresh is None or flow_named(fresh.flow) is flow_named(frame.flow):
        return True
    intent = fresh.slots["intent"]
    if intent.partition(".")[0] in {"quality", "out_of_scope"}:
        return True
    # "a few days ago", "my money back": said in answer, they ask for no tracking and no status.
    tells = "since" in facts or ("wish" in facts and intent == "after_sales.refund")
    return tells and len(heard.text) <= _SHORT and not words.names(words.QUESTION, heard.text)


def begin_status(state: State, heard: Heard) -> State:
    """Begin telling how the customer's cases stand."""
    return begin(state, "case_status", text=heard.text)


def _route_new(state: State, heard: Heard) -> Route:
    if says_nothing(heard.text) and not heard.photos:
        return Route(Turn.NOTHING_SAID, state)
    if _names_only_order(heard.reading):
        wanted = _intent_of_number(state, heard.reading) or "case_order"
        begun = begin(state, wanted, text=heard.text, reading=heard.reading, photos=heard.photos)
        return Route(Turn.FLOW, begun)
    return _route_request(state, heard, heard.reading)


def _route_request(state: State, heard: Heard, reading: Reading | None) -> Route:
    plain = intent_by_words(heard.text, reading) or _intent_of_goods(reading, heard.text)
    if plain:
        return Route(Turn.FLOW, _begin_request(state, heard, plain))
    if heard.photos and (reading is None or reading.unsure or reading.category in _NO_MATTER):
        return Route(Turn.PHOTO, state)
    if reading is None or reading.unsure:
        about = _intent_of_number(state, reading)
        if about:
            return Route(Turn.FLOW, begin(state, about, text=heard.text, reading=reading, photos=heard.photos))
        unclear = add_said(state.unclear, heard.text)
        return Route(Turn.UNSURE, replace(_take_order(state, reading), unsure=state.unsure + 1, unclear=unclear))
    if reading.category == "chitchat":
        # What is only taken for small talk may be the matter itself: the next button says of what.
        unclear = state.unclear if words.is_small_talk(heard.text) else add_said(state.unclear, heard.text)
        return Route(Turn.SMALL_TALK, replace(state, unclear=unclear))
    return Route(Turn.FLOW, _begin_request(state, heard, reading.intent))


def _begin_request(state: State, heard: Heard, intent: str) -> State:
    """Begin what a sentence asks for. What can be answered at once goes before what must be asked about."""
    reading = heard.reading
    begun = begin(state, intent, text=heard.text, reading=reading, photos=heard.photos)
    others = _other_requests(reading, intent)
    first = next((other for other in others if flow_for(other).tells), None)
    frame = begun.active
    if first is None or frame is None or not flow_for(intent).asks or is_grave(frame.slots.get("reason")):
        return replace(begun, later=others)
    told = begin(state, first, text=heard.text, reading=reading)
    return replace(put_off(told, frame), later=tuple(other for other in others if other != first))


def _other_requests(reading: Reading | None, first: str) -> tuple[str, ...]:
    """Return what else a sentence asks for beside what it begins."""
    return tuple(also for also in reading.also if also not in {first, reading.intent}) if reading else ()


def _intent_of_goods(reading: Reading | None, text: str) -> str | None:
    """Goods that are wrong, where the words are plain and the classifier is unsure or heard no request in them.

    Compensation that is asked for by its name is what is wanted, whatever else is told of the goods.
    """
    if reading and reading.category in {"quality", "after_sales"} and wants_compensation(text):
        return COMPENSATION
    if words.is_small_talk(text) or not (_is_open(reading) or names_carrier_fault(text)):
        return None
    defects = [entity.value for entity in reading.entities if entity.name == "defect"] if reading else []
    return intent_of(text, defects)


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
    if _WORDS.search(_leave_out(reading)):
        return None
    # A person has what needs no order; the number is for their case.
    asked = state.request or "order.status"
    return asked if flow_for(asked).needs_order else None


def _take_order(state: State, reading: Reading | None) -> State:
    """Keep an order number said in a sentence that was not understood."""
    return replace(state, order=read_slot("order", None, reading).get("order", state.order))


def _turn_to_other_order(state: State, heard: Heard) -> State:
    """The same for another order; once a flow has ended, for what was asked last ("and the other one?")."""
    frame, reading, elsewhere = state.active, heard.reading, replace(state, order=None)
    if frame is None:
        begun = begin(elsewhere, state.request or "", text=heard.text, reading=reading)
        return begun.swap(begun.frames[-1].fill(not_order=state.order))
    kept = {name: value for name, value in frame.slots.items() if name in _WHATEVER_ORDER}
    turned = Frame(frame.flow, kept).fill(not_order=frame.slots.get("order"), **read_slot("order", None, reading))
    return take(elsewhere, turned)
