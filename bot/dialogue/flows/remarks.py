"""What is asked or said in passing and changes no order: how long a repair takes, another courier next time."""

from bot.dialogue.flows.cases import tell_case_status
from bot.dialogue.outcome import PERSON, Moment, Outcome, end, say, start

REPAIR_TIME, NEXT_TIME = "repair_time", "next_time"
_FAILED = "warranty.failed"


def tell_repair_time(moment: Moment) -> Outcome:
    """Say how long a repair may take by the policy (§4.2); of one in a case its own time is told."""
    if any(ticket.is_open for ticket in moment.facts.tickets):
        return tell_case_status(moment)
    rule = moment.facts.policy.version_at(moment.facts.now).rules.get(_FAILED)
    choices = (start("after_sales.repair_warranty", "remedy.repair"), PERSON)
    if rule is None:
        return end(say("repair.how_long", *choices))
    return end(say("repair.how_long_at_most", *choices, days=rule.days))


def take_next_time(_moment: Moment) -> Outcome:
    """Thank for what shall be otherwise next time; who wants it to be heard by a person is one button away."""
    return end(say("next_time.heard", PERSON))
