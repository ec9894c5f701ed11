"""One spelling for one meaning, before features and word lists look at a text.

Compatibility forms are folded (NFKC), Traditional Chinese becomes Simplified (OpenCC), and for the features digits are
masked, so that an order number teaches the classifier nothing. The customer's own text is never changed or stored
through here. Runs in both environments.
"""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060-\u2064\u2028\u2029\ufeff\ufe0f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff]+", re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_SPACES = re.compile(r"\s+")
_RUN = re.compile(r"([^\w\s])\1{2,}")

FEATURE_CHARACTERS = 600
"""What the features look at: the head of a very long text carries its request, and cost must have a ceiling."""


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def to_simplified(text: str) -> str:
    """Return the text with Traditional Chinese characters in their Simplified form."""
    return str(_converter().convert(text))


# One message is looked at from many sides: by the model, by each word list, by the language.
@lru_cache(maxsize=256)
def normalise(text: str) -> str:
    """Return the text folded (NFKC), Simplified, on one line, without control characters. Any string is accepted."""
    folded = unicodedata.normalize("NFKC", _SURROGATE.sub("\ufffd", text))
    return to_simplified(_SPACES.sub(" ", _CONTROL.sub("", folded)).strip())


def normalise_for_features(text: str) -> str:
    """Return what the classifier looks at: normalised, lower case, digits and links masked, cut to a ceiling."""
    plain = normalise(text[: 4 * FEATURE_CHARACTERS])[:FEATURE_CHARACTERS].lower()
    return _RUN.sub(r"\1\1", mask_digits(_LINK.sub("url", plain)))


def mask_digits(text: str) -> str:
    """Return the text with every number replaced by zeros: short ones `0`, long ones (an order, a phone) `0000`."""
    return _DIGITS.sub(lambda found: "0" if len(re.split("[.,]", found.group())[0]) <= 4 else "0000", text)
