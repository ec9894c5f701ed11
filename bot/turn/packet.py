"""The hand-off packet: everything that whoever takes a case over must know, so that nothing is asked again. Pure.

Made anew whenever somebody looks, from what is stored: the slots that the customer filled, what was tried, what they
added since, the shop's record with its checks, the policy's decision. Nothing here is free prose: each part is a line
of the console's catalogue, read in the reader's language, or the customer's own words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from actions.checks import OrderCheck
from actions.lines import Line
from actions.shop import Order
from bot.dialogue.state import Attempt
from bot.turn.mood import Mood, judge_mood

CONTACTS_WITHIN = timedelta(days=7)
# Several messages right after one another are one contact.
ONE_CONTACT_WITHIN = timedelta(hours=1)
# What was tried so long before the case was opened belongs to another matter.
_TRIED_WITHIN = timedelta(days=1)
_ABOUT_AN_ORDER = frozenset({"order", "logistics", "quality", "after_sales"})
# Wishes for the order itself: what is wanted says it all.
_SAID_BY_INTENT = frozenset({"keep", "cancel"})
# Told elsewhere in the packet (what is wrong with which goods: in the customer's words), or of no use to a reader.
_NOT_A_FACT = frozenset(
    {"intent", "said", "last_said", "wish", "remedy", "order", "confirm", "digits", "defects", "products"}
)
_ABOUT_GOODS = frozenset({"quality.functional_defect", "quality.poor_quality", "quality.damaged",
                          "quality.wrong_or_missing_item", "after_sales.return", "after_sales.exchange",
                          "after_sales.repair_warranty"})  # fmt: skip


class Source(StrEnum):
    """Where a fact is from."""

    CUSTOMER = "customer"
    SHOP = "shop"
    CHECK = "check"
    POLICY = "policy"


@dataclass(frozen=True)
class Said:
    """What a customer wrote (masked), or added to the case, and when."""

    at: datetime
    text: str
    photos: int = 0


@dataclass(frozen=True)
class CaseFacts:
    """All that is stored about a case. `slots`: what the customer told the flow; `said`: what they wrote lately.

    `asked`: the slot whose question was still open; `contacts_at`: the instants at which they got in touch about it.
    """

    category: str
    intent: str
    opened_at: datetime
    slots: Mapping[str, Any]
    order_number: str | None = None
    findings: tuple[str, ...] = ()
    tried: tuple[Attempt, ...] = ()
    added: tuple[Said, ...] = ()
    said: tuple[Said, ...] = ()
    asked: str | None = None
    order: Order | None = None
    check: OrderCheck | None = None
    decision: Mapping[str, Any] | None = None
    contacts_at: tuple[datetime, ...] = ()
    photos: int = 0


@dataclass(frozen=True)
class Fact:
    """One fact. `text` is a line, or the customer's own words."""

    source: Source
    name: str
    text: Line | str
    at: datetime | None = None


@dataclass(frozen=True)
class Tried:
    """What was tried and why it did not settle the matter; for a decision, the rules and clauses behind it."""

    kind: str
    line: Line
    at: datetime
    rules: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packet:
    """The packet, its sentences not yet written."""

    summary: tuple[Line, ...]
    wants: Line
    wish: str | None
    words: tuple[str, ...]
    facts: tuple[Fact, ...]
    tried: tuple[Tried, ...]
    mood: Mood
    contacts: int
    open: tuple[Line, ...]


def compose_packet(case: CaseFacts, *, now: datetime) -> Packet:
    """Compose the packet of a case."""
    contacts = count_contacts(case.contacts_at, now=now)
    wants = _wants(case)
    tried = tuple(_tell_attempt(attempt) for attempt in case.tried if _belongs(attempt, case))
    return Packet(
        summary=(wants, *_summarise(case, contacts)),
        wants=wants,
        wish=_wish(case),
        words=tuple(dict.fromkeys(text for name in ("said", "last_said") if (text := case.slots.get(name)))),
        facts=(*_customers_facts(case), *_shops_facts(case), *_findings(case), *_policys_facts(case)),
        tried=tried,
        mood=judge_mood((said.text for said in case.said), contacts=contacts),
        contacts=contacts,
        open=tuple(_find_open_questions(case)),
    )


