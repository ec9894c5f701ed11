"""What the customer hears once the shop has carried out a command, or refused it."""

from typing import Any

from bot.dialogue.outcome import PERSON, say
from bot.dialogue.records import Effect, Facts


def tell_result(command: dict[str, Any], _facts: Facts) -> tuple[Effect, ...]:
    """Tell a command's result; `command` has kind, order_number, done, reason, details."""
    kind, order = command["kind"], command["order_number"]
    if not command["done"]:
        return (say(f"result.{kind}.refused", PERSON, order=order, reason=command.get("reason") or ""),)
    return (say(f"result.{kind}.done", order=order, **command.get("details", {})),)
