"""Greetings, thanks, good-byes, and what the bot says of itself."""

from bot.dialogue import words
from bot.dialogue.outcome import PERSON, say, start
from bot.dialogue.records import Effect, Facts

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
