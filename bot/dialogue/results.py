"""What the customer hears once the shop has carried out a command, or refused it."""

from typing import Any

from bot.dialogue.outcome import PERSON, line, say
from bot.dialogue.records import Effect, Facts

_REASONS = {"already_dispatched", "already_cancelled", "unknown_order", "not_dispatched", "unknown_command"}


def tell_result(command: dict[str, Any], _facts: Facts) -> tuple[Effect, ...]:
    """Tell a command's result; `command` has kind, order_number, done, reason, details."""
    kind, order = command["kind"], command["order_number"]
    if not command["done"]:
        reason = (
            line(f"reason.{command['reason']}") if command.get("reason") in _REASONS else line("reason.unknown_command")
        )
        return (say(f"result.{kind}.refused", PERSON, order=order, reason=reason),)
    return (say(f"result.{kind}.done", **{"order": order, **command.get("details", {})}),)
