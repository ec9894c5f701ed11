"""How answers about an order's data, its invoice and its delivery are read."""

import re
from collections.abc import Callable
from typing import Any

from bot.dialogue.hearing import order_words, words
from bot.dialogue.records import Heard
from bot.nlu.entities import find_entities
from bot.nlu.reading import Entity, Reading
from bot.security.masking import mask_sensitive


def read_order_slot(slot: str, heard: Heard) -> dict[str, Any]:
    """Return what an answer gives for one of these slots, or {}."""
    if slot == "deliver_on":
        return read_day(heard.reading)
    if slot == "place":
        return _read_place(heard.text)
    if slot == "title":
        return _read_title(heard.text)
    if slot == "address":
        return _read_delivery(heard.text)
    value = _PARSERS[slot](heard.text)
    return {} if value is None else {slot: value}


def read_day(reading: Reading | None) -> dict[str, Any]:
    """Return the first day that a reading names, as ISO 8601, and the hours said beside it."""
    days = [entity for entity in reading.entities if entity.name == "date"] if reading else []
    meant = [one for one in days if reading and not _is_of_absence(reading.text, one)]
    day = next((entity.value for entity in meant or days), None)
    if reading is None or day is None:
        return {}
    hours = order_words.named_in(order_words.HOURS, reading.text)
    return {"deliver_on": day[:10], **({"hours": hours} if hours else {})}


def _is_of_absence(text: str, day: Entity) -> bool:
    """Tell whether a day is one on which, or until which, nobody is there."""
    before, behind = text[: day.start], text[day.end :]
    return bool(order_words.ABSENT_BEFORE.search(before) or order_words.ABSENT_BEHIND.match(behind))


def _read_delivery(text: str) -> dict[str, Any]:
    """The address, and who gets it where the answer says so too."""
    address = read_address(text)
    if address is None:
        return {}
    phone, name = read_phone(text), order_words.NAME_BEHIND.search(text)
    more = {"phone": phone, "recipient": name["name"] if name else None}
    return {"address": address, **{slot: value for slot, value in more.items() if value}}


def _read_title(text: str) -> dict[str, Any]:
    """The invoice's title, and the tax number where the answer says it too; where parcels go nobody is called."""
    number = order_words.TAX_NUMBER_SAID.search(text)
    rest = order_words.MAIL_SAID.sub(" ", text[: number.start()] if number else text)
    away = read_address(rest, sure=True) is not None
    # Nobody is called "yes".
    away = away or words.is_yes(rest) or words.is_no(rest)
    title = title_in(text) or (None if away else _read_words(rest.strip(" ,，、;；.。")))
    return {name: value for name, value in (("title", title), ("tax_number", number and number["number"])) if value}


def title_in(text: str) -> str | None:
    """Return the invoice's title that a text names as such, or None."""
    said = order_words.TITLE_SAID.search(text)
    return (said["title"] or said["company"] or said["english"]).strip() if said else None


def _read_place(text: str) -> dict[str, Any]:
    """A known place, or the customer's own words for the carrier."""
    place = order_words.named_in(order_words.INSTRUCTIONS, text)
    own = _read_words(text)
    return {"place": place} if place else {"instruction": own} if own else {}


def read_address(text: str, *, sure: bool = False) -> str | None:
    """Return the address in a text; what answers the question for one may be any text with a number in it.

    `sure`: only what is an address beyond doubt.
    """
    found = next((entity for entity in find_entities(text) if entity.name == "address"), None)
    plain = " ".join(text.split())
    may_be = len(plain) >= _SHORTEST_ADDRESS and any(char.isdigit() for char in plain)
    if found and (sure or not _has_more_numbers(text, found)):
        return found.value
    return plain[:_LONGEST] if may_be and not sure else None


def _has_more_numbers(text: str, address: Entity) -> bool:
    """Tell whether a number is left over that is no telephone's: a room that was not seen to be one."""
    rest = text[: address.start] + " " + text[address.end :]
    return any(char.isdigit() for char in order_words.PROOF.sub(" ", order_words.A_PHONE.sub(" ", rest)))


def read_what(text: str, *, phone: re.Pattern[str] = order_words.PHONE) -> str | None:
    """Return what of an order a text wants changed, or None; `phone` is what speaks of the telephone."""
    return order_words.named_in(_CHANGES | {"phone": phone}, order_words.without_proof(text))


def read_phone(text: str) -> str | None:
    """Return a whole telephone number in a text, as it is written; eleven digits from 20 on are an order's."""
    written = (found[0].strip() for found in order_words.A_PHONE.finditer(text))
    return next((phone for phone in written if not _ORDER_NUMBER.fullmatch(re.sub(r"[^0-9]", "", phone))), None)


def read_email(text: str) -> str | None:
    """Return a mail address in a text."""
    found = order_words.AN_EMAIL.search(text)
    return found[0] if found else None


def _read_tax_number(text: str) -> str | None:
    found = order_words.A_TAX_NUMBER.search(text)
    return found[0] if found else None


def _read_name(text: str) -> str | None:
    """A name has no digits and is short."""
    plain = " ".join(text.split())
    found = order_words.NEW_RECIPIENT.search(text)
    if found:
        return str(found["name"] or found["english"])
    return plain if 0 < len(plain) <= _LONGEST_NAME and not any(char.isdigit() for char in plain) else None


def _read_words(text: str) -> str | None:
    return " ".join(text.split())[:_LONGEST] or None


_CHANGES = {
    "address": order_words.ADDRESS,
    "recipient": order_words.RECIPIENT,
    "items": order_words.ITEMS,
    "phone": order_words.PHONE,
}
_ORDER_NUMBER = re.compile(r"20[0-9]{9}")
INVOICE_KINDS = {"company": order_words.COMPANY, "personal": order_words.PERSONAL}
_SHORTEST_ADDRESS = 6
_LONGEST_NAME = 40
_LONGEST = 200

_PARSERS: dict[str, Callable[[str], str | None]] = {
    "what": read_what,
    "address": read_address,
    "phone": read_phone,
    "recipient": _read_name,
    "note": _read_words,
    "happened": lambda text: mask_sensitive(_read_words(text) or "") or None,
    "invoice_kind": lambda text: order_words.named_in(INVOICE_KINDS, text),
    "tax_number": _read_tax_number,
    "email": read_email,
}
ORDER_SLOTS = frozenset({"deliver_on", "place", "title", *_PARSERS})
