"""Invoices: what a taxpayer's number must look like. Pure."""

import re

# The unified social credit code, GB 32100-2015: no I, O, S, V, Z; each place has its weight, the last is a check.
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(3**place % 31 for place in range(17))
_CREDIT_CODE = re.compile(rf"[{_LETTERS}]{{18}}")
# Numbers given before 2015: the registration's, or an ID number with what the office added.
_OLDER = re.compile(r"[0-9]{15}|[0-9]{17}[0-9X]|[0-9A-Z]{20}")
_TAIWAN = re.compile(r"[0-9]{8}")


def clean_tax_number(written: str) -> str:
    """Return a number as it is compared: capitals, without spaces and dashes."""
    return re.sub(r"[\s-]", "", written).upper()


def is_tax_number(number: str) -> bool:
    """Tell whether a cleaned number can be a company: a credit code with a right check, an older or a Taiwan form."""
    if _CREDIT_CODE.fullmatch(number) and not number[:17].isdigit():
        return _LETTERS[-_sum(number) % 31] == number[17]
    return bool(_OLDER.fullmatch(number) or _TAIWAN.fullmatch(number))


def _sum(number: str) -> int:
    return sum(_LETTERS.index(letter) * weight for letter, weight in zip(number[:17], _WEIGHTS, strict=True))
