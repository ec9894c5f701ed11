"""Readers of a policy file's fields: a YAML value in, the rule's value out, ValueError with the reason otherwise."""

import string
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from actions.policy.case import KINDS, REASONS, REQUESTS, YEARS
from actions.policy.limits import Limit
from actions.policy.rules import LANGUAGES, Combinations

_CAUSES = {"nuisance", "loss_of_use", "second_failure"}
_LONGEST_DAYS = 36500
_MOST_MONEY = 10**10


def read_count(value: Any) -> int:
    """A whole number from 0 up, no larger than a century's days."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LONGEST_DAYS:
        raise ValueError(f"is not a whole number from 0 to {_LONGEST_DAYS}")
    return int(value)


def read_money(value: Any) -> Decimal:
    """An amount from 0 up; written in quotes, since YAML's numbers are not exact."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("is not an amount") from None
    if not amount.is_finite() or not 0 <= amount < _MOST_MONEY or isinstance(value, bool):
        raise ValueError(f"is not an amount from 0 up, under {_MOST_MONEY}")
    return amount


def read_price(value: Any) -> Decimal:
    """An amount from 0 up in whole cents."""
    amount = read_money(value)
    if amount != round(amount, 2):
        raise ValueError("is not an amount in whole cents")
    return amount


def read_day(value: Any) -> date:
    """A day of the calendar; no earlier or later than any case."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.year not in YEARS:
        raise ValueError("is not a day like 2027-01-31")
    return day


def read_clauses(value: Any) -> tuple[str, ...]:
    """A list of at least one clause: every decision names what it rests on."""
    clauses = read_words(value)
    if not clauses or not all(clause.strip() for clause in clauses):
        raise ValueError("names no clause")
    return clauses


def read_payer(value: Any) -> str:
    """Customer or shop."""
    if not isinstance(value, str) or value not in {"customer", "shop"}:
        raise ValueError("is neither customer nor shop")
    return str(value)


def read_words(value: Any) -> tuple[str, ...]:
    """A list of words."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError("is not a list of words")
    return tuple(str(word) for word in value)


def read_evidence(value: Any) -> tuple[str, ...]:
    """A list of words, none of them empty."""
    words = read_words(value)
    if not all(word.strip() for word in words):
        raise ValueError("has an empty word")
    return words


def read_kinds(value: Any) -> frozenset[str]:
    """A list of kinds of goods."""
    unknown = [word for word in read_words(value) if word not in KINDS]
    if unknown:
        raise ValueError(f"names unknown kinds: {', '.join(unknown)}")
    return frozenset(read_words(value))


def read_days_by_kind(value: Any) -> Mapping[str, int]:
    """Days for each kind named."""
    if not isinstance(value, Mapping):
        raise ValueError("is not a table of kinds and days")  # noqa: TRY004 - one error type for all readers
    read_kinds(list(value))
    return {str(kind): read_count(days) for kind, days in value.items()}


def read_days_by_part(value: Any) -> Mapping[str, int]:
    """Days for each part named."""
    if not isinstance(value, Mapping) or not all(isinstance(part, str) for part in value):
        raise ValueError("is not a table of parts and days")
    return {str(part): read_count(days) for part, days in value.items()}


_AXES = {"requests": REQUESTS, "reasons": REASONS, "kinds": KINDS}


def read_leaves(value: Any) -> tuple[Combinations, ...]:
    """A list of tables of requests, reasons and kinds; what a table does not name is all of it."""
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ValueError("is not a list of tables")
    return tuple(Combinations(**_read_axes(row)) for row in value)


def _read_axes(row: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    named = {str(axis): frozenset(read_words(words)) for axis, words in row.items()}
    unknown = sorted(word for axis, words in named.items() for word in words - set(_AXES.get(axis, ())))
    if unknown or not set(named) <= set(_AXES):
        raise ValueError(f"names unknown requests, reasons or kinds: {', '.join(unknown) or ', '.join(named)}")
    return {axis: named.get(axis, frozenset(known)) for axis, known in _AXES.items()}


def read_rates(value: Any) -> Mapping[str, Decimal]:
    """Per cent for each cause."""
    if not isinstance(value, Mapping) or set(value) != _CAUSES:
        raise ValueError(f"must give a rate for each of {', '.join(sorted(_CAUSES))}")
    return {str(cause): read_money(rate) for cause, rate in value.items()}


def read_steps(value: Any) -> tuple[tuple[int | None, Decimal], ...]:
    """Pairs of (up to days, amount), days ascending, the last for any more (null)."""
    if not isinstance(value, list) or not value or not all(isinstance(step, list) and len(step) == 2 for step in value):
        raise ValueError("is not a list of [days, amount]")
    steps = tuple((None if days is None else read_count(days), read_price(amount)) for days, amount in value)
    bounds = [days for days, _ in steps[:-1]]
    known = [days for days in bounds if days is not None]
    if len(known) != len(bounds) or steps[-1][0] is not None or known != sorted(set(known)):
        raise ValueError("must have ascending days, and null in its last step only")
    return steps


def read_text(value: Any, facts: Collection[str]) -> Mapping[str, str]:
    """A text in the three languages, naming only facts that are known when it is said."""
    if not isinstance(value, Mapping):
        raise ValueError("is not a text in three languages")  # noqa: TRY004 - one error type for all readers
    missing = [language for language in LANGUAGES if language not in value]
    if missing:
        raise ValueError(f"has no translation: {', '.join(missing)}")
    if set(value) != set(LANGUAGES):
        raise ValueError(f"must have exactly the languages {', '.join(LANGUAGES)}")
    for language, text in value.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"is empty in {language}")
        _check_names(text, language, facts)
    return {str(language): str(text) for language, text in value.items()}


def _check_names(text: str, language: str, facts: Collection[str]) -> None:
    try:
        places = [place for place in string.Formatter().parse(text) if place[1] is not None]
    except ValueError as error:
        raise ValueError(f"has unmatched braces in {language}: {error}") from None
    wrong = sorted({str(name) for _, name, form, kind in places if name not in facts or form or kind})
    if wrong:
        raise ValueError(f"can't name {', '.join(wrong)} here ({language}); known are {', '.join(sorted(facts))}")


def read_limit(value: Any) -> Limit:
    """A table of `count` and, where money is limited too, `amount`."""
    if not isinstance(value, Mapping) or "count" not in value or not set(value) <= {"count", "amount"}:
        raise ValueError("is not a table of count and, where money is limited too, amount")
    amount = value.get("amount")
    return Limit(read_count(value["count"]), None if amount is None else read_price(amount))


FIELDS: dict[str, Callable[[Any], Any]] = {
    "days": read_count,
    "hours": read_count,
    "payer": read_payer,
    "clauses": read_clauses,
    "evidence": read_evidence,
    "kinds": read_kinds,
    "sealed_kinds": read_kinds,
    "unrepairable": read_kinds,
    "days_by_kind": read_days_by_kind,
    "days_by_part": read_days_by_part,
    "leaves": read_leaves,
    "steps": read_steps,
    "rates": read_rates,
    "least": read_price,
    "most": read_price,
    "times": read_count,
    "repairs": read_count,
}
