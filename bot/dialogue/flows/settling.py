"""What the bot settles by itself, and what it prepares for a person to confirm: the day's limits decide."""

from dataclasses import replace
from decimal import Decimal

from actions.lines import Line
from actions.policy.limits import Used, is_within
from actions.shop import REMEDIES, CommandKind
from bot.dialogue.flows.cases import add_said, change_case, desk_category, open_or_add, tell_case
from bot.dialogue.flows.prepared import find_case_of, find_declined, find_remedies, stands, was_declined
from bot.dialogue.outcome import CommandShop, Moment, Outcome, line, say
from bot.dialogue.records import AddToTicket, ChangedWish, Effect, PrepareCommand, Prepared, Say, WithdrawPrepared

_REACHED, _PERSON = _ABOVE = ("limit.reached", "limit.person")


def keep_within_limits(moment: Moment, outcome: Outcome) -> Outcome:
    """Ask the shop for what is within the day's limits; above them a ticket carries it, prepared."""
    settled: tuple[Effect, ...] = ()
    for effect in outcome.effects:
        new = _settle(moment, effect, settled)
        # What is added to one case in one go is said once.
        settled = _join(
            settled, tuple(one for one in new if not isinstance(one, Say | AddToTicket) or one not in settled)
        )
    return replace(outcome, effects=settled)


def _join(before: tuple[Effect, ...], settled: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """What a person must confirm is told together, before whose case it is."""
    told = [at for at, one in enumerate(before) if isinstance(one, Say) and one.line.key in _ABOVE]
    if not told or not settled or not isinstance(settled[0], Say) or settled[0].line.key not in _ABOVE:
        return before + settled
    after = told[-1] + 1
    return (*before[:after], settled[0], *before[after:], *settled[1:])


def _settle(moment: Moment, effect: Effect, before: tuple[Effect, ...]) -> tuple[Effect, ...]:
    if not isinstance(effect, CommandShop):
        return (effect,)
    limits = moment.facts.policy.limits
    if declined := find_declined(moment.facts, effect.order_number, effect.kind, effect.details.get("sku")):
        case = find_case_of(moment.facts, declined)
        return add_said(moment, case), tell_case(case, "ticket.already")
    if _find_remedies(moment, effect):
        return prepare(moment, effect)
    is_persons = _is_paid_in_part(moment, effect) or was_declined(
        moment.facts, effect.order_number, effect.kind, effect.details.get("sku")
    )
    if not is_persons and is_within(limits, effect.kind, used=_find_used(moment, effect, before), amount=effect.amount):
        return (effect.told, effect) if effect.told else (effect,)
    ever_alone = effect.kind in limits and limits[effect.kind].count and not is_persons
    told = _REACHED if ever_alone else _PERSON
    # What is asked for in one go is confirmed on one ticket.
    same = next((one for one in before if isinstance(one, PrepareCommand)), None)
    prepared = (PrepareCommand(effect, same.ticket),) if same else prepare(moment, effect)
    return (say(told, what=_name(effect)), *prepared)


def _name(command: CommandShop) -> Line:
    return command.named or line(f"command.{command.kind}", amount=command.amount)


def _is_paid_in_part(moment: Moment, command: CommandShop) -> bool:
    """Tell whether money went back for some of what is to be sent again: only a person knows for which."""
    if command.kind != CommandKind.RESEND:
        return False
    sku = command.details.get("sku")
    return any(item.sku == sku and item.refunded_quantity for item in moment.order.items)


def _find_used(moment: Moment, command: CommandShop, before: tuple[Effect, ...]) -> Used:
    """Return how much of a command's kind was settled today, and is just now."""
    used = moment.facts.used.get(command.order_number, {}).get(command.kind, Used())
    now = [one.amount for one in before if isinstance(one, CommandShop) and one.kind == command.kind]
    return Used(used.count + len(now), used.amount + sum(now, Decimal(0)))


def _find_remedies(moment: Moment, command: CommandShop) -> tuple[Prepared, ...]:
    """Return what a person is to confirm, or has, for the same goods: no other remedy is carried out past them."""
    if command.kind not in REMEDIES:
        return ()
    return find_remedies(moment.facts, command.order_number, command.details.get("sku"))


def prepare(moment: Moment, command: CommandShop) -> tuple[Effect, ...]:
    """Open a ticket with the command prepared, or add it to the one about the same matter."""
    before = _find_remedies(moment, command)
    if before:
        return _prepare_instead(moment, command, before)
    intent = moment.slot("intent")
    opened = open_or_add(
        moment,
        category=_find_desk(command, intent),
        intent=intent,
        method=_to_confirm(command),
        seriousness=command.seriousness,
        decision=command.decision,
        policy_tier=(command.decision or {}).get("tier"),
        remedy=REMEDIES.get(command.kind),
        sku=command.details.get("sku"),
    )
    number = next((effect.number for effect in opened if isinstance(effect, AddToTicket)), None)
    return (*(_want_again(moment, effect, command) for effect in opened), PrepareCommand(command, number))


def _find_desk(command: CommandShop, intent: str) -> str:
    """Return the desk that confirms a command; what a fault is worth is after-sales' matter, not quality control's."""
    category = desk_category(intent)
    return "after_sales" if command.kind == CommandKind.REFUND and category == "quality" else category


def _want_again(moment: Moment, effect: Effect, command: CommandShop) -> Effect:
    """A cancelling that was taken back, and is wanted again: its case is about it again."""
    if not isinstance(effect, AddToTicket) or command.kind != CommandKind.CANCEL_ORDER:
        return effect
    kept = any(case.number == effect.number and case.method["key"] == "method.keep" for case in moment.facts.tickets)
    return replace(effect, changed=ChangedWish("cancel", _to_confirm(command))) if kept else effect


def _prepare_instead(moment: Moment, command: CommandShop, before: tuple[Prepared, ...]) -> tuple[Effect, ...]:
    """Change the case on which another remedy is prepared; asked for once more, it is the one there is."""
    case = find_case_of(moment.facts, before)
    if before[-1].kind != command.kind:
        wish = ChangedWish(REMEDIES[command.kind], _to_confirm(command), command.decision)
        return change_case(moment, case, wish, sku=command.details.get("sku"), command=command)
    said = add_said(moment, case), tell_case(case, "ticket.already")
    if any(map(stands, before)) or any(_covers(one, command) for one in before):
        return said
    # What was worked out before is not what is due by now: one takes the place of the other.
    told = say(_PERSON, what=_name(command))
    withdrawn = (
        WithdrawPrepared(number, (command.kind,), command.details.get("sku"))
        for number in dict.fromkeys(one.ticket for one in before)
    )
    return told, *said, *withdrawn, PrepareCommand(command, case.number)


def _covers(waiting: Prepared, command: CommandShop) -> bool:
    """Tell whether what waits is the same, or the whole of which it is a part."""
    return waiting.details == command.details or (waiting.sku is None and "sku" in command.details)


def _to_confirm(command: CommandShop) -> Line:
    """The kind tells whoever asks for something else later that it is something else."""
    return line("method.confirm", command=command.kind)
