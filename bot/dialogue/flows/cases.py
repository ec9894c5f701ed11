"""What becomes a ticket: complaints, requests for a person, matters no rule settles; and talk about open tickets."""

from dataclasses import replace
from typing import Any

from actions import complaints
from actions.lines import Line
from actions.shop import PERSONAL_DETAILS, REMEDIES, OrderItem
from bot.dialogue.flows.prepared import find_remedies, stands
from bot.dialogue.hearing import words
from bot.dialogue.hearing.harm_words import is_hurt, tells_danger
from bot.dialogue.hearing.items import find_item
from bot.dialogue.outcome import PERSON, CommandShop, Moment, OpenTicket, Outcome, end, line, say
from bot.dialogue.records import (
    AddToTicket,
    ChangedWish,
    Effect,
    Facts,
    Heard,
    NameOrder,
    PrepareCommand,
    WithdrawPrepared,
)
from bot.dialogue.state import Frame
from bot.security.masking import mask_sensitive
from escalation.service import TicketView

_OF_GOODS = frozenset({"quality", "after_sales"})


def open_or_add(
    moment: Moment,
    *,
    category: str,
    intent: str,
    method: Line,
    seriousness: str = "nuisance",
    decision: dict[str, Any] | None = None,
    policy_tier: str | None = None,
    remedy: str | None = None,
    sku: str | None = None,
    told: str = "ticket.opened",
) -> tuple[Effect, ...]:
    """Open a ticket and say whose it is and by when; an open one about the same thing gets the facts instead.

    `remedy`: what the ticket is opened for, of the item `sku`; an open one for something else is changed to it.
    """
    number = moment.slot("order") if moment.order_facts.order else None
    same = find_same_case(moment, category=category, order_number=number, sku=sku)
    if same and number is None and policy_tier == "critical" != same.tier:
        # Which goods an open case without an order is about is unknown: danger is not left to be read there.
        same = None
    if same and remedy and not is_handled_so(same, method):
        return change_case(moment, same, ChangedWish(remedy, method, decision), sku=sku)
    if same:
        return add_said(moment, same), _tell(same, "ticket.already", anew=True)
    opening = OpenTicket(
        category=category,
        intent=intent,
        seriousness="safety" if _tells_harm(moment) else seriousness,
        method=method,
        summary=moment.slot("said") or "",
        policy_tier=policy_tier,
        threat=words.names(words.THREAT, moment.slot("said") or ""),
        decision=decision,
        packet=_packet(moment),
        private=_private(moment),
        **_order_of(moment, sku),
    )
    return opening, say(told, ticket=True)


def _tells_harm(moment: Moment) -> bool:
    said = moment.slot("said") or ""
    return is_hurt(said) or tells_danger(said)


def find_same_case(
    moment: Moment, *, category: str, order_number: str | None, sku: str | None = None
) -> TicketView | None:
    """Return the open case about the same order and category, unless it is about other goods.

    `sku`: the item that is spoken of now; None leaves it to what was said.
    """
    cases = (case for case in moment.facts.tickets if case.is_open and case.category == category)
    # Who goes on complaining need not say again about which order.
    unnamed = category == "complaint" and order_number is None
    same = (case for case in cases if unnamed or case.order_number == order_number)
    return next((case for case in same if not _is_about_other_goods(moment, case, sku)), None)


def _is_about_other_goods(moment: Moment, case: TicketView, sku: str | None) -> bool:
    if moment.order_facts.order is None or not _is_of_goods(case) or case.product_key is None:
        return False
    item = find_named_item(moment)
    meant = sku or (item.sku if item else None)
    return meant is not None and meant != case.product_key


def _is_of_goods(case: TicketView) -> bool:
    """Tell whether a case is about an item; others are about the order with all that is in it."""
    return case.intent.partition(".")[0] in _OF_GOODS


def find_named_item(moment: Moment) -> OrderItem | None:
    """Return the item of the order that is meant, or None while that is open."""
    picked, products, said = moment.slot("item"), moment.slot("products") or (), moment.slot("said") or ""
    return find_item(moment.order.items, picked=picked, products=products, said=said)


def find_case_of_goods(moment: Moment, item: OrderItem) -> TicketView | None:
    """Return the open case about an item of the order that is spoken of, or about all its goods; else None."""
    cases = (case for case in moment.facts.tickets if case.is_open and _is_of_goods(case))
    same = (case for case in cases if case.order_number == moment.order.number)
    return next((case for case in same if case.product_key in {item.sku, None}), None)


def is_about(ticket: TicketView, topic: str | None) -> bool:
    """Tell whether what is talked about may be a ticket's matter; of goods it is, whichever desk has it."""
    topics = {ticket.category, ticket.intent.partition(".")[0]}
    return topic in {None, "handoff", *topics, *(_OF_GOODS if topics & _OF_GOODS else ())}