def count_contacts(contacts_at: Sequence[datetime], *, now: datetime) -> int:
    """Count how often a customer got in touch within seven days; what follows within the hour is the same contact."""
    count, last = 0, None
    for at in sorted(at for at in contacts_at if now - at <= CONTACTS_WITHIN):
        if last is None or at - last > ONE_CONTACT_WITHIN:
            count += 1
        last = at
    return count


def _wants(case: CaseFacts) -> Line:
    kept = case.intent == "order.cancel" and _wish(case) == "keep"
    return Line("packet.intent.order.kept" if kept else f"packet.intent.{case.intent}")


def _wish(case: CaseFacts) -> str | None:
    wish: str | None = case.slots.get("remedy") or case.slots.get("wish")
    return wish


def _summarise(case: CaseFacts, contacts: int) -> Iterator[Line]:
    wish = _wish(case)
    if wish and wish not in _SAID_BY_INTENT:
        yield Line("packet.wish", {"remedy": Line(f"word.{wish}")})
    if case.order and case.check:
        item = _item_of(case.order, case.slots.get("item"))
        yield Line("packet.order", {"order": case.order.number, "item": item, "amount": case.order.amount,
                                    "stage": Line(f"word.{case.check.stage}")})  # fmt: skip
    if case.decision:
        yield Line(f"packet.policy.{case.decision['outcome']}")
    if contacts > 1:
        yield Line("packet.contacts", {"count": contacts})


def _item_of(order: Order, said: str | None) -> Mapping[str, str]:
    items = order.items
    return next((item.name for item in items if said and said in {item.sku, *item.name.values()}), items[0].name)


def _customers_facts(case: CaseFacts) -> Iterator[Fact]:
    number = case.slots.get("order")
    if number and number != "none":
        yield Fact(Source.CUSTOMER, "order", str(number))
    for name, value in case.slots.items():
        if name not in _NOT_A_FACT:
            yield Fact(Source.CUSTOMER, name, _as_text(name, value, case.order))
    for said in case.added:
        if said.text:
            yield Fact(Source.CUSTOMER, "added", said.text, said.at)
        if said.photos:
            yield Fact(Source.CUSTOMER, "photos", str(said.photos), said.at)


# What was written, whatever words it happens to be; all other values may be codes.
_WRITTEN = frozenset({"said", "last_said", "detail", "addition", "title", "note", "happened", "address", "recipient",
                      "instruction", "variant_detail", "phone", "email", "tax_number"})  # fmt: skip
