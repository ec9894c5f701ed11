"""`shouwen policy explain`: the rules as a table that a shop's owner reads, in a wide terminal or a narrow one."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actions.days import day_of, last_moment
from actions.policy.case import KINDS
from actions.policy.coverage import Coverage, survey
from actions.policy.law import cite
from actions.policy.limits import OPTIONAL, Limit
from actions.policy.rules import Policy, PolicyVersion, Rule

WORDS_FILE = Path(__file__).with_name("table.yml")
_COLUMNS = ("rule", "when", "remedies", "ends", "payer", "clause", "law", "effective")
# What a column takes of a wide line; `when` takes what is left. Below the least width each rule is a block of lines.
_WIDTHS = {"rule": 18, "remedies": 18, "ends": 20, "payer": 10, "clause": 8, "law": 22, "effective": 12}
_GAP = "  "
_LEAST_TABLE = 140
# A word, or one character of a script without spaces with what may not begin a line after it.
_PIECES = re.compile(r"[^\s\u2e80-\uffff]+|\s+|[\u2e80-\uffff][、，。；：）」]*")


def render_table(policy: Policy, *, language: str, width: int) -> Iterator[str]:
    """Yield the table's lines, one table for each version, how days are counted, what the bot settles in a day.

    No line is wider than `width`, in terminal cells.
    """
    for at, version in enumerate(policy.versions):
        rows = list(_rows(policy, at, language))
        yield _words()["phrases"]["heading"][language].format(version=version.name)
        yield from (
            _render_wide(rows, language, width) if width >= _LEAST_TABLE else _render_narrow(rows, language, width)
        )
    yield from _render_counting(policy, language, width)
    yield from _render_limits(policy, language, width)


def _render_counting(policy: Policy, language: str, width: int) -> Iterator[str]:
    phrases = _words()["phrases"]
    told = [phrases["counting"][language].format(zone=policy.zone.key)]
    told += [phrases["extension"][language]] if policy.holiday_extension else []
    yield ""
    yield from _wrap((" " if language == "en" else "").join(told), width)


def _render_limits(policy: Policy, language: str, width: int) -> Iterator[str]:
    yield ""
    yield from _wrap(_words()["phrases"]["limits"][language], width)
    for kind, limit in ({kind: Limit(0) for kind in OPTIONAL} | dict(policy.limits)).items():
        told = _words()["limits"]["none" if limit.count == 0 else "any" if limit.amount is None else "sum"][language]
        amount = _tell_amount(limit.amount) if limit.amount is not None else ""
        name = _words()["commands"][kind][language]
        first, *rest = _wrap(f"{name} ({kind}): {told.format(count=limit.count, amount=amount)}", width - 4)
        yield f"  {first}"
        yield from (f"    {line}" for line in rest)


@cache
def _words() -> Mapping[str, Any]:
    words: Mapping[str, Any] = YAML(typ="safe").load(WORDS_FILE.read_text(encoding="utf-8"))
    return words


def _rows(policy: Policy, at: int, language: str) -> Iterator[dict[str, str]]:
    version = policy.versions[at]
    coverage = survey(policy, version)
    effective = _tell_effective(policy, at, language)
    for rule_id, told in _words()["rules"].items():
        rule = version.rules[rule_id]
        facts = _facts(rule, language)
        yield {
            "rule": rule.id,
            "when": told["when"][language].format_map(facts),
            "remedies": _tell_remedies(policy, rule, coverage, language),
            "ends": _words()["periods"][told["ends"]][language].format_map(facts),
            "payer": _words()["payers"][rule.payer][language],
            "clause": _comma(language).join(clause for clause in rule.clauses if clause.startswith("§")) or "–",
            "law": _comma(language).join(
                cite((clause for clause in rule.clauses if not clause.startswith("§")), language)
            )
            or "–",
            "effective": effective,
        }


def _facts(rule: Rule, language: str) -> dict[str, str]:
    kinds = _words()["kinds"]
    comma = _comma(language)
    causes = _words()["causes"]
    return {
        "days": _tell_days(rule, language, comma),
        "hours": str(rule.hours),
        "kinds": comma.join(kinds[kind][language] for kind in KINDS if kind in rule.kinds) or "–",
        "sealed_kinds": comma.join(kinds[kind][language] for kind in KINDS if kind in rule.sealed_kinds) or "–",
        "times": str(rule.times),
        "least": _tell_amount(rule.least),
        "most": _tell_amount(rule.most),
        "repairs": str(rule.repairs),
        "steps": comma.join(_tell_steps(rule, language)),
        "rates": comma.join(f"{causes[cause][language]} {rate:f} %" for cause, rate in rule.rates.items()),
    }


def _comma(language: str) -> str:
    return ", " if language == "en" else "、"


def _tell_amount(amount: Decimal) -> str:
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def _tell_steps(rule: Rule, language: str) -> Iterator[str]:
    first = 1
    for last, amount in rule.steps:
        name = "more" if last is None else "day" if first == last else "days"
        phrase = _words()["steps"][name][language]
        yield phrase.format(first=first, last=last, amount=_tell_amount(amount))
        first = (last or first) + 1


def _tell_days(rule: Rule, language: str, comma: str) -> str:
    """The rule's days; in brackets those that a kind or part has of its own."""
    kinds, parts = _words()["kinds"], _words()["parts"]
    own = [(kinds[kind][language], days) for kind, days in rule.days_by_kind.items() if days != rule.days]
    # A shop may name parts of its own.
    own += [
        (parts[part][language] if part in parts else part, days)
        for part, days in rule.days_by_part.items()
        if days != rule.days
    ]
    told = comma.join(f"{name} {days}" for name, days in own)
    if not told:
        return str(rule.days)
    return f"{rule.days} ({told})" if language == "en" else f"{rule.days}（{told}）"


