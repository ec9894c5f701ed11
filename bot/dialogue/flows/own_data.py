"""Who wants their data, or wants it erased: told what happens, and a person gets the prepared request (product §8).

The bot decides nothing about it: that it is really this customer must be certain, and two people erase.
"""

from bot.dialogue.flows.cases import add_to_newest
from bot.dialogue.outcome import Moment, OpenTicket, Outcome, end, line, say
from bot.dialogue.records import PrepareErasure

ERASE, EXPORT = "handoff.erase_data", "handoff.export_data"


def take_request(moment: Moment) -> Outcome:
    """Open a case for it, once; an open one gets what was said."""
    intent, said = moment.slot("intent"), moment.slot("said") or ""
    told = say("own_data.erase" if intent == ERASE else "own_data.export")
    if any(ticket.is_open and ticket.intent == intent for ticket in moment.facts.tickets):
        return end(told, *add_to_newest(moment.facts, said, 0))
    opening = OpenTicket(
        category="handoff",
        intent=intent,
        seriousness="nuisance",
        method=line("method.own_data"),
        summary=said,
        packet={"flow": "own_data", "facts": {"said": said, "intent": intent}, "about": intent},
    )
    prepared = (PrepareErasure(),) if intent == ERASE else ()
    return end(told, opening, *prepared, say("ticket.opened", ticket=True))
