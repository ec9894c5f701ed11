"""What the customer hears once the shop has carried out a command, or refused it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from bot.dialogue.outcome import PERSON, line, say
from bot.dialogue.records import Effect, Facts

REASONS = {
    "already_cancelled", "already_delivered", "already_dispatched", "already_invoiced", "already_refunded",
    "already_resent", "no_difference", "not_available", "not_dispatched", "not_paid", "nothing_to_change",
    "too_much", "unknown_command", "unknown_order",
}  # fmt: skip


def tell_result(command: dict[str, Any], _facts: Facts) -> tuple[Effect, ...]:
    """Tell a command's result; `command` has kind, order_number, done, reason, details."""
    kind, order = command["kind"], command["order_number"]
    if not command["done"]:
        reason = (
            line(f"reason.{command['reason']}") if command.get("reason") in REASONS else line("reason.unknown_command")
        )
        return (say(f"result.{kind}.refused", PERSON, order=order, reason=reason),)
    return (say(f"result.{kind}.done", **{"order": order, **_told(command.get("details", {}))}),)


def _told(details: dict[str, str]) -> dict[str, Any]:
    """Return the shop's details as the sentences name them: an amount is money."""
    try:
        amount = Decimal(details.get("amount", "0"))
    except InvalidOperation:
        return details
    return details | ({"amount": amount} if amount.is_finite() else {})
