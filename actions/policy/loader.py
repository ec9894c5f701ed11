"""Reads and checks the shop's policy file. Every fault is reported at once, each with its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from actions.policy.case import PAYMENT_METHODS, REQUESTS
from actions.policy.fields import FIELDS, read_day, read_limit, read_text
from actions.policy.law import ABSENT, find_taken_rights
from actions.policy.limits import LIMITED, OPTIONAL, Limit
from actions.policy.rules import Policy, PolicyVersion, Rule
from actions.policy.schema import RULES, RuleSchema
from actions.policy.source import SourceError, read_source

# Tables of names: a text for each, which names no facts.
_NAMES = {
    "remedies": RuleSchema(fields=(), texts=REQUESTS),
    "freight": RuleSchema(fields=(), texts=("customer", "shop", "none")),
    "payment_methods": RuleSchema(fields=(), texts=PAYMENT_METHODS),
}

DEFAULT_FILE = Path(__file__).with_name("default.yml")
# The years whose holidays are looked up: warranties reach a few years ahead, cases a few back.
_YEARS = range(2015, 2046)
_LONGEST_VALUE = 120
# What may hold itself, or more than memory does once it is written out.
_TABLES = (Mapping, list, set, tuple)
_TOP = ("zone", "holidays", "holiday_extension", *_NAMES, "versions")


@dataclass(frozen=True)
class PolicyFault:
    """One thing wrong with a policy file. `clause` is the law it would break, if that is what is wrong."""

    file: str
    line: int
    field: str
    value: str
    reason: str
    clause: str | None = None

    def __str__(self) -> str:
        cited = f" ({self.clause})" if self.clause else ""
        value = f" = {self.value}" if self.value else ""
        field = f" {self.field}{value}:" if self.field else ""
        return f"{self.file}:{self.line}:{field} {self.reason}{cited}"


class PolicyError(Exception):
    """A policy file that can't be used; `faults` names everything that is wrong with it."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@cache
def load_default_policy() -> Policy:
    """Return the policy that comes with the product."""
    return load_policy(DEFAULT_FILE)


