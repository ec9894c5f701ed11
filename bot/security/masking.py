"""Out of sight: phones, resident IDs, bank cards, mail addresses, the house in an address typed into chat (§7.1).

The transcript and the logs get the masked text. An order number is no sensitive number, and stays.
"""

import re

from bot.nlu.addresses import find_addresses
from bot.nlu.folding import fold

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_RESIDENT_ID = re.compile(
    r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
# An order number, then the phone's last four: what customers are asked to write, and no card.
_ORDER_AND_PROOF = re.compile(r"20\d{2}(0[1-9]|1[0-2])\d{5}[ -]\d{4}")
# A number, in digits or in words before what it counts.
_HOUSE = re.compile(
    r"[0-9０-９]+|[一二三四五六七八九十百]+(?=\s?(?:号|號|弄|巷|段|栋|棟|幢|座|楼|樓|层|層|室|单元|單元|房|户|戶))"
)
# Behind letters it is a parcel's number: SF1234567890128.
_CARD = re.compile(r"(?<![\dA-Za-z])\d(?:[ -]?\d){12,18}(?!\d)")

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-])([A-Za-z0-9])[A-Za-z0-9.!#$%&'+/=?^_`{|}~-]{0,63}(@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)


def mask_sensitive(text: str) -> str:
    """Return the text with what is sensitive hidden; a phone's or card's last four digits stay, an address's ends."""
    text = mask_papers(_mask_addresses(text))
    return _EMAIL.sub(r"\1***\2", mask_mobile(text))


def mask_papers(text: str) -> str:
    """Return the text with resident IDs and bank cards hidden: those nobody need be told, at whatever end.

    Who works here must be able to tell a customer where a return goes, and whom to call.
    """
    return _CARD.sub(_mask_card, _RESIDENT_ID.sub("******************", text))


def mask_mobile(text: str) -> str:
    """Return the text with the middle of mobile numbers hidden."""
    return _MOBILE.sub(r"\1****\2", text)


def _mask_addresses(text: str) -> str:
    """Hide the numbers of house, floor and room; town and street stay, so that people see what it is about."""
    folded = fold(text)
    cased = folded.raw if len(folded.raw) == len(folded.text) else folded.text
    for place in reversed(list(find_addresses(folded.text, cased))):
        start, end = folded.find_span(*place)
        text = text[:start] + _HOUSE.sub("*", text[start:end]) + text[end:]
    return text


def mask_name(name: str) -> str:
    """Return a name of which only the first letter can be read."""
    return f"{name[:1]}{'*' * min(len(name) - 1, 3)}"


def _mask_card(match: re.Match[str]) -> str:
    if _ORDER_AND_PROOF.fullmatch(match[0]):
        return match[0]
    digits = re.sub(r"\D", "", match[0])
    return f"**** {digits[-4:]}" if _has_luhn_checksum(digits) else match[0]


def _has_luhn_checksum(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
