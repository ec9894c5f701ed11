"""What customers wish for: a remedy by its name, one in place of another, or to be made good. In three languages; pure.

Patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.words import QUESTION, names

REMEDIES: dict[str, re.Pattern[str]] = {
    "exchange": re.compile(
        r"换(?!季|气|洗|上|下|个?角度)|\b(exchang\w+|replace(ment|d?)|swap\w*|(a |the )?(new|another) one)\b"
    ),
    "repair": re.compile(r"(?<!装)修(?!改)|\b(repair\w*|fix(ed)?|mend(ed)?)\b"),
    "resend": re.compile(
        r"补发|补寄|补一|重发|重新[发寄]|再发|再寄|重寄|"
        r"\b(re-?sen[dt]\w*|re-?ship\w*|sen[dt] (it |one |them |another |to me |out )*again|"
        r"(send|sent) (me )?(another|a new parcel))\b"
    ),
    "return": re.compile(r"退(?!休|烧)|\b(return\w*|refund\w*|money back|send (it|them) back|take (it|them) back)\b"),
}  # fmt: skip
# Of a wish to have it sent again no more than this is left.
_BESIDE_RESEND = re.compile(
    r"[那就我还是请麻烦帮给想要不如干脆算了直接改成能可以希望你们您再吧好谢货新的过来一个份件盒次吗]+|"
    r"\b(well|ok|okay|no|actually|then|please|so|i'd|i|would|could|can|you|rather|prefer|like|want|have|get|to|it|them|one|"
    r"the|my|parcel|order|be|me|out|just|instead|after|all|now)\b"
)
_LONGEST_WISH = 60
# What was done already, or is not wanted, is no wish.
_NO_WISH = re.compile(
    r"(不能|不可以|不让|不给|没法|无法|不想|不要|不用|别|不是|不|没)(要)?(再)?(给我)?(退|换|修|补发)[货款理]?|(修|换|退)(了|过)(?!吧|算)|(修|换|退)[一二两三四五六七八九十0-9几]次|"
    r"换货期|退货期|退换货?(政策|规则)|保修期|"
    r"\b(don'?t|do not|not|no|without|instead of|rather than) (want |need )?(a |an |the |to |it )?"
    r"(return\w*|refund\w*|exchang\w+|replace\w*|repair\w*|fix(ed)?)( it)?|"
    r"(repaired|fixed|replaced|exchanged) (it )?(once|twice|already|before|\w+ times)|"
    r"(after|had|been|was|were) (\w+ )?(repair\w*|fixed|replaced|exchanged)|(one|two|three|several|many) repairs"
)
_INSTEAD = re.compile(r"算了|还是|改(成|为)|不如|干脆|\b(instead|after all|rather|actually|on second thoughts?)\b")
_EITHER = re.compile(r"[退换修][货款理]?还是[退换修]|或者?|\b(or|either)\b")
_COMPENSATION = re.compile(
    r"补偿|赔偿|赔(我|点|些|一点|多少|钱)|\b(compensat\w+|make it up to me|goodwill (voucher|gesture))\b"
)


def remedy_in(text: str) -> str | None:
    """Return the remedy that a sentence asks for: the first named; None where none is, or one of several is asked."""
    wished = _NO_WISH.sub(" ", plain(text))
    found = {remedy: match.start() for remedy, pattern in REMEDIES.items() if (match := pattern.search(wished))}
    if len(found) > 1 and _EITHER.search(wished):
        return None
    return min(found, key=lambda remedy: found[remedy], default=None)


def wanted_instead(text: str) -> str | None:
    """Return the remedy that a sentence names in place of another ("no, send it again after all"), or None."""
    return remedy_in(text) if names(_INSTEAD, text) and not names(QUESTION, text) else None


def wants_only_resend(text: str) -> bool:
    """Tell whether a text is nothing but a wish to have it sent again, which no intent stands for."""
    said = plain(text)
    if len(said) > _LONGEST_WISH or remedy_in(text) != "resend":
        return False
    return re.search(r"\w", _BESIDE_RESEND.sub(" ", REMEDIES["resend"].sub(" ", said))) is None


def wants_compensation(text: str) -> bool:
    """Tell whether a sentence asks to be made good for trouble, whatever else it tells of the goods."""
    return names(_COMPENSATION, text)
