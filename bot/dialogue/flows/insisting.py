"""What policy refused, asked for once more: the answer stands, shortly and with its date, and a person is offered."""

from actions.days import last_moment
from actions.policy import Decision
from bot.dialogue.attempts import was_told
from bot.dialogue.outcome import Moment, say
from bot.dialogue.records import Choice, Say

# Why goods never go back for a change of mind, whatever the day.
_BY_RULE = {"return.excluded": "still.excluded", "return.waivable": "still.waived"}


def is_refused_again(moment: Moment, decision: Decision) -> bool:
    """Tell whether a refusal has been explained before, and is asked about again rather than only come back to."""
    if decision.outcome != "refuse" or not was_told(moment.state, moment.order, decision):
        return False
    chosen = moment.slot("remedy")
    return moment.frame.asking != "remedy" or chosen not in {None, *decision.remedies}


def tell_again(moment: Moment, decision: Decision, choices: tuple[Choice, ...]) -> Say:
    """Say that it stands, and why in a few words; what is open instead, if anything is."""
    until = last_moment(decision.until) if decision.until else None
    if decision.remedies:
        names = [moment.facts.policy.remedy_names[remedy] for remedy in decision.offered]
        if until is None:
            return say("still.instead", *choices, remedies=names)
        return say("still.instead_until", *choices, remedies=names, until=until)
    if until and until < moment.facts.now:
        return say("still.late", *choices, until=until)
    return say(_BY_RULE.get(decision.rules[0], "still.closed"), *choices)
