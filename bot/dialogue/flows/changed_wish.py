"""What a customer would rather have while a case about the same goods is open: that case is changed, none is added.

Whoever has it may have begun what was wanted first. So nothing is carried out past them: policy says what is open, and
a person confirms it.
"""

from actions import orders
from actions.policy import Decision
from actions.shop import CommandKind, OrderItem
from bot.dialogue.attempts import was_told
from bot.dialogue.flows.cases import add_said, change_case, is_handled_so, tell_wish
from bot.dialogue.flows.prepared import find_remedies
from bot.dialogue.hearing import order_words
from bot.dialogue.outcome import CommandShop, Moment, line, say
from bot.dialogue.records import ChangedWish, Effect
from bot.dialogue.state import Frame
from escalation.service import TicketView

_ABOUT_GOODS = frozenset({"after_sales.return", "after_sales.exchange", "after_sales.repair_warranty",
                          "after_sales.refund"})  # fmt: skip
# How a case about a parcel that never came is handled.
_ABOUT_LOSS = frozenset({"method.lost", "method.proof", "method.refund", "method.carrier"})
_FOR_LOSS = frozenset({CommandKind.REFUND, CommandKind.RESEND})
_INSTEAD_OF_PARCEL = {"return": "refund", "refund": "refund", "exchange": "resend", "resend": "resend"}


def find_case(moment: Moment, item: OrderItem) -> TicketView | None:
    """Return the open case about an item that a wish may change, or None; a wish must have been told."""
    if wish_of(moment) is None:
        return None
    return next((ticket for ticket in _open_cases(moment) if _is_about(ticket, item)), None)


def find_harm(moment: Moment) -> TicketView | None:
    """Return the open complaint of somebody whom an order's goods have hurt: who wants them back need not say why."""
    if wish_of(moment) is None:
        return None
    return next((one for one in _open_cases(moment) if one.category == "complaint" and one.tier == "critical"), None)


def wish_of(moment: Moment) -> str | None:
    """Return what the customer wants: chosen, or said."""
    wish: str | None = moment.slot("remedy") or moment.slot("wish")
    return wish


def _open_cases(moment: Moment) -> list[TicketView]:
    number = moment.slot("order")
    return [ticket for ticket in moment.facts.tickets if ticket.is_open and ticket.order_number == number]


def _is_about(ticket: TicketView, item: OrderItem) -> bool:
    about_goods = ticket.intent in _ABOUT_GOODS or ticket.intent.startswith("quality.")
    return about_goods and ticket.product_key in {item.sku, None}


def change_wish(
    moment: Moment, case: TicketView, item: OrderItem, decision: Decision, command: CommandShop | None
) -> tuple[Effect, ...]:
    """Put a wish into a case as the policy decides it; `command` is what a person would have to confirm for it."""
    remedy = wish_as_open(moment, decision)
    heard = was_told(moment.state, moment.order, decision)
    explained = () if heard else (say("goods.explained", explanation=decision.explanation),)
    if decision.outcome == "human":
        wish = ChangedWish(remedy, line("method.human"), decision.to_json())
        return *explained, *change_case(moment, case, wish, sku=item.sku, told="wish.person")
    if remedy not in decision.remedies:
        return *explained, add_said(moment, case), tell_wish(moment, case, remedy, told="wish.not_open")
    method = line("method.confirm", command=command.kind) if command else line(f"method.{remedy}")
    if command and _is_corrected(moment, command):
        return *explained, command
    if is_handled_so(case, method):
        return add_said(moment, case), tell_wish(moment, case, remedy, told="ticket.already")
    wish = ChangedWish(remedy, method, decision.to_json())
    return *explained, *change_case(moment, case, wish, sku=item.sku, command=command)


def _is_corrected(moment: Moment, command: CommandShop) -> bool:
    """Tell whether the same waits for the same item, with another count, say, or another amount."""
    waiting = find_remedies(moment.facts, command.order_number, command.details.get("sku"))
    return any(one.kind == command.kind and one.sku and one.details != command.details for one in waiting)


def note_wish(moment: Moment, case: TicketView, *, told: str = "wish.person") -> tuple[Effect, ...]:
    """Note a wish that changes nothing by itself: for want of a reason, say, which whoever has the case knows."""
    return add_said(moment, case), tell_wish(moment, case, wish_of(moment) or "", told=told)


def wish_as_open(moment: Moment, decision: Decision) -> str:
    """Who wants their money means what the policy has for it: with or without sending the goods back."""
    wish = wish_of(moment) or ""
    same = {"return": "refund", "refund": "return"}.get(wish, wish)
    return same if wish not in decision.remedies and same in decision.remedies else wish


def find_loss(moment: Moment) -> TicketView | None:
    """Return the open case about an order's parcel that never came, or None; once it is here, nothing is lost."""
    cases = (case for case in _open_cases(moment) if case.category == "logistics")
    if orders.has_arrived(moment.order):
        # Somebody has it: until the customer does, the carrier's proof is waited for.
        waits = not _has_goods(moment)
        return next((case for case in cases if waits and case.method["key"] == "method.proof"), None)
    return next((case for case in cases if _is_about_loss(case)), None)


def _is_about_loss(case: TicketView) -> bool:
    if case.method["key"] == "method.confirm":
        return case.method.get("params", {}).get("command") in _FOR_LOSS
    return case.method["key"] in _ABOUT_LOSS


def _has_goods(moment: Moment) -> bool:
    """Tell whether the customer has the goods, or has sent them back."""
    told = order_words.tells_receipt(moment.slot("said") or "")
    return told or any(item.returned_at for item in moment.order.items)


def take_up_loss(moment: Moment) -> Frame | None:
    """Return the flow about the lost parcel, where that is what money or a new one is wanted for; else None."""
    case, instead = find_loss(moment), _INSTEAD_OF_PARCEL.get(wish_of(moment) or "")
    if case is None or instead is None or moment.slot("reason") not in {None, "no_reason"}:
        return None
    return Frame("lost", {**moment.frame.slots, "intent": case.intent, "remedy": instead})
