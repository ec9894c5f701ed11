"""The customer's word on a resolved ticket: solved, or not (product §7). By button, or in a sentence."""

from bot.dialogue.hearing import words
from bot.dialogue.hearing.case_words import asks_news
from bot.dialogue.outcome import say
from bot.dialogue.records import Effect, Facts, Heard, SettleTicket
from escalation.service import TicketView

_ENDED = frozenset({"resolved", "closed"})
_CHOICE = "solved="


def settle(heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """Return what follows from the customer's word, or nothing if this is none."""
    ticket, solved = _by_button(heard, facts) if heard.choice else _by_words(heard, facts)
    if ticket is None:
        return ()
    told = say("settled.solved" if solved else "survey.reopened", number=ticket.number)
    return SettleTicket(ticket.number, solved), told


def _by_button(heard: Heard, facts: Facts) -> tuple[TicketView | None, bool]:
    answer, _, number = (heard.choice or "").removeprefix(_CHOICE).partition(":")
    if not (heard.choice or "").startswith(_CHOICE):
        return None, False
    return next((ticket for ticket in facts.tickets if ticket.number == number), None), answer == "yes"


def _by_words(heard: Heard, facts: Facts) -> tuple[TicketView | None, bool]:
    """Only what was resolved last can be meant, and only while nothing else is open."""
    newest = facts.tickets[0] if facts.tickets else None
    if newest is None or newest.state not in _ENDED or any(ticket.is_open for ticket in facts.tickets):
        return None, False
    if words.names(words.NOT_SOLVED, heard.text):
        return newest, False
    solved = words.names(words.SOLVED, heard.text) and not asks_news(heard.text)
    return (newest, True) if newest.state == "resolved" and solved else (None, False)
