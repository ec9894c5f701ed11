"""Money that is owed already: its refund is prepared to the cent, so that a person only has to confirm it."""

from actions import orders
from actions.policy import Decision
from actions.shop import CommandKind
from bot.dialogue.cases import add_said, tell_case
from bot.dialogue.outcome import CommandShop, Moment, say, ways_paid
from bot.dialogue.prepared import find_case_of, find_remedies
from bot.dialogue.records import Effect


def pay_back(moment: Moment, decision: Decision | None = None) -> tuple[Effect, ...]:
    """Pay back all that was paid; nothing where that is not what is owed, or in doubt: a person finds out how much.

    Where a remedy waits for a person's word already, that case only hears that it was asked for again.
    """
    waiting = find_remedies(moment.facts, moment.order.number, None)
    if waiting:
        case = find_case_of(moment.facts, waiting)
        return add_said(moment, case), tell_case(case, "ticket.already")
    command = refund_all(moment, decision)
    return (command,) if command else ()


def refund_all(moment: Moment, decision: Decision | None = None) -> CommandShop | None:
    """Return the command that pays back a whole order, each part the way it was paid; None where that is in doubt."""
    order, paid = moment.order, orders.whole_payment(moment.order)
    if paid is None:
        return None
    return CommandShop(
        CommandKind.REFUND,
        order.number,
        {"amount": str(paid.amount)},
        amount=paid.amount,
        told=say("refund.asked", amount=paid.amount, method=ways_paid(paid)),
        decision=decision.to_json() if decision else None,
        seriousness="loss",
    )
