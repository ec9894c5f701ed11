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


def reply(text: str, _facts: Facts) -> tuple[Effect, ...]:
    """Answer small talk in kind."""
    if words.names(words.ROBOT, text):
        return (say("chitchat.robot", PERSON),)
    if words.names(words.THANKS, text):
        return (say("chitchat.thanks"),)
    if words.names(words.BYE, text):
        return (say("chitchat.bye"),)
    return (say("chitchat.greeting", *MENU),)
