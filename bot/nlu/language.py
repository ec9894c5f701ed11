"""Which of the three languages a message is written in; one that shows none leaves the conversation's as it is."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

from bot.nlu.addresses import find_addresses
from bot.nlu.folding import fold
from bot.nlu.normalise import to_simplified
from bot.nlu.reading import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?", re.IGNORECASE)
# Nobody's language: whoever is asked for a mail address writes it as it is.
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}|https?://\S{1,500}", re.IGNORECASE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Characters that both scripts write, though OpenCC maps them (后 is "empress" in Traditional, 了 is itself).
_SHARED = frozenset("后里面台干只了系出制谷斗郁余范丑几采冲卜云征困向松才曲朴朱沈秋表致板别布志游周占吁胡同合咸升折舍")
_CANTONESE = frozenset("嘅咗唔係啲喺冇佢嘢哋咩嚟噉咁畀俾揾嗰啱瞓攞")
_LOOK_AT = 2000
# Words anybody types in any language: they say nothing about the writer's own.
_NEUTRAL_WORDS = """
    ok okay k yes yeah yep no nope hi hey hello thanks thx sorry haha lol hmm wow oh bye pls cool app
"""
_NEUTRAL = frozenset(_NEUTRAL_WORDS.split())
_ENGLISH_WORDS = """
    a about after again all am an and any are as at back be been being broken but buy by can cancel cannot change
    charged come complaint could customer damaged day days delivered delivery did do does doesn't don't exchange get
    give good got had has have help here how human i i'm i've if in invoice is isn't it it's item just know late like
    me missing money my need never new no not now of on or order ordered package parcel pay payment person please
    product received refund repair return say see sent service she ship shipped shipping so some someone still stop
    talk thank thanks that the their them there they this to today track tracking want was we week were what what's
    when where where's which who why will with wrong yes yet you your
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
# What makes a sentence: names of goods and places have none of them, whatever language they are in.
_SAYING_WORDS = """
    i i'm i'd i've i'll my me we our you your he she they it it's its this that these those the a an is isn't are was
    were be been do does doesn't did didn't don't can can't could won't would will have has haven't had to of for from
    with on in at and but not no please want need when where why how what which still just there
"""
_SAYING_ENGLISH = frozenset(_SAYING_WORDS.split())
_SAYING_CHINESE = frozenset("我你您的了吗呢吧没請请把給给這这那怎麼么什想要讓让啊嗎嗎沒嘅咗唔係喺佢啲冇")
_FEW_WORDS = 2


def find_language(text: str) -> Language | None:
    """Return the language the text shows, or None where it shows none ("ok", digits, a model number, an address)."""
    head = _read_head(text)
    han, words = _HAN.findall(head), _words_of(head)
    says_chinese, says_english = _count_saying(han, words)
    sentence = says_english >= _FEW_WORDS or (says_english > 0 and len(words) > _FEW_WORDS)
    is_english = sentence and not says_chinese
    speaks_chinese = says_chinese >= _FEW_WORDS and says_chinese >= says_english
    if han and not is_english and (len(han) * 2 >= len(words) or speaks_chinese):
        return _find_script("".join(han))
    return "en" if _reads_as_english(words) else None


def detect_language(text: str, *, default: Language, in_midst: bool = False, may_be_name: bool = False) -> Language:
    """Return the language of a message; `default` (the conversation's) where the message does not show one.

    Chinese without a character that tells the scripts apart stays in a Chinese `default`, else counts as Simplified.
    `in_midst`: the customer has written before; a word or two of English then makes no English of a Chinese talk.
    `may_be_name`: a name or an address was asked for, which is written as it is.
    """
    head = _read_head(text)
    han, words = _HAN.findall(head), _words_of(head)
    says_chinese, says_english = _count_saying(han, words)
    if may_be_name and not says_chinese and says_english < _FEW_WORDS:
        return default
    found = find_language(text)
    if found == "en" and default != "en" and in_midst and len(words) <= _FEW_WORDS:
        return default
    if found is not None:
        return found
    return "zh-Hans" if han and default == "en" and len(words) <= len(han) else default


def _read_head(text: str) -> str:
    """Return the beginning of a text, without mail addresses, links, and where parcels go."""
    head = _ADDRESS.sub(" ", _SURROGATE.sub("", unicodedata.normalize("NFKC", text[:_LOOK_AT])))
    folded = fold(head)
    cased = head if len(head) == len(folded.text) else folded.text
    for start, end in reversed(list(find_addresses(folded.text, cased))):
        first, last = folded.find_span(start, end)
        head = f"{head[:first]} {head[last:]}"
    return head


def _words_of(head: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(head)]


def _count_saying(han: list[str], words: list[str]) -> tuple[int, int]:
    """Return how many characters and words of a text make a sentence, in Chinese and in English."""
    return sum(char in _SAYING_CHINESE for char in han), sum(word in _SAYING_ENGLISH for word in words)


def _reads_as_english(words: list[str]) -> bool:
    meaningful = [word for word in words if word not in _NEUTRAL]
    known = sum(word in _ENGLISH for word in meaningful)
    return known > 0 if len(meaningful) <= 2 else known > 0 or len(meaningful) >= 4


def _find_script(han: str) -> Language | None:
    """Return the script that more of the telling characters belong to; None without one."""
    traditional, simplified = _count_telling(han)
    if traditional == simplified:
        return None
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _count_telling(han: str) -> tuple[int, int]:
    telling = [char for char in han if char not in _SHARED]
    traditional = sum(char in _CANTONESE or to_simplified(char) != char for char in telling)
    simplified = sum(_to_traditional(char) != char and to_simplified(char) == char for char in telling)
    return traditional, simplified


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2t")


@lru_cache(maxsize=8192)
def _to_traditional(char: str) -> str:
    return str(_converter().convert(char))
