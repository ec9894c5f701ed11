"""The sentences of the product: one catalogue in three languages, formatted for the reader's locale.

`locale/<locale>/LC_MESSAGES/<domain>.po` holds the texts by key. A text may name its parameters: `{order}`,
`{until:day}`, `{amount}`, `{days:plural:day|days}`. What a parameter is decides how it is written: an instant in the
shop's zone (`{due:local}`, to the second `{due:second}`: in the reader's, which is named where its clocks show another
time than the shop's), a duration in words (`{left:narrow}`: in few), an amount as money, a dict of languages in the
reader's, a `Line` as its own text.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from babel.dates import format_date, format_skeleton, format_timedelta, get_timezone_gmt
from babel.messages.pofile import read_po
from babel.numbers import format_currency

from actions.lines import Line
from actions.spacing import set_together, split_fields
from bot.nlu.reading import LANGUAGES, Language

LOCALES: dict[str, str] = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}
# How dates, durations and money are written; English is read all over the world, so the day comes first.
_FORMATS = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en_GB"}
_FOLDER = Path(__file__).parent / "locale"
_SKELETONS = {
    "day": ("MMMMd",),
    "date": ("long",),
    "moment": ("MMMMd", "Hm"),
    "clock": ("Hm",),
    "local": ("MMMMd", "Hm"),
    "second": ("yMMMd", "Hms"),
}
_IN_SENTENCES = frozenset({"moment", "local"})
_OF_THE_READER = frozenset({"local", "second"})


class MissingTextError(KeyError):
    """The catalogue has no text for this key in this language."""


class Catalogue:
    """All texts of some domains. Texts are loaded once; `say` is pure."""

    def __init__(self, *domains: str, zone: ZoneInfo) -> None:
        """Load the domains' texts; `zone` is where dates are told (the shop's)."""
        self._zone = self._readers_zone = zone
        self._texts: dict[str, dict[str, str]] = {language: _load_texts(language, domains) for language in LANGUAGES}

    def read_in(self, time_zone: str | None) -> Self:
        """Return the same texts for a reader in a zone (an IANA name, checked by `as_time_zone`; None: the shop's)."""
        read = copy(self)
        vars(read)["_readers_zone"] = ZoneInfo(time_zone) if time_zone else self._zone
        return read

    def say(self, key: str, language: str, /, **params: Any) -> str:
        """Return the text in a language, with its parameters written for that language's readers."""
        try:
            text = self._texts[language][key]
        except KeyError:
            raise MissingTextError(f"{key} ({language})") from None
        writer = _Writer(self, language, self._zone, self._readers_zone)
        return set_together(writer.fill(text, params), language)

    def write(self, line: Line, language: str, /, **extra: Any) -> str:
        """Return a line's text; `extra` are parameters that only the writer knows (a ticket's number, say)."""
        return self.say(line.key, language, **{**line.params, **extra})

    def join(self, sentences: Sequence[str], language: str) -> str:
        """Return sentences one after the other; Chinese has no space between them."""
        return (" " if language == "en" else "").join(sentences)

    def texts(self, language: str) -> Mapping[str, str]:
        """Return the raw texts by key, as the widget gets them."""
        return self._texts[language]


class _Writer:
    """`str.format` with the field types above."""

    def __init__(self, catalogue: Catalogue, language: str, zone: ZoneInfo, readers_zone: ZoneInfo) -> None:
        self._catalogue, self._language = catalogue, language
        self._zone, self._readers_zone = zone, readers_zone

    def fill(self, text: str, params: Mapping[str, Any]) -> Iterator[str]:
        """Yield a text's words, and its parameters as they are written, in their order."""
        for words, name, spec in split_fields(text):
            yield words
            if name is not None:
                yield self._fill_in(params[name], spec)

    def _fill_in(self, value: Any, spec: str) -> str:
        if spec.startswith("plural:"):
            one, many = spec.removeprefix("plural:").split("|")
            return one if value == 1 else many
        return self._write(value, spec)

    def _write(self, value: Any, spec: str) -> str:  # noqa: PLR0911
        match value:
            case Line():
                return self._catalogue.write(value, self._language)
            case datetime():
                return self._write_instant(value, spec or "moment")
            case date():
                return format_skeleton("MMMMd", value, locale=_FORMATS[self._language])
            case timedelta():
                width: Any = spec or "long"
                return format_timedelta(value, threshold=1.5, format=width, locale=_FORMATS[self._language])
            case Decimal():
                return _write_money(value, _FORMATS[self._language])
            case dict():
                return str(value[self._language])
            case list() | tuple():
                return (", " if self._language == "en" else "、").join(self._write(part, spec) for part in value)
        return format(value, spec)

    def _write_instant(self, at: datetime, spec: str) -> str:
        locale, zone = _FORMATS[self._language], self._readers_zone if spec in _OF_THE_READER else self._zone
        parts = (_write_part(part, at.astimezone(zone), locale) for part in _SKELETONS[spec])
        written = (" at " if self._language == "en" and spec in _IN_SENTENCES else " ").join(parts)
        if at.astimezone(zone).utcoffset() == at.astimezone(self._zone).utcoffset():
            return written
        return _IN_BRACKETS[self._language].format(written, _name_zone(zone, at, locale))


def _write_part(part: str, at: datetime, locale: str) -> str:
    # A whole date has its month in full, which skeletons with a year shorten.
    return format_date(at, "long", locale) if part == "long" else format_skeleton(part, at, at.tzinfo, locale=locale)


def _write_money(amount: Decimal, locale: str) -> str:
    """Write yuan, as the policy's explanations do: whole ones without their noughts."""
    return format_currency(amount, "CNY", locale=locale).replace("CN¥", "¥").removesuffix(".00")


# As brackets are in that language.
_IN_BRACKETS = {"zh-Hans": "{}（{}）", "zh-Hant": "{}（{}）", "en": "{} ({})"}


def _name_zone(zone: ZoneInfo, at: datetime, locale: str) -> str:
    """Name a zone as its people would: by the country ("Japan Time"), or in one with several by the city.

    One of no place is named by its distance from Greenwich.
    """
    if "/" not in zone.key or zone.key.startswith("Etc/"):
        return get_timezone_gmt(at.astimezone(zone), locale=locale)
    known, name = Locale.parse(locale), get_global("zone_aliases").get(zone.key, zone.key)
    country = str(get_global("zone_territories").get(name))
    is_the_only_one = len(get_global("territory_zones").get(country, ())) == 1
    place = known.territories[country] if is_the_only_one else _name_city(name, known)
    return str(known.zone_formats["region"] % place)


def _name_city(zone: str, locale: Locale) -> str:
    """Name the city of a zone; many are known by the zone's former names only."""
    former = (alias for alias, name in get_global("zone_aliases").items() if name == zone)
    cities = (locale.time_zones.get(name, {}).get("city") for name in (zone, *former))
    return next((city for city in cities if city), zone.rpartition("/")[2].replace("_", " "))


@cache
def _list_time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def as_time_zone(name: str | None) -> str | None:
    """Return the name of a time zone (IANA) as a browser tells it, or None if there is none of this name."""
    return name if name in _list_time_zones() else None


@cache
def _read_domain(language: Language, domain: str) -> dict[str, str]:
    path = _FOLDER / LOCALES[language] / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


def _load_texts(language: Language, domains: tuple[str, ...]) -> dict[str, str]:
    return {key: text for domain in domains for key, text in _read_domain(language, domain).items()}


def as_language(tag: str | None) -> Language | None:
    """Return the product's language for a locale tag such as `zh-TW` or `en_GB` (BCP 47), or None."""
    parts = (tag or "").replace("_", "-").lower().split("-")
    if parts[0] == "en":
        return "en"
    if parts[0] != "zh":
        return None
    if "hans" in parts:
        return "zh-Hans"
    return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh-Hans"
