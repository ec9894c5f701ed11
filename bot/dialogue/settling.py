"""What the bot settles by itself, and what it prepares for a person to confirm: the day's limits decide."""

from dataclasses import replace

from actions.policy.limits import Used, is_within
from actions.shop import REMEDIES
from bot.dialogue.cases import desk_category, find_same_case, open_or_add
from bot.dialogue.outcome import CommandShop, Moment, Outcome, line, say
from bot.dialogue.records import AddToTicket, Effect, PrepareCommand


def keep_within_limits(moment: Moment, outcome: Outcome) -> Outcome:
    """Ask the shop for what is within the day's limits; above them a ticket carries it, prepared."""
    settled = tuple(effect for one in outcome.effects for effect in _settle(moment, one))
    return replace(outcome, effects=settled)


def _settle(moment: Moment, effect: Effect) -> tuple[Effect, ...]:
    if not isinstance(effect, CommandShop):
        return (effect,)
    used = moment.facts.used.get(effect.order_number, {}).get(effect.kind, Used())
    limits = moment.facts.policy.limits
    if _is_prepared_already(moment, effect):
        return prepare(moment, effect)
    if is_within(limits, effect.kind, used=used, amount=effect.amount):
        return (effect.told, effect) if effect.told else (effect,)
    ever_alone = effect.kind in limits and limits[effect.kind].count
    told = "limit.reached" if ever_alone else "limit.person"
    return (say(told, what=line(f"command.{effect.kind}", amount=effect.amount)), *prepare(moment, effect))


def _is_prepared_already(moment: Moment, command: CommandShop) -> bool:
    """Tell whether a person is to confirm a remedy already: another must not be carried out past them."""
    if command.kind not in REMEDIES:
        return False
    category = desk_category(moment.slot("intent"))
    sku = command.details.get("sku")
    case = find_same_case(moment, category=category, order_number=command.order_number, sku=sku)
    return case is not None and case.method["key"] == "method.confirm"


def prepare(moment: Moment, command: CommandShop) -> tuple[Effect, ...]:
    """Open a ticket with the command prepared, or add it to the one about the same matter."""
    intent = moment.slot("intent")
    opened = open_or_add(
        moment,
        category=desk_category(intent),
        intent=intent,
        # The kind tells whoever asks for something else later that it is something else.
        method=line("method.confirm", command=command.kind),
        seriousness=command.seriousness,
        decision=command.decision,
        policy_tier=(command.decision or {}).get("tier"),
        remedy=REMEDIES.get(command.kind),
        sku=command.details.get("sku"),
    )
    number = next((effect.number for effect in opened if isinstance(effect, AddToTicket)), None)
    return (*opened, PrepareCommand(command, number))
