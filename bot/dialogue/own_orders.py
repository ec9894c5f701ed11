"""A signed-in customer's own orders: one that alone can be meant is not asked for. Pure."""

from dataclasses import replace

from actions.checks import check_order
from actions.shop import Order
from bot.dialogue.flows.table import flow_named
from bot.dialogue.hearing.items import order_with
from bot.dialogue.records import Facts, OrderFacts, OrderProof
from bot.dialogue.state import State


def find_own_order(state: State, facts: Facts) -> tuple[State, Facts]:
    """Return state and facts with the order that must be meant, where the flow going on needs one and names none."""
    frame = state.active
    if frame is None or not flow_named(frame.flow).needs_order or "order" in frame.slots:
        return state, facts
    others = tuple(order for order in facts.own_orders if order.number != frame.slots.get("not_order"))
    shown = replace(facts, own_orders=others)
    only = others[0] if len(others) == 1 else None
    meant = only or order_with(others, products=frame.slots.get("products") or (), said=frame.slots.get("said") or "")
    if meant is None:
        return state, shown
    found = replace(state.swap(frame.fill(order=meant.number)), order=meant.number)
    return found, replace(shown, orders={**facts.orders, meant.number: _proven(meant, facts)})


def _proven(order: Order, facts: Facts) -> OrderFacts:
    return OrderFacts(OrderProof.PROVEN, order, check_order(order, facts.now))