def load_policy(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        PolicyError: it can't be read, is incomplete, or takes away what the law gives.
    """
    return PolicyReading(path).read()


class PolicyReading:
    """One reading of one file, collecting faults; afterwards it tells where in the file something stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data: Mapping[str, Any] = {}
        self._faults: list[PolicyFault] = []

    def fault_at(self, place: tuple[str | int, ...], reason: str) -> PolicyFault:
        """Return a fault at a place such as ("versions", 0, "rules", "lost", "days"), or at the nearest above it."""
        value: Any = self._data
        line = 1
        for key in place:
            known = key in value if isinstance(value, Mapping) else isinstance(key, int) and key < len(value)
            if not known:
                break
            value, line = value[key], _line_of(value, key)
        own = place[3:] if "rules" in place else place
        name = ".".join(str(key) for key in own)
        told = "" if isinstance(value, Mapping | list) else _shorten(value)
        return PolicyFault(str(self._path), line, name, told, reason)

    def read(self) -> Policy:
        """Return the policy; raises PolicyError with everything that is wrong."""
        data = self._data = self._parse()
        self._check_names("", data, required=_TOP, optional=("limits",))
        zone, country = self._read_zone(data), self._read_country(data)
        extension = data.get("holiday_extension")
        if not isinstance(extension, bool):
            self._note(data, "holiday_extension", "holiday_extension", "is not true or false")
        names = {key: self._read_texts(key, data, key, schema) for key, schema in _NAMES.items()}
        versions = self._read_versions(data, zone)
        limits = self._read_limits(data)
        if self._faults:
            raise PolicyError(sorted(self._faults, key=lambda fault: fault.line))
        days_off, working_days = _tables(country)
        return Policy(
            zone=zone,
            holiday_extension=bool(extension),
            days_off=days_off,
            working_days=working_days,
            remedy_names=names["remedies"],
            freight_names=names["freight"],
            method_names=names["payment_methods"],
            versions=versions,
            limits=limits,
        )

    def _parse(self) -> Mapping[str, Any]:
        try:
            data = read_source(self._path)
        except SourceError as error:
            raise PolicyError([PolicyFault(str(self._path), error.line, "", "", error.reason)]) from error
        if not isinstance(data, Mapping):
            raise PolicyError(
                [PolicyFault(str(self._path), 1, "", "", "is not a table of zone, holidays, versions and so on")]
            )
        return data

    def _note(self, parent: Any, key: Any, field: str, reason: str, clause: str | None = None) -> None:
        value = parent[key] if not isinstance(parent, Mapping) or key in parent else None
        self._faults.append(PolicyFault(str(self._path), _line_of(parent, key), field, _shorten(value), reason, clause))

    def _check_names(
        self, prefix: str, data: Mapping[str, Any], *, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        for name in required:
            if name not in data:
                self._note(data, name, f"{prefix}{name}", "is missing")
        for name in data:
            if name not in required and name not in optional:
                self._note(data, name, f"{prefix}{name}", "is not known here")

    def _read_zone(self, data: Mapping[str, Any]) -> ZoneInfo:
        try:
            return ZoneInfo(str(data.get("zone")))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._note(data, "zone", "zone", "is no time zone")
            return ZoneInfo("UTC")

    def _read_country(self, data: Mapping[str, Any]) -> str | None:
        country = data.get("holidays")
        if country is not None and str(country) not in holidays.list_supported_countries():
            self._note(data, "holidays", "holidays", "is no country with a known calendar")
            return None
        return None if country is None else str(country)

    def _read_limits(self, data: Mapping[str, Any]) -> Mapping[str, Limit]:
        """A file without them has the product's own: what the bot may do alone is never left open."""
        if "limits" not in data:
            return load_default_policy().limits
        rows = data["limits"]
        if not isinstance(rows, Mapping):
            self._note(data, "limits", "limits", "is not a table of shop commands")
            return {}
        self._check_names("limits.", rows, required=LIMITED, optional=OPTIONAL)
        limits = {}
        for kind in rows:
            try:
                limits[str(kind)] = read_limit(rows[kind])
            except ValueError as error:
                self._note(rows, kind, f"limits.{kind}", str(error))
        return limits

    def _read_versions(self, data: Mapping[str, Any], zone: ZoneInfo) -> tuple[PolicyVersion, ...]:
        rows = data.get("versions")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
            self._note(data, "versions", "versions", "is not a list of versions")
            return ()
        versions = tuple(self._read_version(f"versions[{at}].", row, zone) for at, row in enumerate(rows))
        for at, (row, version) in enumerate(zip(rows, versions, strict=True)):
            before = versions[at - 1].effective_at if at else None
            if (row.get("effective_from") is None) != (at == 0):
                self._note(row, "effective_from", f"versions[{at}].effective_from", "must be null in the first only")
            elif before and version.effective_at and version.effective_at <= before:
                self._note(row, "effective_from", f"versions[{at}].effective_from", "does not follow the one before")
        return versions

    def _read_version(self, prefix: str, row: Mapping[str, Any], zone: ZoneInfo) -> PolicyVersion:
        self._check_names(prefix, row, required=("version", "effective_from", "rules"))
        if "version" in row and not isinstance(row["version"], str | int | float):
            self._note(row, "version", f"{prefix}version", "is not a name")
        rules = row.get("rules")
        if not isinstance(rules, Mapping):
            self._note(row, "rules", f"{prefix}rules", "is not a table of rules")
            rules = {}
        else:
            self._check_names("", rules, required=tuple(RULES))
        read = {name: self._read_rule(name, rules, RULES[name]) for name in rules if name in RULES}
        return PolicyVersion(str(row.get("version")), self._read_effective(prefix, row, zone), read)

    def _read_effective(self, prefix: str, row: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
        value = row.get("effective_from")
        if value is None:
            return None
        try:
            day = read_day(value)
        except ValueError as error:
            self._note(row, "effective_from", f"{prefix}effective_from", str(error))
            return None
        return datetime.combine(day, time(), zone).astimezone(UTC)

    def _read_rule(self, name: str, rules: Mapping[str, Any], schema: RuleSchema) -> Rule:
        data = rules[name]
        if not isinstance(data, Mapping):
            self._note(rules, name, name, "is not a table")
            return Rule(name, (), {})
        self._check_names(f"{name}.", data, required=("clauses", "texts", *schema.fields), optional=schema.optional)
        named = [field for field in data if field in ("clauses", *schema.fields, *schema.optional)]
        values = {field: self._read_field(name, data, field) for field in named}
        for field in ABSENT.keys() & set(schema.optional) - set(data):
            self._check_rights(name, data, field, ABSENT[field])
        texts = self._read_texts(f"{name}.texts", data, "texts", schema)
        known = {"clauses": ()} | {field: value for field, value in values.items() if value is not None}
        return Rule(id=name, texts=texts, **known)

    def _read_field(self, rule: str, data: Mapping[str, Any], field: str) -> Any:
        try:
            value = FIELDS[field](data[field])
        except ValueError as error:
            self._note(data, field, f"{rule}.{field}", str(error))
            return None
        self._check_rights(rule, data, field, value)
        return value

    def _check_rights(self, rule: str, data: Mapping[str, Any], field: str, value: Any) -> None:
        for limit in find_taken_rights(rule, field, value):
            self._note(data, field, f"{rule}.{field}", f"takes a right away: {limit.says}", limit.clause)

    def _read_texts(
        self, prefix: str, parent: Mapping[str, Any], key: str, schema: RuleSchema
    ) -> dict[str, Mapping[str, str]]:
        data = parent.get(key)
        if not isinstance(data, Mapping):
            self._note(parent, key, prefix, "is not a table of texts")
            return {}
        # A further text does no harm: a shop may keep one for later.
        for name in schema.all_texts:
            if name not in data:
                self._note(data, name, f"{prefix}.{name}", "is missing")
        texts = {}
        for name in data:
            facts = frozenset() if schema in _NAMES.values() else schema.facts_of(str(name))
            try:
                texts[str(name)] = read_text(data[name], facts)
            except ValueError as error:
                self._note(data, name, f"{prefix}.{name}", str(error))
        return texts


def _line_of(parent: Any, key: Any) -> int:
    """Return the line of a key, or of its table where the key is missing."""
    try:
        place = parent.lc.item(key) if isinstance(key, int) else parent.lc.key(key)
        return int(place[0]) + 1
    except (KeyError, AttributeError, TypeError):
        return int(parent.lc.line) + 1 if hasattr(parent, "lc") else 1


def _shorten(value: Any) -> str:
    """Return a value as an error quotes it; a table, or a list of more than words, is found by its line."""
    if isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(one, _TABLES) for one in value)):
        return ""
    written = "nothing" if value is None else str(value)
    if isinstance(value, str) and written.replace(".", "", 1).isdigit():
        written = f'"{written}"'
    return "" if isinstance(value, list) and len(written) > _LONGEST_VALUE else written[:_LONGEST_VALUE]


def _tables(country: str | None) -> tuple[frozenset[date], frozenset[date]]:
    """Return a country's days off and the weekend days worked instead (調休)."""
    if country is None:
        return frozenset(), frozenset()
    calendar = holidays.country_holidays(country, years=_YEARS)
    return frozenset(calendar), frozenset(getattr(calendar, "weekend_workdays", ()))
