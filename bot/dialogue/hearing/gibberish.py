"""A text without a word in it: fingers on the keys, a test whether anybody is there, nothing but full stops. Pure.

The model must name something for any text, and is friendly to what it has never met; this comes before it. What may be
a word, a name, a number or a feeling ("哈哈哈", "666", "hmm") is left to the model.
"""

import re

from bot.nlu.normalise import normalise

_LETTERS = re.compile(r"[a-z]+")
# A question mark alone asks something: who sends it waits, or was not understood.
_WORDLESS = re.compile(r"[\s!-/:->@\[-`{-~、。，！；：“”‘’（）《》【】…—～·]*")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_TEST = re.compile(r"((test(ing)?|测试|试试|测试一下|试一下)[\s,，.。!！]*)+")
# The same few letters again and again, none of which are a syllable.
_STUTTER = re.compile(r"([^aeiou]{1,4}?)\1{2,}[^aeiou]{0,3}|([^aeiou]{3,4})\2+")
_WITHOUT_VOWEL = re.compile(r"[^aeiouy]{5,}")
# Written without a vowel, and said all the same.
_SOUNDS = re.compile(
    r"h*m+|z+|b?r+|gr+|ps+t|p+f+t*|s+h+|t+s+k+|wtf+|th?n?x+|pl+[sz]+|h?t?t?ps?|html|x+s?l?|hh+|www+|kkk+"
)


def says_nothing(text: str) -> bool:
    """Tell whether a text has no word in it. An empty one is no text."""
    said = normalise(text).lower().strip()
    if not said:
        return False
    if _WORDLESS.fullmatch(said) or _TEST.fullmatch(said):
        return True
    letters = _LETTERS.findall(said)
    rest = _WORDLESS.fullmatch(_LETTERS.sub("", said))
    return bool(letters and rest) and all(map(_is_mashed, letters))


def _is_mashed(letters: str) -> bool:
    if _SOUNDS.fullmatch(letters):
        return False
    in_a_row = len(letters) >= 4 and any(letters in row or letters[::-1] in row for row in _ROWS)
    return in_a_row or any(pattern.fullmatch(letters) for pattern in (_STUTTER, _WITHOUT_VOWEL))