def _tell_remedies(policy: Policy, rule: Rule, coverage: Coverage, language: str) -> str:
    """What the rule was seen to open; where it never opens anything, whether it refuses or asks a person."""
    names = [policy.remedy_names[remedy][language] for remedy in coverage.remedies.get(rule.id, ())]
    if names:
        return _comma(language).join(names)
    said = [("refuse", "nothing"), ("human", "person")]
    phrases = _words()["phrases"]
    return ("; " if language == "en" else "；").join(
        phrases[phrase][language] for text, phrase in said if text in rule.texts
    ) or "–"


def _tell_effective(policy: Policy, at: int, language: str) -> str:
    versions: tuple[PolicyVersion | None, ...] = (*policy.versions, None)
    begins, follows = policy.versions[at].effective_at, versions[at + 1]
    ends = last_moment(follows.effective_at) if follows and follows.effective_at else None
    days = {
        name: day_of(instant, policy.zone).isoformat() if instant else ""
        for name, instant in (("from", begins), ("to", ends))
    }
    name = {(False, False): "beginning", (True, False): "from", (False, True): "before", (True, True): "between"}
    return str(_words()["phrases"][name[bool(begins), bool(ends)]][language].format_map(days))


def _render_wide(rows: list[dict[str, str]], language: str, width: int) -> Iterator[str]:
    widths = {**_WIDTHS, "when": width - sum(_WIDTHS.values()) - len(_GAP) * (len(_COLUMNS) - 1)}
    heads = {column: _words()["columns"][column][language] for column in _COLUMNS}
    yield from _lay_out(heads, widths)
    yield _GAP.join("─" * widths[column] for column in _COLUMNS)
    for row in rows:
        yield from _lay_out(row, widths)


def _lay_out(row: Mapping[str, str], widths: Mapping[str, int]) -> Iterator[str]:
    cells = [_wrap(row[column], widths[column]) for column in _COLUMNS]
    for line in range(max(len(cell) for cell in cells)):
        parts = [cell[line] if line < len(cell) else "" for cell in cells]
        yield _GAP.join(
            part + " " * (widths[column] - measure(part)) for part, column in zip(parts, _COLUMNS, strict=True)
        ).rstrip()


def _render_narrow(rows: list[dict[str, str]], language: str, width: int) -> Iterator[str]:
    for row in rows:
        yield ""
        yield row["rule"]
        for column in _COLUMNS[1:]:
            if row[column] != "–":
                first, *rest = _wrap(f"{_words()['columns'][column][language]}: {row[column]}", width - 4)
                yield f"  {first}"
                yield from (f"    {line}" for line in rest)


def measure(text: str) -> int:
    """Return how many cells of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for piece in _cut(text, width):
        if measure(lines[-1]) + measure(piece) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        if lines[-1] or not piece.isspace():
            lines[-1] += piece
    return lines


def _cut(text: str, width: int) -> Iterator[str]:
    """Cut a text where a line may end; a word longer than a line wherever the line ends."""
    for piece in _PIECES.findall(text):
        for start in range(0, len(piece), width):
            yield piece[start : start + width]
