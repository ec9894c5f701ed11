"""Greetings, thanks, good-byes, and what the bot says of itself."""

import re

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

_FRIENDLY = re.compile(
    r"哈哈|嘿嘿|嘻嘻|呵呵|可爱|真(好|棒|贴心)|厉害|不错|喜欢|爱你|棒|\b(ha(ha)+|lol|cute|sweet|nice|lovely|love|great|good|kind|funny)\b"
)


def is_meant(text: str) -> bool:
    """Tell whether words are plainly small talk: a greeting, thanks, "all right"."""
    return words.is_small_talk(text) or words.is_yes(text) or words.is_no(text) or words.names(words.UNDERSTOOD, text)


def soothe(state: State, text: str) -> tuple[Effect, ...]:
    """Answer what only sounds like small talk in the middle of a matter: no greeting, and a person after a refusal."""
    if is_meant(text) or state.active is not None or words.shows_only_feeling(text):
        return ()
    if state.reason.get("refuses") and not state.reason.get("soothed") and not words.names(_FRIENDLY, text):
        return (say("chitchat.upset", PERSON),)
    return (say("nothing_said", *MENU),) if state.request else ()


def reply(text: str, _facts: Facts) -> tuple[Effect, ...]:
    """Answer small talk in kind."""
    if words.shows_displeasure(text):
        return (say("chitchat.unhappy"),)
    if words.names(words.ROBOT, text):
        return (say("chitchat.robot", PERSON),)
    if words.names(words.THANKS, text):
        return (say("chitchat.thanks"),)
    if words.is_yes(text) or words.shows_only_feeling(text) or words.names(words.UNDERSTOOD, text):
        return (say("chitchat.ok"),)
    if words.names(words.BYE, text):
        return (say("chitchat.bye"),)
    return (say("chitchat.greeting", *MENU),)
