"""A visitor who may leave is asked for a way to reach them: once, told why, and free to say no (product §2). Pure.

Asked when a case is open and nothing else is being asked. The address never stays in the conversation's memory: a good
one goes out as an effect at once.
"""

import re
from dataclasses import replace

from bot.dialogue.hearing import words
from bot.dialogue.outcome import Moment, Outcome, ask, end, option, say
from bot.dialogue.records import Effect, Facts, Heard, KeepContact, OpenTicket
from bot.dialogue.state import Frame, State
from bot.nlu.normalise import normalise
from bot.security.masking import mask_sensitive
from escalation.addresses import check_address

FLOW = "contact"
_SLOT = "mail_to"
_LIKE_AN_ADDRESS = re.compile(r"[^\s@,;，；<>()]+@[^\s@,;，；<>()]*")
_NO = option(_SLOT, "no", "choice.no_contact")


def ask_for_contact(
    state: State, effects: tuple[Effect, ...], heard: Heard, facts: Facts
) -> tuple[State, tuple[Effect, ...]]:
    """Ask, where it is time to; else change nothing."""
    if not _is_time(state, effects, heard, facts):
        return state, effects
    asking = state.push(Frame(FLOW, {}, asking=_SLOT))
    question = say("contact.ask", _NO)
    return replace(asking, contact_asked=True, offered=(_NO.value,)), (*effects, question)


def _is_time(state: State, effects: tuple[Effect, ...], heard: Heard, facts: Facts) -> bool:
    if heard.kind == "command" or not facts.lacks_contact or state.contact_asked or state.active:
        return False
    has_opened = any(isinstance(effect, OpenTicket) for effect in effects)
    return has_opened or any(ticket.is_open for ticket in facts.tickets)


def take_contact(moment: Moment) -> Outcome:
    """Keep the address, ask again for one that cannot be right, or take the no."""
    given = moment.slot(_SLOT)
    if given == "no":
        return end(say("contact.declined"))
    try:
        address = check_address(given)
    except ValueError:
        again = ask(_SLOT, say("contact.invalid", _NO))
        return replace(again, forgets=(_SLOT,))
    if "." not in address.rpartition("@")[2]:
        return replace(ask(_SLOT, say("contact.invalid", _NO)), forgets=(_SLOT,))
    return end(KeepContact(address), say("contact.kept", address=mask_sensitive(address)))


def read_email(heard: Heard) -> str | None:
    """Return what looks like an address in an answer, "no" for a no, None for anything else."""
    found = _LIKE_AN_ADDRESS.search(normalise(heard.text))
    if found:
        return found.group().rstrip(".。!！?？")
    return "no" if words.is_no(heard.text) else None