def is_handled_so(ticket: TicketView, method: Line) -> bool:
    """Tell whether a ticket is handled in a way already."""
    return ticket.method == {"key": method.key, "params": dict(method.params)}


def add_said(moment: Moment, ticket: TicketView) -> AddToTicket:
    """Put what was said into a ticket."""
    added = _addition(ticket, moment.slot("said") or "", moment.slot("photos") or 0)
    return replace(added, private=_private(moment))


def change_case(
    moment: Moment,
    ticket: TicketView,
    wish: ChangedWish,
    *,
    sku: str | None = None,
    command: CommandShop | None = None,
    told: str = "ticket.changed",
) -> tuple[Effect, ...]:
    """Let a ticket be about what is wanted by now, and say so; `command` takes the place of what was prepared before.

    `sku`: the item the wish is for. What a person has confirmed for it, or asked for, is not taken back past them:
    then they decide, and nothing is prepared beside it.
    """
    item = sku if _is_of_goods(ticket) else None
    if any(map(stands, find_remedies(moment.facts, ticket.order_number or "", sku))):
        wish, command, told = replace(wish, method=line("method.human")), None, "wish.person"
    return (
        replace(add_said(moment, ticket), changed=replace(wish, reason=moment.slot("reason"))),
        WithdrawPrepared(ticket.number, tuple(REMEDIES), item),
        tell_wish(moment, ticket, wish.remedy, told=told),
        *((PrepareCommand(command, ticket.number),) if command else ()),
    )


def tell_wish(moment: Moment, ticket: TicketView, remedy: str, *, told: str) -> Effect:
    """Say what becomes of a wish that a ticket has."""
    return _tell(ticket, told, anew=True, wish=moment.facts.policy.remedy_names[remedy])


def _order_of(moment: Moment, sku: str | None) -> dict[str, Any]:
    order = moment.order_facts.order
    if order is None:
        return {}
    item = find_named_item(moment) or order.items[0]
    return {"order_number": order.number, "order_amount": str(order.amount), "product_key": sku or item.sku}


# What the dialogue keeps for itself; the digits are a proof, and nobody else's.
_NO_FACTS = frozenset({"digits", "leaning", "assumed", "asked_order", "not_order", "outright", "unexplained", "wanted",
                       "own_order"})  # fmt: skip


def _packet(moment: Moment) -> dict[str, Any]:
    """What the hand-off packet is made of (`bot.turn.packet`): every fact gathered, so that nothing is asked again.

    Who asks for a person in the middle of something, or after it came to nothing, wants that something: `about` is its
    intent, and what was known of it goes along.
    """
    state, frame, before = moment.state, moment.frame, _find_before(moment)
    findings = [finding.id for finding in moment.order_facts.check.findings] if moment.order_facts.check else []
    return {
        "flow": frame.flow,
        "facts": {
            name: value for name, value in _join_slots(moment).items() if name not in _NO_FACTS | PERSONAL_DETAILS
        },
        "findings": findings,
        "tried": [vars(attempt) for attempt in state.tried],
        "about": before.slots.get("intent") if before else state.request,
        "order": state.order if state.order in state.proven else None,
    }


def _find_before(moment: Moment) -> Frame | None:
    """Return the flow that this one broke off, or else the one that ended before it."""
    frames = (*reversed(moment.state.frames), moment.state.ended)
    return next((one for one in frames if one and one.flow != moment.frame.flow), None)


def _join_slots(moment: Moment) -> dict[str, Any]:
    """Return what is known: for who asks for a person, of what went before too, with the first words and the last."""
    frame, before = moment.frame, _find_before(moment)
    if frame.flow != "handoff" or before is None:
        return frame.slots
    # What was still to be come to is theirs too.
    others = (one.slots.get("said", "") for one in moment.state.kept)
    first_said, last_said = "\n".join(filter(None, (before.slots.get("said"), *others))), frame.slots.get("said")
    said = {"said": first_said, "last_said": last_said} if first_said and last_said else {}
    return before.slots | frame.slots | said


def _private(moment: Moment) -> dict[str, str]:
    """What was gathered that tells something of the customer."""
    return {name: value for name, value in _join_slots(moment).items() if name in PERSONAL_DETAILS}


def hand_over(moment: Moment, told: str) -> Outcome:
    """Give the case to a person, saying why."""
    intent = moment.slot("intent") or "handoff.ask_human"
    effects = open_or_add(moment, category=desk_category(intent), intent=intent, method=line("method.person"))
    return end(say(told), *effects)


def desk_category(intent: str) -> str:
    """Return the category of the desk that an intent belongs to."""
    category = intent.split(".", maxsplit=1)[0]
    return category if category in {"order", "logistics", "quality", "after_sales", "complaint"} else "handoff"


