"""The customer's word on a resolved ticket: solved, or not (product §7). By button, or in a sentence."""

import re

from bot.dialogue.hearing import words
from bot.dialogue.hearing.case_words import asks_news
from bot.dialogue.hearing.few_words import LONGEST
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.outcome import say
from bot.dialogue.records import Effect, Facts, Heard, SettleTicket
from bot.dialogue.state import State
from escalation.service import TicketView

_ENDED = frozenset({"resolved", "closed"})
_CHOICE = "solved="
# To "is it solved?", and nothing else was asked since.
_NO = re.compile(r"(还没有?|没有?|不|不是|没呢|还没呢|no|nope|not (yet|really|at all))([,，.。!！ ]|$)+")
_YES = re.compile(r"(是|是的|对|对的|嗯|嗯嗯|yes|yep|yeah|it is|yes,? it is|all good)[.。!！~ ]*")
# "No, thanks": nothing more is wanted.
_WANTS_NOTHING = re.compile(r"谢|不用|不要|不需要|算了|没事|别的|其他|\b(thank|thanks|nothing|that'?s all|else|more)\b")
# "No problem": there is none. "No, it works now": and what is told of it then must not be denied in turn.
_NONE_LEFT = re.compile(r"no (problems?|issues?|troubles?|worries|complaints?|need|hurry|rush)\b")
_WELL = re.compile(
    r"好了|可以了|能用了?|正常|没问题|\b(works?|working|fine|good|great|ok(ay)?|fixed|solved|resolved|sorted)\b"
)
_DENIED = re.compile(r"不|没|还|未|\b(not|never|no|still|again|but)\b|n'?t\b")
_AGAIN = re.compile(r"(重新|再)(打?开|开启|处理|受理)|重开|\bre-?open|\bopen (it|this|that|(my|the) case) again\b")
_STILL = re.compile(r"还是|还不|还没|仍|依然|依旧|照样|照旧|又(坏|不|没)|\b(still|again)\b")
_AMISS = re.compile(
    r"坏|不行|不能|不了|不[到好亮响动进出上灵]|没|一样|老样子|问题|\b(no|not|broken|dead|faulty|the same)\b|n'?t\b"
)


def settle(state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """Return what follows from the customer's word, or nothing if this is none."""
    ticket, solved = _by_button(heard, facts) if heard.choice else _by_words(state, heard, facts)
    if ticket is None:
        return ()
    told = say("settled.solved" if solved else "survey.reopened", number=ticket.number)
    return SettleTicket(ticket.number, solved), told


def _by_button(heard: Heard, facts: Facts) -> tuple[TicketView | None, bool]:
    answer, _, number = (heard.choice or "").removeprefix(_CHOICE).partition(":")
    if not (heard.choice or "").startswith(_CHOICE):
        return None, False
    return next((ticket for ticket in facts.tickets if ticket.number == number), None), answer == "yes"


def _by_words(state: State, heard: Heard, facts: Facts) -> tuple[TicketView | None, bool]:
    """Only what was resolved last can be meant, and only while nothing else is open; "reopen it" is always meant."""
    ended = next((ticket for ticket in facts.tickets if ticket.state in _ENDED), None)
    if ended is None or _names_other_order(ended, heard):
        return None, False
    if _asks_to_reopen(heard):
        return ended, False
    if any(ticket.is_open for ticket in facts.tickets):
        return None, False
    if words.names(words.NOT_SOLVED, heard.text) or (_is_answer(state) and _says_not_solved(ended, heard)):
        return ended, False
    solved = words.names(words.SOLVED, heard.text) and not asks_news(heard.text)
    solved = solved or (_is_answer(state) and _YES.fullmatch(plain(heard.text).strip()) is not None)
    return (ended, True) if ended.state == "resolved" and solved else (None, False)


def _is_answer(state: State) -> bool:
    """Tell whether the bot has asked and offered nothing since "is it solved?"."""
    return not state.offered and (state.active is None or state.active.asking is None)


def _names_other_order(ticket: TicketView, heard: Heard) -> bool:
    return read_slot("order", heard).get("order", ticket.order_number) != ticket.order_number


def _asks_to_reopen(heard: Heard) -> bool:
    return len(heard.text) <= LONGEST and words.names(_AGAIN, heard.text) and not words.is_question(heard.text)


def _says_not_solved(ticket: TicketView, heard: Heard) -> bool:
    """Tell whether a sentence says "no", or that what was wrong still is: asked just now, or once it is closed."""
    said = plain(heard.text).strip()
    if ticket.state == "resolved" and _says_no(said):
        return True
    faulty = any(entity.name == "defect" for entity in heard.reading.entities) if heard.reading else False
    amiss = faulty or _AMISS.search(said) is not None
    return _STILL.search(said) is not None and amiss and not words.is_question(heard.text)


def _says_no(said: str) -> bool:
    """Tell whether a sentence is a plain "no", and not thanks, nor good news."""
    no = _NO.match(said)
    if no is None or _WANTS_NOTHING.search(said) or _NONE_LEFT.match(said):
        return False
    more = said[no.end() :]
    return _WELL.search(more) is None or _DENIED.search(more) is not None
