"""Texts of few words that mean one thing as a whole, and nothing where there is more in them. Pure."""

import re

from bot.dialogue.hearing.plain_words import plain

LONGEST = 60
"""More is a sentence; and nobody's text may keep the patterns busy."""

_PUNCTUATION = re.compile(r"[\s,，、。.!！?？~…;；]+")


def says_only(text: str, chinese: re.Pattern[str], english: re.Pattern[str]) -> bool:
    """Tell whether a text is nothing but what one of the patterns has, punctuation aside.

    Chinese is compared in Simplified and without blanks, English in lower case (see `bot.nlu.normalise`).
    """
    said = plain(text)
    if len(said) > LONGEST:
        return False
    bare = _PUNCTUATION.sub(" ", said).strip()
    return (chinese.fullmatch(bare.replace(" ", "")) or english.fullmatch(bare)) is not None
