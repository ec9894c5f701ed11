"""Money questions of an order: is it paid, how long is it held, its invoice, and a price that fell since."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from actions import after_sales, orders
from actions.bundles import count_left, paid_for_left, paid_of_price
from actions.invoices import clean_tax_number, is_tax_number
from actions.policy import Decision, decide
from actions.shop import CommandKind, OrderItem, OrderStatus
from bot.dialogue.attempts import was_refused, was_told
from bot.dialogue.flows.cases import open_or_add
from bot.dialogue.hearing import order_words, words
from bot.dialogue.hearing.order_slots import INVOICE_KINDS, read_email, title_in
from bot.dialogue.outcome import PERSON, CommandShop, Moment, Outcome, ask, end, line, option, say, ways_paid
from bot.dialogue.records import Effect, Say
from bot.nlu.reading import Reading

_OF_MONEY = frozenset(
    {"paid_twice", "amount_mismatch", "parts_mismatch", "payment_missing", "payment_not_booked", "refund_missing"}
)


def tell_ways(moment: Moment) -> Outcome | None:
    """Tell how one can pay, for which no order is needed; None where a payment is talked about."""
    said = moment.slot("said") or ""
    of_an_order = words.names(order_words.PAID_ALREADY, said) or words.names(order_words.TWICE, said)
    asks = words.names(order_words.WAYS_TO_PAY, said) or moment.slot("order") == "none"
    return end(_ways(moment)) if asks and not of_an_order else None


def tell_payment(moment: Moment) -> Outcome:
    """Tell how an order stands with its payment; what disagrees, or is said to, goes to the order desk."""
    ways = tell_ways(moment)
    if ways or moment.slot("order") == "none":
        return ways or end(*_exception(moment))
    order, said = moment.order, moment.slot("said") or ""
    found = [finding for finding in moment.check.exceptions if finding.id in _OF_MONEY]
    if found:
        return end(*(say(f"finding.{finding.id}", **finding.params) for finding in found), *_exception(moment))
    if orders.is_gone(order):
        return end(*(Say(told) for told in orders.describe_order(order, moment.check, moment.facts.now)))
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return _tell_unpaid(moment, said)
    paid = order.payment
    params: dict[str, Any] = (
        {} if paid is None else {"amount": paid.amount, "at": paid.paid_at, "method": ways_paid(paid)}
    )
    if words.names(order_words.TWICE, said):
        return end(say("payment.only_one", order=order.number, **params), *_exception(moment))
    return end(say("payment.paid", order=order.number, **params))


def _tell_unpaid(moment: Moment, said: str) -> Outcome:
    order = moment.order
    if words.names(order_words.PAID_ALREADY, said) or words.names(order_words.TWICE, said):
        return end(say("payment.not_arrived", order=order.number, amount=order.amount), *_exception(moment))
    if order.held_until is None:
        return end(say("payment.unpaid", order=order.number, amount=order.amount), _ways(moment))
    held: dict[str, Any] = {"order": order.number, "amount": order.amount, "held_until": order.held_until}
    key = "payment.held" if moment.facts.now < order.held_until else "payment.lapsed"
    return end(say(key, **held), _ways(moment))


def _ways(moment: Moment) -> Say:
    return say("payment.ways", ways=list(moment.facts.policy.method_names.values()))


def _exception(moment: Moment) -> tuple[Effect, ...]:
    return open_or_add(
        moment, category="order", intent="order.payment", method=line("method.payment"), seriousness="loss"
    )


def read_invoice(text: str, _reading: Reading | None) -> Mapping[str, Any]:
    """Return what a first sentence says of the invoice wanted."""
    number = order_words.TAX_NUMBER_SAID.search(text)
    return {
        "invoice_kind": order_words.named_in(INVOICE_KINDS, text),
        "title": title_in(text),
        "tax_number": number["number"] if number else None,
        "email": read_email(text),
    }


def take_invoice(moment: Moment) -> Outcome:
    """Take an invoice in: for whom, with which number, sent where; a wrong one is put right by a person."""
    order = moment.order
    if words.names(order_words.INVOICE_WRONG, moment.slot("said") or ""):
        case = open_or_add(moment, category="order", intent="order.invoice", method=line("method.invoice"))
        return end(say("invoice.wrong"), *case)
    if orders.is_gone(order):
        return end(say("invoice.gone", order=order.number))
    if order.payment is None or order.payment.paid_at is None:
        return end(say("invoice.unpaid", order=order.number))
    missing = _ask_missing(moment)
    return missing or _request_invoice(moment)


def _ask_missing(moment: Moment) -> Outcome | None:
    kind, number = moment.slot("invoice_kind"), moment.slot("tax_number")
    if kind is None:
        kinds = (option("invoice_kind", one, f"invoice.{one}") for one in ("personal", "company"))
        return ask("invoice_kind", say("invoice.ask_kind", *kinds))
    if moment.slot("title") is None:
        return ask("title", say("invoice.ask_title" if kind == "personal" else "invoice.ask_company"))
    if kind == "company" and number is None:
        return ask("tax_number", say("invoice.ask_tax_number"))
    if kind == "company" and not is_tax_number(clean_tax_number(number)):
        return Outcome((say("invoice.tax_number_wrong", PERSON),), asks="tax_number", forgets=("tax_number",))
    return ask("email", say("invoice.ask_email")) if moment.slot("email") is None else None


def _request_invoice(moment: Moment) -> Outcome:
    order, kind = moment.order, moment.slot("invoice_kind")
    details = {"kind": kind, "title": moment.slot("title"), "email": moment.slot("email")}
    if kind == "company":
        details["tax_number"] = clean_tax_number(moment.slot("tax_number"))
    told = say("invoice.asked", order=order.number)
    return end(CommandShop(CommandKind.REQUEST_INVOICE, order.number, details, told=told))


def protect_price(moment: Moment) -> Outcome:
    """Pay back what the goods have become cheaper, if policy says so; each item that did."""
    left = [item for item in moment.order.items if count_left(item)]
    cheaper = [item for item in left if item.price_now is not None and item.price_now < item.price]
    decided = [(item, _decide(moment, item)) for item in cheaper or left[:1] or moment.order.items[:1]]
    open_to = [(item, decision) for item, decision in decided if decision.outcome == "accept" and decision.amount]
    # A difference is paid once for an item.
    paid_back = [(item, decision) for item, decision in open_to if not paid_of_price(moment.order, item)]
    if open_to and _is_asked_already(moment, [decision for _, decision in open_to]):
        return end(say("price.already", PERSON, order=moment.order.number))
    if paid_back:
        told = (say("goods.explained", explanation=decision.explanation) for _, decision in paid_back)
        return end(*told, *(_refund(moment, item, decision) for item, decision in paid_back))
    if open_to:
        return end(*_tell_paid(moment, [item for item, _ in open_to]))
    return _tell_unprotected(moment, *decided[0])


def _tell_unprotected(moment: Moment, item: OrderItem, decision: Decision) -> Outcome:
    """Tell why there is no difference to pay; what policy leaves to a person becomes a case."""
    if not count_left(item):
        return end(say("refund.part_done", PERSON, item=item.name, amount=item.refunded))
    if decision.outcome != "human":
        return end(say("goods.explained", PERSON, explanation=decision.explanation))
    case = open_or_add(
        moment,
        category="order",
        intent="order.price_protection",
        method=line("method.price"),
        decision=decision.to_json(),
        policy_tier=decision.tier,
    )
    return end(say("goods.explained", explanation=decision.explanation), *case)


def _tell_paid(moment: Moment, items: list[OrderItem]) -> tuple[Effect, ...]:
    """Tell the differences that went back already, last with a way on."""
    lines = [say("refund.part_done", item=item.name, amount=paid_of_price(moment.order, item)) for item in items]
    return *lines[:-1], Say(lines[-1].line, (PERSON,))


def _is_asked_already(moment: Moment, decisions: list[Decision]) -> bool:
    """Tell whether the shop has been asked for the difference, and has not refused it."""
    refused = was_refused(moment.state, moment.order.number, CommandKind.REFUND_DIFFERENCE)
    return not refused and all(was_told(moment.state, moment.order, decision) for decision in decisions)


def _decide(moment: Moment, item: OrderItem) -> Decision:
    """Decide by the price that was paid, whatever went back of it."""
    case = after_sales.case_from_order(
        moment.order,
        item,
        request="price_protection",
        reason="price_drop",
        at=moment.facts.now,
        told={"amount": paid_for_left(moment.order, item)},
    )
    return decide(case, moment.facts.policy)


def _refund(moment: Moment, item: OrderItem, decision: Decision) -> CommandShop:
    amount = decision.amount or Decimal(0)
    return CommandShop(
        CommandKind.REFUND_DIFFERENCE,
        moment.order.number,
        {"sku": item.sku, "amount": str(amount)},
        amount=amount,
        told=say("price.asked", amount=amount),
        decision=decision.to_json(),
    )
