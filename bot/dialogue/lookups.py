"""The shop's system does not answer: the case is taken, and taken up again once it does. Pure.

A request that had to wait comes back as an event. Whoever has the word then decides what becomes of it: the bot answers
as if it had just been asked, unless a person has answered meanwhile; either way the ticket gets the facts.
"""

from collections.abc import Callable
from typing import Any

from actions.lines import Line
from bot.dialogue.flows.cases import hand_over, ticket_params
from bot.dialogue.outcome import Moment, Outcome, line, open_ticket_for, say
from bot.dialogue.records import (
    NOT_KNOWN_WHICH,
    AddToTicket,
    CompleteTicket,
    Effect,
    Facts,
    Heard,
    LookUpLater,
    OpenTicket,
    OrderFacts,
    OrderProof,
    Say,
)
from bot.dialogue.state import State
from escalation.service import TicketView

Step = tuple[State, tuple[Effect, ...]]

# Only a matter of this tier ends without anybody having looked at it.
_ENDS_ALONE = "general"
# What desk a command that cannot be carried out belongs to.
_DESKS = {"issue_voucher": "after_sales", "return_label": "after_sales", "refund": "after_sales",
          "resend": "logistics", "delivery_instruction": "logistics"}  # fmt: skip


def wait_for_shop(moment: Moment) -> Outcome:
    """Say that the shop's system does not answer, take the case, and look it up later."""
    taken = hand_over(moment, "handoff.shop_down")
    added = next((effect.number for effect in taken.effects if isinstance(effect, AddToTicket)), None)
    slots = {name: value for name, value in moment.frame.slots.items() if name != "digits"}
    order = moment.slot("order") or NOT_KNOWN_WHICH
    later = LookUpLater(
        order, moment.frame.flow, slots, moment.slot("digits"), order in moment.state.proven, number=added
    )
    return Outcome((*taken.effects, later))


def take_up(
    before: State, begun: State, heard: Heard, facts: Facts, *, run: Callable[[State, Facts], Step] | None
) -> Step:
    """Take up a request that had to wait; `begun` is the state with its flow begun, `before` the one without it.

    `run` is None where a person has the word.
    """
    waiting = heard.command or {}
    ticket = _ticket_named(waiting["ticket"], facts)
    number = _number_of(waiting, begun if run else State())
    known = _order_of(number, facts)
    if ticket is None or not ticket.is_open:
        return before, ()
    if known.proof is OrderProof.SHOP_DOWN:
        slots, digits = waiting["slots"], heard.text or None
        again = LookUpLater(
            waiting["order_number"], waiting["flow"], slots, digits, waiting["was_proven"], number=ticket.number
        )
        return before, (again,)
    answered = waiting["order_number"] in before.proven and not waiting["was_proven"]
    if run is None or ticket.answered or answered:
        return before, (_complete(ticket, number, facts),)
    after, effects = run(begun, facts)
    back = say("lookup.back", order=number) if number else say("lookup.back_own")
    return after, (back, *_into_ticket(ticket, number, facts, effects, asks=len(after.frames) > len(before.frames)))


def _number_of(waiting: dict[str, Any], begun: State) -> str:
    """The order asked for; where that was not known, the one of the customer's own that must be meant, if any."""
    found = begun.active.slots.get("order") if begun.active else None
    return waiting["order_number"] or (found if found not in {None, "none"} else NOT_KNOWN_WHICH)


def _order_of(number: str, facts: Facts) -> OrderFacts:
    return facts.orders.get(number, OrderFacts(OrderProof.NOT_NAMED))


def tell_delay(command: dict[str, Any], facts: Facts) -> tuple[Effect, ...]:
    """Say that the shop has not carried out a command yet, and whose case it is until it has."""
    kind, order = command["kind"], command["order_number"]
    told = say("command.delayed", order=order, request=line(f"delayed.{kind}"))
    category = _DESKS.get(kind, "order")
    same = open_ticket_for(facts, category=category, order_number=order)
    open_one = _ticket_named(command.get("ticket"), facts) or same
    if open_one:
        waits = CompleteTicket(open_one.number, {"waits_for": kind, "order": order})
        return told, waits, say("ticket.status", **ticket_params(open_one))
    opening = OpenTicket(
        category=category,
        intent=f"{category}.shop_command",
        seriousness="nuisance",
        method=Line("method.shop_command"),
        summary="",
        order_number=order,
        packet={"flow": "shop_command", "facts": {"command": kind, "order": order}, "findings": ["shop_down"]},
    )
    return told, opening, say("ticket.opened", ticket=True)


def complete_delayed(command: dict[str, Any], facts: Facts) -> tuple[Effect, ...]:
    """Tell the ticket that was opened for a late command what became of it; done, nothing is left to do."""
    if not command.get("delayed"):
        return ()
    kind, order = command["kind"], command["order_number"]
    same = open_ticket_for(facts, category=_DESKS.get(kind, "order"), order_number=order)
    ticket = _ticket_named(command.get("ticket"), facts) or same
    if ticket is None:
        return ()
    came = {"command": kind, "done": command["done"], "reason": command.get("reason"), "order": order}
    alone = ticket.intent.endswith(".shop_command") and not ticket.answered and ticket.tier == _ENDS_ALONE
    return (CompleteTicket(ticket.number, came, ends=alone and command["done"]),)


def pass_on(command: dict[str, Any], facts: Facts) -> tuple[Effect, ...]:
    """Tell the person who has the word what the shop did, or that it has not yet."""
    order = command["order_number"]
    opened = [ticket for ticket in facts.tickets if ticket.is_open]
    about = next((ticket for ticket in opened if ticket.order_number == order), None) or next(iter(opened), None)
    if about is None:
        return ()
    came: dict[str, Any] = {name: command[name] for name in ("kind", "done", "reason") if name in command}
    return (CompleteTicket(about.number, {"order": order} | came),)


def _complete(
    ticket: TicketView, number: str, facts: Facts, opening: OpenTicket | None = None, *, ends: bool = False
) -> CompleteTicket:
    known = _order_of(number, facts)
    told: dict[str, Any] = {"order": number, "proof": known.proof.value} if number else {}
    if known.check is not None:
        told |= {"stage": known.check.stage.value, "findings": [finding.id for finding in known.check.findings]}
    proven = known.order.number if known.order else None
    return CompleteTicket(ticket.number, told, opening, order_number=proven, ends=ends)


def _ticket_named(number: str | None, facts: Facts) -> TicketView | None:
    return next((ticket for ticket in facts.tickets if ticket.number == number), None)


def _into_ticket(
    ticket: TicketView, number: str, facts: Facts, effects: tuple[Effect, ...], *, asks: bool
) -> tuple[Effect, ...]:
    """Let the ticket that waits take what the flow would open one for; ended where the flow has settled it all."""
    kept: list[Effect] = []
    completed = False
    for effect in effects:
        if isinstance(effect, OpenTicket) and effect.category == ticket.category and not completed:
            kept.append(_complete(ticket, number, facts, effect))
            completed = True
        else:
            kept.append(effect)
    if completed:
        return tuple(kept)
    proven = _order_of(number, facts).proof is OrderProof.PROVEN
    settled = proven and not asks and all(isinstance(effect, Say) for effect in effects)
    return (*kept, _complete(ticket, number, facts, ends=settled and ticket.tier == _ENDS_ALONE))
