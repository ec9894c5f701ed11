"""The flows as a table: which intents begin one, what it needs, and the function that decides its next move."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogue import cases, goods, logistics_flows, order_flows, words
from bot.dialogue.outcome import Moment, Outcome


def _no_slots(_intent: str, _text: str) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Flow:
    """`opening`: a first word before the order is asked for. `first_slots`: what the first sentence already says."""

    name: str
    intents: tuple[str, ...]
    decide: Callable[[Moment], Outcome]
    needs_order: bool = True
    order_optional: bool = False
    opening: str | None = None
    first_slots: Callable[[str, str], Mapping[str, Any]] = _no_slots


_REASONS = {
    "quality.functional_defect": "functional_defect",
    "quality.poor_quality": "poor_quality",
    "quality.damaged": "damaged_in_transit",
    "quality.fake_or_used": "fake",
}
_WISHES = {
    "after_sales.return": "return",
    "after_sales.exchange": "exchange",
    "after_sales.repair_warranty": "repair",
}


def _goods_slots(intent: str, text: str) -> Mapping[str, Any]:
    """What a first sentence about goods says: the reason by its intent, else by its words; the remedy wished for."""
    reason = _REASONS.get(intent) or words.reason_in(text)
    return {"reason": reason, "wish": _WISHES.get(intent) or words.remedy_in(text)}


FLOWS = (
    Flow("order_status", ("order.status", "order.exception", "order.dispatch_delay"), order_flows.tell_status),
    Flow("cancel", ("order.cancel",), order_flows.cancel),
    Flow("refund", ("after_sales.refund",), order_flows.tell_refund),
    Flow(
        "parcel",
        ("logistics.tracking", "logistics.delivery_eta", "logistics.not_received"),
        logistics_flows.tell_parcel,
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
    Flow("goods", (*_REASONS, "quality.wrong_or_missing_item"), goods.settle, opening="goods.sorry",
         first_slots=_goods_slots),
    Flow("goods_wish", tuple(_WISHES), goods.settle, first_slots=_goods_slots),
    Flow("complaint", ("complaint.complaint",), cases.take_complaint, needs_order=False),
    Flow("handoff", ("handoff.ask_human",), cases.fetch_person, needs_order=False),
    Flow("case_status", ("case_status",), cases.tell_case_status, needs_order=False),
    Flow("after_sales_service", ("after_sales.after_sales_service",), cases.tell_status_or_take, needs_order=False),
    Flow(
        "case",
        (
            "order.change", "order.invoice", "order.payment", "order.price_protection",
            "logistics.courier_behaviour", "logistics.courier_contact", "logistics.delivery_instruction",
            "logistics.reschedule", "after_sales.installation", "after_sales.compensation",
        ),
        cases.take_case,
        order_optional=True,
    ),
    Flow("coverage", ("logistics.delivery_coverage",), cases.offer_person, needs_order=False),
)  # fmt: skip

_ELSE = Flow("out_of_scope", (), cases.offer_person, needs_order=False)
_BY_INTENT = {intent: flow for flow in FLOWS for intent in flow.intents}
_BY_NAME = {flow.name: flow for flow in (*FLOWS, _ELSE)}


def flow_for(intent: str) -> Flow:
    """Return the flow an intent begins; what no flow takes is out of scope."""
    return _BY_INTENT.get(intent, _ELSE)


def flow_named(name: str) -> Flow:
    """Return a flow by its name; a name from an older release ends as out of scope rather than as an error."""
    return _BY_NAME.get(name, _ELSE)
