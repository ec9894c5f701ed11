"""What the customer hears once the shop has carried out a command, or refused it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from actions.shop import CommandKind
from bot.dialogue.flows.prepared import stands
from bot.dialogue.outcome import PERSON, line, say
from bot.dialogue.records import CompleteTicket, Effect, Facts, WithdrawPrepared
from escalation.service import TicketView

REASONS = {
    "already_cancelled", "already_delivered", "already_dispatched", "already_invoiced", "already_refunded",
    "already_resent", "no_difference", "not_available", "not_dispatched", "not_paid", "nothing_to_change",
    "too_much", "unknown_command", "unknown_order",
}  # fmt: skip

# Cases about how an order goes on, and whether: nothing is left to do in them once it does not. Facts that disagree are
# not among them: somebody sees to it that all the money has gone back.
_OF_GOING_ON = frozenset({"order.cancel", "order.change", "order.dispatch_delay"})


def tell_result(command: dict[str, Any], _facts: Facts) -> tuple[Effect, ...]:
    """Tell a command's result; `command` has kind, order_number, done, reason, details."""
    kind, order = command["kind"], command["order_number"]
    if not command["done"]:
        reason = (
            line(f"reason.{command['reason']}") if command.get("reason") in REASONS else line("reason.unknown_command")
        )
        return (say(f"result.{kind}.refused", PERSON, order=order, reason=reason),)
    return (say(f"result.{kind}.done", **{"order": order, **_told(command.get("details", {}))}),)


def settle_cancelled(command: dict[str, Any], facts: Facts) -> tuple[Effect, ...]:
    """Tell the order desk's cases about an order that was cancelled; those that only waited for it to go on end.

    What a person has answered, or decided, they see to themselves.
    """
    if not command["done"] or command["kind"] != CommandKind.CANCEL_ORDER or command.get("delayed"):
        return ()
    order = command["order_number"]
    cases = [one for one in facts.tickets if one.is_open and one.category == "order" and one.order_number == order]
    told = {"command": CommandKind.CANCEL_ORDER, "done": True, "order": order}
    return tuple(effect for case in cases for effect in _settle_case(case, told, facts))


def _settle_case(case: TicketView, told: dict[str, Any], facts: Facts) -> tuple[Effect, ...]:
    waiting = [one for one in facts.prepared if one.ticket == case.number]
    free = case.intent in _OF_GOING_ON and case.tier == "general" and not case.answered
    ends = free and not any(map(stands, waiting))
    taken_back = (WithdrawPrepared(case.number, (CommandKind.CHANGE_ORDER,)),) if waiting else ()
    return (*taken_back, CompleteTicket(case.number, told, ends=ends))


def _told(details: dict[str, str]) -> dict[str, Any]:
    """Return the shop's details as the sentences name them: an amount is money."""
    try:
        amount = Decimal(details.get("amount", "0"))
    except InvalidOperation:
        return details
    return details | ({"amount": amount} if amount.is_finite() else {})
