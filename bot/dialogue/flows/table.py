"""The flows as a table: which intents begin one, what it needs, and the function that decides its next move."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogue.flows import after_sales as after_sales_flows
from bot.dialogue.flows import billing as billing_flows
from bot.dialogue.flows import cases, contact, goods, own_data, questions, remarks, remedies
from bot.dialogue.flows import changing as change_flow
from bot.dialogue.flows import delivery as delivery_flows
from bot.dialogue.flows import logistics as logistics_flows
from bot.dialogue.flows import orders as order_flows
from bot.dialogue.hearing import order_words, words
from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.remark_words import (
    asks_how_long_repair,
    wants_one_more,
    wants_other_carrier_next_time,
)
from bot.dialogue.hearing.told_words import told_defects
from bot.dialogue.hearing.wish_words import remedy_in, wanted_instead, wants_only_resend
from bot.dialogue.outcome import Moment, Outcome
from bot.nlu.reading import Reading


def _waits(_moment: Moment) -> Outcome | None:
    return None


def _no_slots(_text: str, _reading: Reading | None) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Flow:
    """`opening`: a first word before the order is asked for, but not to the `unmoved` intents, who lost nothing.

    `about_goods`: what is told of the goods is kept for it. `resumes`: once interrupted, it is come back to.
    `before_order`: what waits for no order; None goes on asking for it. `first_slots`: what else its first sentence
    says. `tells`: it answers with what is known, and asks for nothing but the order. `asks`: it begins with questions
    of its own. Of two requests in one sentence what only tells goes first.
    """

    name: str
    intents: tuple[str, ...]
    decide: Callable[[Moment], Outcome]
    needs_order: bool = True
    order_optional: bool = False
    opening: str | None = None
    unmoved: frozenset[str] = frozenset()
    about_goods: bool = False
    resumes: bool = True
    before_order: Callable[[Moment], Outcome | None] = _waits
    first_slots: Callable[[str, Reading | None], Mapping[str, Any]] = _no_slots
    tells: bool = False
    asks: bool = False


_WISHES = ("after_sales.return", "after_sales.exchange", "after_sales.repair_warranty")
_FAULTS = (
    "quality.functional_defect", "quality.poor_quality", "quality.damaged", "quality.fake_or_used",
    "quality.wrong_or_missing_item",
)  # fmt: skip
WARRANTY = "after_sales.warranty"
# What the classifier hears in what only asks how long, wants another courier next time, or one more; "" is unsure.
_LIKE_REPAIR = frozenset({"", "after_sales.repair_warranty", "after_sales.after_sales_service", "out_of_scope.other"})
_LIKE_DELIVERY = frozenset({
    "", "order.change", "order.dispatch_delay", "logistics.reschedule", "logistics.tracking", "logistics.urge_delivery",
    "logistics.courier_contact", "logistics.delivery_instruction", "logistics.delivery_eta",
    "logistics.delivery_coverage", "out_of_scope.other", "out_of_scope.delivery_options",
})  # fmt: skip
_LIKE_MORE = frozenset({
    "", "order.change", "order.status", "out_of_scope.presales_product", "out_of_scope.other",
    "chitchat.greeting_thanks",
})  # fmt: skip
_SENTENCE_END = re.compile(r"[。！!？?\n]|\.(?!\d)")
_OF_REMEDIES = frozenset({"after_sales", "logistics", "quality"})
# What begins with a remedy that is named in place of another; for what is to be sent again there is no intent.
_WISH_INTENTS = {
    "return": "after_sales.return",
    "exchange": "after_sales.exchange",
    "repair": "after_sales.repair_warranty",
    "resend": "after_sales.exchange",
}

FLOWS = (
    Flow("order_status", ("order.status", "order.exception", "order.dispatch_delay"), order_flows.tell_status,
         tells=True),
    Flow("cancel", ("order.cancel",), order_flows.cancel, asks=True),
    Flow("change", ("order.change",), change_flow.change, first_slots=change_flow.read_change, asks=True,
         before_order=change_flow.ask_for_more),
    Flow("payment", ("order.payment",), billing_flows.tell_payment, order_optional=True,
         before_order=billing_flows.tell_ways, tells=True),
    Flow("invoice", ("order.invoice",), billing_flows.take_invoice, first_slots=billing_flows.read_invoice, asks=True),
    Flow("price", ("order.price_protection",), billing_flows.protect_price),
    Flow("reschedule", ("logistics.reschedule",), delivery_flows.reschedule, first_slots=delivery_flows.read_when,
         asks=True),
    Flow("instruction", ("logistics.delivery_instruction",), delivery_flows.instruct,
         first_slots=delivery_flows.read_instruction, asks=True),
    Flow("courier", ("logistics.courier_contact",), delivery_flows.tell_courier, tells=True),
    Flow("behaviour", ("logistics.courier_behaviour",), delivery_flows.take_behaviour, order_optional=True,
         opening="courier.sorry"),
    Flow("refund", ("after_sales.refund",), after_sales_flows.tell_refund, order_optional=True, about_goods=True),
    Flow(
        "parcel",
        ("logistics.tracking", "logistics.delivery_eta", "logistics.not_received"),
        logistics_flows.tell_parcel,
        tells=True,
    ),
    Flow(
        "late",
        ("logistics.delivery_delay", "logistics.urge_delivery"),
        logistics_flows.settle_lateness,
        opening="late.sorry",
    ),
    Flow(
        "lost",
        ("logistics.lost_or_signed_not_received",),
        logistics_flows.take_lost_parcel,
        opening="lost.sorry",
    ),
    Flow("goods", (*_FAULTS, *_WISHES), goods.settle, opening="goods.sorry", unmoved=frozenset(_WISHES),
         order_optional=True, about_goods=True, before_order=goods.take_at_once, asks=True),
    Flow("warranty", (WARRANTY,), after_sales_flows.tell_warranty, about_goods=True),
    Flow("compensation", ("after_sales.compensation",), after_sales_flows.compensate, opening="compensation.sorry",
         order_optional=True, about_goods=True),
    Flow("installation", ("after_sales.installation",), after_sales_flows.arrange_installation,
         order_optional=True, about_goods=True, asks=True),
    Flow("addition", (), remedies.take_addition, needs_order=False, resumes=False),
    Flow("complaint", ("complaint.complaint",), cases.take_complaint, needs_order=False),
    Flow(contact.FLOW, (), contact.take_contact, needs_order=False, resumes=False),
    Flow("handoff", ("handoff.ask_human",), cases.fetch_person, needs_order=False),
    Flow("own_data", (own_data.ERASE, own_data.EXPORT), own_data.take_request, needs_order=False),
    Flow("case_status", ("case_status",), cases.tell_case_status, needs_order=False),
    Flow("case_order", ("case_order",), cases.take_order),
    Flow("after_sales_service", ("after_sales.after_sales_service",), cases.tell_status_or_take, needs_order=False),
    Flow("case", (), cases.take_case, order_optional=True),
    Flow(remarks.REPAIR_TIME, (remarks.REPAIR_TIME,), remarks.tell_repair_time, needs_order=False),
    Flow(remarks.NEXT_TIME, (remarks.NEXT_TIME,), remarks.take_next_time, needs_order=False),
    Flow(questions.COVERAGE, ("logistics.delivery_coverage",), questions.answer, needs_order=False),
)  # fmt: skip

_ELSE = Flow(questions.OUT_OF_SCOPE, (), questions.answer, needs_order=False)
_BY_INTENT = {intent: flow for flow in FLOWS for intent in flow.intents}
# Conversations begun under an older release may still be in a flow of its name.
_BY_NAME = {flow.name: flow for flow in (*FLOWS, _ELSE)} | {"goods_wish": _BY_INTENT["after_sales.return"]}


def flow_for(intent: str) -> Flow:
    """Return the flow an intent begins; what no flow takes is out of scope."""
    return _BY_INTENT.get(intent, _ELSE)


def flow_named(name: str) -> Flow:
    """Return a flow by its name; a name from an older release ends as out of scope rather than as an error."""
    return _BY_NAME.get(name, _ELSE)


def is_known(intent: str) -> bool:
    """Tell whether a flow takes an intent."""
    return intent in _BY_INTENT


def intent_by_words(text: str, reading: Reading | None) -> str | None:
    """Return what plain words begin, nearly whatever the classifier makes of the sentence; None for most."""
    plain = _plain_intent(text, reading)
    if plain:
        return plain
    of_refund = reading is not None and reading.intent == "after_sales.refund"
    of_remedies = reading is not None and (of_refund or (reading.unsure and reading.category in _OF_REMEDIES))
    instead = wanted_instead(text) if of_remedies else None
    wished = "resend" if wants_only_resend(text) else instead
    if wished and not (of_refund and wished == "return"):
        return _WISH_INTENTS[wished]
    owns = reading is not None and any(one.name == "order_number" for one in reading.entities)
    if reading and not (reading.unsure or reading.category == "after_sales" or owns):
        # Before a purchase, or of a price guarantee, it is another question.
        return None
    asks = words.names(words.WARRANTY, text) and words.names(words.ASKS_TERM, text)
    return WARRANTY if asks and reason_in(text) is None else None


def _plain_intent(text: str, reading: Reading | None) -> str | None:
    """Return what is said in so many words; what the classifier is sure of goes before the last two."""
    if words.names(words.CASE_STATUS, text):
        return "case_status"
    if words.names(words.RESTORE, text):
        return "order.cancel"
    remark = _remark_in(text, reading)
    if remark:
        return remark
    if reading and reading.unsure and words.names(words.FITTER_MISSED, text):
        return "after_sales.installation"
    if reading and (reading.unsure or reading.intent == "order.status") and words.names(order_words.IS_PAID, text):
        return "order.payment"
    return None


def _remark_in(text: str, reading: Reading | None) -> str | None:
    """Return what is asked or said beside an order, where the classifier hears something like it or is unsure.

    Where a fault is told too, in a sentence of its own, that is what it is about.
    """
    if any(not asks_how_long_repair(sentence) for sentence in _sentences_of_faults(text, reading)):
        return None
    intent = reading.intent if reading and not reading.unsure else ""
    if intent in _LIKE_REPAIR and asks_how_long_repair(text):
        return remarks.REPAIR_TIME
    elsewhere = (reading is not None and reading.also) or words.names(order_words.ASKS_WHERE, text)
    if intent in _LIKE_DELIVERY and not elsewhere and wants_other_carrier_next_time(text):
        return remarks.NEXT_TIME
    return "order.change" if intent in _LIKE_MORE and wants_one_more(text) and remedy_in(text) is None else None


def _sentences_of_faults(text: str, reading: Reading | None) -> list[str]:
    """Return the sentences in which faults are told."""
    told = told_defects(text, reading.entities) if reading else []
    found = [one for one in reading.entities if one.name == "defect" and one.value in told] if reading else []
    around = [(_SENTENCE_END.split(text[: one.start])[-1], _SENTENCE_END.split(text[one.start :])[0]) for one in found]
    return ["".join(parts) for parts in around]
