"""Greetings, thanks, good-byes, and what the bot says of itself."""

from bot.dialogue.hearing import words
from bot.dialogue.outcome import PERSON, say, start
from bot.dialogue.records import Effect, Facts
from bot.dialogue.state import State

MENU = (
    start("order.status", "choice.order_status"),
    start("logistics.tracking", "choice.parcel"),
    start("quality.functional_defect", "choice.faulty"),
    start("after_sales.return", "choice.return"),
    PERSON,
)


def is_meant(text: str) -> bool:
    """Tell whether words are plainly small talk: a greeting, thanks, "all right"."""
    return words.is_small_talk(text) or words.is_yes(text) or words.is_no(text) or words.names(words.UNDERSTOOD, text)


def soothe(state: State, text: str) -> tuple[Effect, ...]:
    """Answer what only sounds like small talk in the middle of a matter: no greeting, and a person after a refusal."""
    if is_meant(text) or state.active is not None:
        return ()
    last = state.tried[-1] if state.tried else None
    if state.reason or (last is not None and last.details.get("outcome") == "refuse"):
        return (say("chitchat.upset", PERSON),)
    return (say("nothing_said", *MENU),) if state.request else ()


def reply(text: str, _facts: Facts) -> tuple[Effect, ...]:
    """Answer small talk in kind."""
    if words.names(words.ROBOT, text):
        return (say("chitchat.robot", PERSON),)
    if words.names(words.THANKS, text):
        return (say("chitchat.thanks"),)
    if words.is_yes(text) or words.names(words.UNDERSTOOD, text):
        return (say("chitchat.ok"),)
    if words.names(words.BYE, text):
        return (say("chitchat.bye"),)
    return (say("chitchat.greeting", *MENU),)
