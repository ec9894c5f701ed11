"""Sensitive numbers out of sight: mobile phones, resident ID numbers and bank cards typed into chat (§7.1).

The transcript and the logs get the masked text. An order number is no sensitive number, and stays.
"""

import re

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_RESIDENT_ID = re.compile(
    r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
# An order number, then the phone's last four: what customers are asked to write, and no card.
_ORDER_AND_PROOF = re.compile(r"20\d{2}(0[1-9]|1[0-2])\d{5}[ -]\d{4}")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def mask_sensitive(text: str) -> str:
    """Return the text with sensitive numbers hidden; the last four digits of a phone or card stay readable."""
    text = _RESIDENT_ID.sub("******************", text)
    text = _CARD.sub(_mask_card, text)
    return _MOBILE.sub(r"\1****\2", text)


def _mask_card(match: re.Match[str]) -> str:
    if _ORDER_AND_PROOF.fullmatch(match[0]):
        return match[0]
    digits = re.sub(r"\D", "", match[0])
    return f"**** {digits[-4:]}" if _has_luhn_checksum(digits) else match[0]


def _has_luhn_checksum(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
