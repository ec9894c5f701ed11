"""What the bot settles by itself, and what it prepares for a person to confirm: the day's limits decide."""

from dataclasses import replace

from actions.lines import Line
from actions.policy.limits import Used, is_within
from actions.shop import REMEDIES, CommandKind
from bot.dialogue.cases import add_said, change_case, desk_category, open_or_add, tell_case
from bot.dialogue.outcome import CommandShop, Moment, Outcome, line, say
from bot.dialogue.prepared import find_case_of, find_remedies, stands
from bot.dialogue.records import AddToTicket, ChangedWish, Effect, PrepareCommand, Prepared


def keep_within_limits(moment: Moment, outcome: Outcome) -> Outcome:
    """Ask the shop for what is within the day's limits; above them a ticket carries it, prepared."""
    settled = tuple(effect for one in outcome.effects for effect in _settle(moment, one))
    return replace(outcome, effects=settled)


def _settle(moment: Moment, effect: Effect) -> tuple[Effect, ...]:
    if not isinstance(effect, CommandShop):
        return (effect,)
    used = moment.facts.used.get(effect.order_number, {}).get(effect.kind, Used())
    limits = moment.facts.policy.limits
    if _find_remedies(moment, effect):
        return prepare(moment, effect)
    if is_within(limits, effect.kind, used=used, amount=effect.amount):
        return (effect.told, effect) if effect.told else (effect,)
    ever_alone = effect.kind in limits and limits[effect.kind].count
    told = "limit.reached" if ever_alone else "limit.person"
    return (say(told, what=line(f"command.{effect.kind}", amount=effect.amount)), *prepare(moment, effect))


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
        category=desk_category(intent),
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
    return said if stands(before[-1]) else (*said, PrepareCommand(command, case.number))


def _to_confirm(command: CommandShop) -> Line:
    """The kind tells whoever asks for something else later that it is something else."""
    return line("method.confirm", command=command.kind)
