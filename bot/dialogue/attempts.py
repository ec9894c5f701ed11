"""What was tried and did not settle the matter, read from what the customer is told: for whoever takes over. Pure.

Every flow tells the customer what it refused or could not do, so that nothing has to be reported twice, and no flow
can forget to.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from actions.lines import Line
from actions.policy import Decision, Explanation
from actions.shop import Order
from bot.dialogue.records import Effect, Say
from bot.dialogue.state import Attempt, State

# A conversation on Telegram may last for years; what was tried long ago helps nobody.
_KEPT = 20
_REFUSED_COMMAND = re.compile(r"result\.(?P<command>\w+)\.refused")
_FAILED_PROOFS = {"order.no_match": "no_match", "order.locked": "locked"}


def note_attempts(before: State, after: State, effects: Iterable[Effect], *, at: datetime) -> State:
    """Return the state after a turn, knowing what the turn tried; what was known before is kept whatever happened."""
    asked = before.active.asking if before.active else None
    tried = before.tried
    for effect in effects:
        for kind, details in _read(effect.line, asked) if isinstance(effect, Say) else ():
            tried = _add(tried, Attempt(kind, at.isoformat(), {"order": after.order, **details}))
    return replace(after, tried=tried[-_KEPT:], contact_asked=before.contact_asked or after.contact_asked)


def was_told(state: State, order: Order, decision: Decision) -> bool:
    """Tell whether the customer has heard this decision: of the same goods, by the same rules, with the same outcome.

    Of several items it is not known which it was about.
    """
    if len(order.items) > 1:
        return False
    heard = (one.details for one in state.tried if one.kind == "decision" and one.details.get("order") == order.number)
    return any((one["outcome"], one["rules"]) == (decision.outcome, list(decision.rules)) for one in heard)


def was_refused(state: State, order: str, command: str) -> bool:
    """Tell whether the shop said no to a command about an order."""
    refused = (one.details for one in state.tried if one.kind == "command")
    return any((one.get("command"), one.get("order")) == (command, order) for one in refused)


def _add(tried: tuple[Attempt, ...], fresh: Attempt) -> tuple[Attempt, ...]:
    """The same again is one attempt, made more often."""
    same = next((one for one in tried if (one.kind, one.details) == (fresh.kind, fresh.details)), None)
    if same is None:
        return (*tried, fresh)
    return (*(one for one in tried if one is not same), replace(fresh, times=same.times + 1))


def _read(told: Line, asked: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a sentence says was tried: (kind, details)."""
    for value in told.params.values():
        if isinstance(value, Explanation):
            yield "decision", {"request": value.request, "outcome": value.outcome, "rules": list(value.rules),
                               "clauses": list(value.clauses)}  # fmt: skip
    refused = _REFUSED_COMMAND.fullmatch(told.key)
    if refused:
        yield "command", {"command": refused["command"], "reason": _reason_of(told), "order": told.params.get("order")}
    if told.key in _FAILED_PROOFS:
        yield "proof", {"outcome": _FAILED_PROOFS[told.key]}
    if told.key == "handoff.shop_down":
        yield "shop", {}
    if told.key == "unheard" and asked:
        yield "question", {"slot": asked}


def _reason_of(told: Line) -> str | None:
    reason = told.params.get("reason")
    return reason.key.removeprefix("reason.") if isinstance(reason, Line) else None