def fetch_person(moment: Moment) -> Outcome:
    """A person, please: a ticket at once, about what was talked of; an open one about its order has a person."""
    same = _find_case_of_order(moment)
    if same:
        return end(add_said(moment, same), _tell(same, "ticket.already", anew=True))
    return end(*open_or_add(moment, category="handoff", intent="handoff.ask_human", method=line("method.person"),
                            told="handoff.opened"))  # fmt: skip


def _find_case_of_order(moment: Moment) -> TicketView | None:
    """Return the open case about the order being talked about, whatever its desk: its owner is the person."""
    number = moment.slot("order")
    return next(
        (case for case in moment.facts.tickets if case.is_open and number and case.order_number == number), None
    )


def take_complaint(moment: Moment) -> Outcome:
    """Accept, investigate, handle, feed back (§4.1): accepted at once, the stages and their times told."""
    effects = open_or_add(moment, category="complaint", intent="complaint.complaint",
                          method=line("method.complaint"), told="complaint.opened")  # fmt: skip
    first = (say("unsafe.first"),) if _tells_harm(moment) else ()
    accepted = any(isinstance(effect, OpenTicket) for effect in effects)
    return end(*first, say("complaint.sorry" if accepted else "complaint.again"), *effects)


def take_case(moment: Moment) -> Outcome:
    """A matter that a person settles: taken with its order, and given to the desk."""
    intent = moment.slot("intent")
    method = line(f"method.{desk_category(intent)}")
    return end(*open_or_add(moment, category=desk_category(intent), intent=intent, method=method))


def tell_case_status(moment: Moment) -> Outcome:
    """Say of each of the customer's cases its stage, owner, method and promised time (§4.3)."""
    if not moment.facts.tickets:
        return end(say("status.none", PERSON))
    return end(*(_tell(ticket, "ticket.status") for ticket in moment.facts.tickets[:3]))


def tell_status_or_take(moment: Moment) -> Outcome:
    """After-sales service in general: about an open case if there is one, else a case to take."""
    if any(ticket.is_open for ticket in moment.facts.tickets):
        return tell_case_status(moment)
    return Outcome(onward=Frame("case", moment.frame.slots))


def tell_case(ticket: TicketView, key: str, **more: Any) -> Effect:
    """Say something of a ticket that has just got more."""
    return _tell(ticket, key, anew=True, **more)


def take_order(moment: Moment) -> Outcome:
    """An order named for itself: it is what an open case waits for, or else it is told of."""
    order = moment.order.number
    case = next((case for case in moment.facts.tickets if case.is_open and case.order_number in {None, order}), None)
    if case is None:
        return Outcome(onward=Frame("order_status", {**moment.frame.slots, "intent": "order.status"}))
    if case.order_number is None:
        return end(NameOrder(case.number, order), _tell(case, "ticket.order_added"))
    return tell_case_status(moment)


def add_to_open_ticket(heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """Put what was said into the newest open ticket and say so; nothing where none is open."""
    told = "ticket.asked" if words.is_question(heard.text) else "ticket.added"
    return add_to_newest(facts, mask_sensitive(heard.text), heard.photos, told=told)


def add_to_newest(facts: Facts, text: str, photos: int, *, told: str = "ticket.added") -> tuple[Effect, ...]:
    """Put words and photos into the newest open ticket and say so; nothing where none is open."""
    ticket = next((ticket for ticket in facts.tickets if ticket.is_open), None)
    return () if ticket is None else (_addition(ticket, text, photos), _tell(ticket, told, anew=True))


def add_photos(frame: Frame, count: int) -> Frame:
    """Count photos to what the flow has gathered."""
    return replace(frame, slots={**frame.slots, "photos": frame.slots.get("photos", 0) + count})


def _addition(ticket: TicketView, text: str, photos: int) -> AddToTicket:
    return AddToTicket(ticket.number, text, photos)


def _tell(ticket: TicketView, key: str, *, anew: bool = False, **more: Any) -> Effect:
    """Tell of a ticket; `anew`: as it stands after this turn's changes to it."""
    return say(key, ticket=anew, **ticket_params(ticket), **more)


def ticket_params(ticket: TicketView) -> dict[str, Any]:
    """What every sentence about a ticket may name: number, stage, owner, method, promised times (§4.3)."""
    return {
        "number": ticket.number,
        "stage": line(f"stage.{ticket.stage or ticket.state}"),
        "owner": ticket.owner_name,
        "method": Line(ticket.method["key"], ticket.method.get("params", {})),
        "due": ticket.due_at,
        "answer_by": ticket.response_due_at,
        "stages": complaints.describe_stages(
            ticket.opened_at, due_at=ticket.due_at, feedback_at=ticket.feedback_due_at
        ),
    }
