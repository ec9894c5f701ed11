"""A verdict in the customer's words: the rule's text in three languages, with the dates and amounts that decided."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from actions.days import last_moment
from actions.policy.decision import Outcome
from actions.policy.law import cite
from actions.policy.rules import LANGUAGES
from actions.policy.verdict import NONE_FITS, Bench, Verdict
from actions.spacing import set_together, split_fields

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def explain(verdict: Verdict, outcome: Outcome, remedies: tuple[str, ...], bench: Bench) -> dict[str, str]:
    """Return the explanation by language."""
    text = verdict.rule.texts[verdict.text or _text_name(outcome, remedies)]
    said = {lang: _fill(text[lang], _facts(verdict, remedies, bench, lang), lang) for lang in LANGUAGES}
    whole = {language: _add_notes(said[language], verdict, bench, language) for language in LANGUAGES}
    return {language: text + _cite(verdict, language) for language, text in whole.items()}


_BASIS = {"zh-Hans": "（依据：{}）", "zh-Hant": "（依據：{}）", "en": " (By {}.)"}
_STANDARD = {"zh-Hans": "本店服务规范 {}", "zh-Hant": "本店服務規範 {}", "en": "{} of our service standard"}
# A way of paying that the policy has no name for.
_OTHER_WAY = {"zh-Hans": "原支付方式", "zh-Hant": "原付款方式", "en": "the way you paid"}
# Rules that decide nothing but that a person must: there is no clause to stand on.
_UNDECIDED = ("human.", NONE_FITS)


def _cite(verdict: Verdict, language: str) -> str:
    clauses = dict.fromkeys(clause for rule in verdict.rules for clause in rule.clauses)
    if not clauses or verdict.rule.id.startswith(_UNDECIDED):
        return ""
    own = [clause for clause in clauses if clause.startswith("§")]
    laws = cite((clause for clause in clauses if clause not in own), language)
    standard = [_STANDARD[language].format((" and " if language == "en" else "、").join(own))] if own else []
    return _BASIS[language].format(("; " if language == "en" else "、").join([*standard, *laws]))


def _add_notes(said: str, verdict: Verdict, bench: Bench, language: str) -> str:
    notes = [
        _fill(
            note.rule.texts[note.text][language],
            {name: _write_fact(value, bench, language) for name, value in note.facts.items()}
            | {"late_days": _count_days(note.facts.get("late", 0), language)},
            language,
        )
        for note in verdict.notes
    ]
    return (" " if language == "en" else "").join([said, *notes])


def _fill(text: str, facts: Mapping[str, str], language: str) -> str:
    parts = ((words, "" if name is None else facts[name]) for words, name, _ in split_fields(text))
    return set_together(chain.from_iterable(parts), language)


def _write_fact(value: Any, bench: Bench, language: str) -> str:
    if not isinstance(value, tuple):
        return _write(value)
    names = bench.policy.method_names
    parts = [f"{names.get(method, _OTHER_WAY)[language]} {_write_money(amount)}" for method, amount in value]
    return _list(parts, language)


def _text_name(outcome: Outcome, remedies: tuple[str, ...]) -> str:
    if outcome == "refuse" and remedies:
        return "instead"
    return outcome


def _facts(verdict: Verdict, remedies: tuple[str, ...], bench: Bench, language: str) -> Mapping[str, str]:
    case, zone, given = bench.case, bench.policy.zone, verdict.facts
    until_at = verdict.until or given.get("until_at")
    names = [bench.policy.remedy_names[remedy][language] for remedy in remedies]
    written = {
        "remedies": _join(names, language),
        "refund_days": str(bench.rule("refund.time").days),
        "amount": _write_money(verdict.amount),
        "late_days": _count_days(given.get("late", 0), language),
        "freight": bench.policy.freight_names[verdict.shipping][language],
    }
    days = {"start": given.get("start_at"), "until": until_at and last_moment(until_at), "seen": given.get("seen_at"),
            "lost": given.get("lost_at"), "came": given.get("came_at"), "told": case.at}  # fmt: skip
    times = {"start_time": given.get("start_at"), "until_time": until_at, "told_time": case.at}
    # With dates of two years in one text, each says its own.
    years = {at.astimezone(zone).year for at in days.values() if at}
    near = case.at if len(years) == 1 else None
    written |= {name: write_day(at, zone, language, near=near) for name, at in days.items() if at}
    written |= {name: write_time(at, zone, language, near=near) for name, at in times.items() if at}
    return written | {name: _write(value) for name, value in given.items() if not name.endswith("_at")}


def _count_days(days: int, language: str) -> str:
    if language != "en":
        return f"{days} 天"
    return "1 day" if days == 1 else f"{days} days"


def _write(value: Any) -> str:
    return _write_money(value) if isinstance(value, Decimal) and value.as_tuple().exponent == -2 else str(value)


def _write_money(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    return f"¥{amount:,.0f}" if amount == amount.to_integral_value() else f"¥{amount:,.2f}"


def write_day(at: datetime, zone: ZoneInfo, language: str, *, near: datetime | None) -> str:
    """Return a day as its reader writes it; without the year if it is that of `near`."""
    day = at.astimezone(zone)
    same_year = near is not None and day.year == near.astimezone(zone).year
    if language == "en":
        return f"{day.day} {MONTHS[day.month - 1]}" + ("" if same_year else f" {day.year}")
    return ("" if same_year else f"{day.year}年") + f"{day.month}月{day.day}日"


def write_time(at: datetime, zone: ZoneInfo, language: str, *, near: datetime | None) -> str:
    """Return a day and its time of day, to the minute."""
    clock = at.astimezone(zone).strftime("%H:%M")
    day = write_day(at, zone, language, near=near)
    return f"{clock} on {day}" if language == "en" else f"{day} {clock}"


def _list(parts: list[str], language: str) -> str:
    return (", " if language == "en" else "、").join(parts)


def _join(names: list[str], language: str) -> str:
    if language != "en":
        return "、".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else ""
