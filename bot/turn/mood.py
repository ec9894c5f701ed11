"""How a customer feels, by their own words and by how often they had to come: calm, worried, upset or angry. Pure.

A list of words, not a guess: every level names the words that it rests on, so that whoever reads it can judge.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from bot.dialogue.hearing.words import THREAT
from bot.nlu.normalise import normalise

# Product §4: the third contact about the same matter weighs more; here, one level.
_OFTEN = 3
_MOST_SIGNS = 5


class MoodLevel(IntEnum):
    """From calm to angry; the higher one counts."""

    CALM = 0
    WORRIED = 1
    UPSET = 2
    ANGRY = 3


@dataclass(frozen=True)
class Mood:
    """`signs`: the customer's words that say so. `came_often`: raised by the number of contacts."""

    level: MoodLevel
    signs: tuple[str, ...] = ()
    came_often: bool = False


_WORRIED = re.compile(
    r"着急|急用|急着|很急|急死|担心|害怕|等了(很|好|这么|那么)久|等(了)?好几天|怎么(还|都)(没|不)|还没(到|收|发|退|来)|一直(没|不)|"
    r"什么时候(才|能)|尽快|赶紧|快点|麻烦快|催一下|"
    r"\b(worried|worry|urgent\w*|asap|anxious|concerned|hurry|still (waiting|no|not|haven'?t|hasn'?t)|when will)\b"
)
_UPSET = re.compile(
    r"失望|生气|不满|无语|太差|很差|差劲|敷衍|推脱|踢皮球|没人(管|理)|不管不问|烦死|太慢|受不了|心寒|差评|投诉|折腾|"
    r"\b(disappoint\w*|annoy\w*|frustrat\w*|fed up|upset|complain\w*|terrible|awful|rude|sick of|"
    r"not (happy|good enough)|unhappy|ignored|nobody (cares|answers|helps)|let down)\b|[!！]{2,}"
)
_ANGRY = re.compile(
    r"骗子|骗人|骗钱|欺骗|欺负人|垃圾|太过分|气死|无耻|恶心|忍无可忍|岂有此理|什么破|缺德|坑人|坑爹|黑心|流氓|混蛋|滚(蛋|开)|再也不(买|来)|"
    r"\b(scam\w*|rip[- ]?off|furious|angry|disgust\w*|unacceptable|outrag\w*|ridiculous|pathetic|liars?|lying|"
    r"thie(f|ves)|(the )?worst|never (buy|shop|order)\w* (here |from you )?again|wtf|hell)\b"
)
_SIGNS = (
    (MoodLevel.ANGRY, THREAT),
    (MoodLevel.ANGRY, _ANGRY),
    (MoodLevel.UPSET, _UPSET),
    (MoodLevel.WORRIED, _WORRIED),
)


def judge_mood(texts: Iterable[str], *, contacts: int) -> Mood:
    """Judge what a customer wrote lately; from the third contact about the same matter on, one level more."""
    found = [(level, sign) for text in texts for level, sign in _find_signs(normalise(text).lower())]
    said = max((level for level, _ in found), default=MoodLevel.CALM)
    signs = tuple(dict.fromkeys(sign for level, sign in found if level == said))[:_MOST_SIGNS]
    often = contacts >= _OFTEN and said < MoodLevel.ANGRY
    return Mood(MoodLevel(said + often), signs, came_often=often)


def _find_signs(text: str) -> list[tuple[MoodLevel, str]]:
    return [(level, found.group()) for level, pattern in _SIGNS for found in pattern.finditer(text)]