# The coded answers to the flows' questions, and the codes that are heard in a sentence.
_CODED = frozenset(
    {"yes", "no", "unsure", "none", "no_reason", "functional_defect", "poor_quality", "damaged_in_transit",
     "wrong_item", "missing_item", "fake", "unsafe", "late_delivery", "lost", "accidental_damage", "price_drop",
     "return", "exchange", "repair", "refund", "resend", "compensation", "price_protection",
     "same", "other", "start", "any", "locker", "pickup_point", "front_desk", "neighbour", "door", "call_first",
     "company", "personal", "address", "phone", "recipient", "items", "compressor", "motor",
     "red", "pink", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white", "grey", "silver", "gold",
     "beige", "turquoise", "multicolour"}
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


def _as_text(name: str, value: Any, order: Order | None) -> Line | str:
    """A code ("functional_defect", True, a day, an item's number) in words; anything else is what was written."""
    if isinstance(value, bool):
        return Line("word.yes" if value else "word.no")
    if isinstance(value, list | tuple):
        return Line("packet.list", {"parts": [_as_text(name, part, order) for part in value]})
    if not isinstance(value, str) or name in _WRITTEN:
        return str(value)
    item = next((item.name for item in order.items if item.sku == value), None) if order and name == "item" else None
    if item is not None:
        return Line("packet.item", {"item": item})
    if _DAY.fullmatch(value):
        return Line("packet.day", {"on": date.fromisoformat(value[:10])})
    return Line(f"word.{value}") if value in _CODED else value


def _shops_facts(case: CaseFacts) -> Iterator[Fact]:
    order = case.order
    if order is None:
        return
    if order.suspected_abuse:
        yield Fact(Source.SHOP, "suspected_abuse", Line("packet.discreetly"))
    if order.buyer_under_18:
        yield Fact(Source.SHOP, "buyer_under_18", Line("word.yes"))
    if order.payment and order.payment.paid_at:
        yield Fact(Source.SHOP, "paid", Line("packet.moment", {"at": order.payment.paid_at}))
    if order.payment and order.payment.refunded:
        yield Fact(Source.SHOP, "refunded", Line("packet.amount", {"amount": order.payment.refunded}))
    shipment = order.shipment
    if shipment:
        yield Fact(Source.SHOP, "dispatched", Line("packet.moment", {"at": shipment.dispatched_at}))
        if shipment.signed_at:
            yield Fact(Source.SHOP, "signed", Line("packet.moment", {"at": shipment.signed_at}))


def _findings(case: CaseFacts) -> Iterator[Fact]:
    """Of the checks made now, and those of the opening that have gone since are told no more."""
    current = [finding.id for finding in case.check.findings] if case.check else case.findings
    for finding in dict.fromkeys((*current, *(one for one in case.findings if one == "turn_failed"))):
        yield Fact(Source.CHECK, finding, Line(f"word.{finding}"))


def _policys_facts(case: CaseFacts) -> Iterator[Fact]:
    decision = case.decision
    if not decision:
        return
    named = [Line(f"rule.{rule}") for rule in decision["rules"]]
    rules = Line("packet.rules", {"rules": named, "clauses": list(decision["clauses"])})
    yield Fact(Source.POLICY, "rules", rules)
    for gate in (rule for rule in decision["rules"] if rule.startswith("human.")):
        yield Fact(Source.POLICY, "only_person", Line(f"word.{gate}"))
    if decision["remedies"]:
        remedies = [Line(f"word.{remedy}") for remedy in decision["remedies"]]
        yield Fact(Source.POLICY, "remedies", Line("packet.list", {"parts": remedies}))
    if decision["amount"]:
        yield Fact(Source.POLICY, "amount", Line("packet.amount", {"amount": Decimal(decision["amount"])}))
    if decision["until"]:
        until = datetime.fromisoformat(decision["until"])
        yield Fact(Source.POLICY, "until", Line("packet.moment", {"at": until}))


def _belongs(attempt: Attempt, case: CaseFacts) -> bool:
    """Tell whether an attempt was made for this matter: about its order or none, and not long before it."""
    about = attempt.details.get("order")
    recent = datetime.fromisoformat(attempt.at) >= case.opened_at - _TRIED_WITHIN
    return recent and (about is None or case.order_number is None or about == case.order_number)


def _tell_attempt(attempt: Attempt) -> Tried:
    details, at = attempt.details, datetime.fromisoformat(attempt.at)
    match attempt.kind:
        case "decision":
            line = Line(f"packet.tried.{details['outcome']}", {"request": Line(f"word.{details['request']}")})
            return Tried("decision", line, at, tuple(details["rules"]), tuple(details["clauses"]))
        case "proof":
            line = Line(f"packet.tried.{details['outcome']}", {"times": attempt.times})
        case "command":
            why = Line(f"packet.reason.{details.get('reason') or 'unknown_command'}")
            line = Line(
                "packet.tried.command", {"command": Line(f"packet.command.{details['command']}"), "reason": why}
            )
        case "question":
            line = Line(
                "packet.tried.question", {"slot": Line(f"packet.customer.{details['slot']}"), "times": attempt.times}
            )
        case _:
            line = Line("packet.tried.shop")
    return Tried(attempt.kind, line, at)


def _find_open_questions(case: CaseFacts) -> Iterator[Line]:
    """What nobody knows yet, and the evidence that the policy wants and that has not come."""
    decision = case.decision or {}
    for evidence in decision.get("evidence_required", ()):
        if evidence != "photo" or not _has_photos(case):
            yield Line(f"packet.open.{evidence}")
    if case.category in _ABOUT_AN_ORDER and case.order_number is None:
        yield Line("packet.open.order")
    elif case.order_number and case.order is None:
        yield Line("packet.open.shop_record", {"order": case.order_number})
    if case.intent in _ABOUT_GOODS and not case.slots.get("reason") and not case.decision:
        yield Line("packet.open.reason")
    if case.order and len(case.order.items) > 1 and not case.slots.get("item"):
        yield Line("packet.open.item")
    if case.asked and case.asked not in {"order", "reason", "item"}:
        yield Line("packet.open.asked", {"slot": Line(f"packet.customer.{case.asked}")})


def _has_photos(case: CaseFacts) -> bool:
    return bool(case.photos or case.slots.get("photos") or any(said.photos for said in case.added))
