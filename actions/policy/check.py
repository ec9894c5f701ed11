"""`shouwen policy check`: a policy file looked over for gaps, overlaps, rules that never decide, and poor translations.

What the law gives, and what a file must hold at all, is checked by the loader; the same faults stop the product.
"""

import string
from collections.abc import Iterator, Mapping
from itertools import combinations, groupby
from pathlib import Path

from actions.policy.case import EVIDENCE, KINDS
from actions.policy.coverage import Combination, Coverage, survey
from actions.policy.loader import PolicyError, PolicyFault, PolicyReading
from actions.policy.rules import LANGUAGES, Combinations, Policy, PolicyVersion, Rule, Text
from actions.policy.schema import RULES
from actions.policy.verdict import NONE_FITS

Place = tuple[str | int, ...]
Finding = tuple[Place, str]


def check_policy(path: Path) -> tuple[str, tuple[PolicyFault, ...]]:
    """Return a line that sums the file up, and everything that is wrong with it, in the file's order."""
    reading = PolicyReading(path)
    try:
        policy = reading.read()
    except PolicyError as error:
        return "", error.faults
    coverages = [survey(policy, version) for version in policy.versions]
    findings = [*_find_same_names(policy)]
    for at, (version, coverage) in enumerate(zip(policy.versions, coverages, strict=True)):
        found = _find_in_version(version, coverage)
        findings += [(("versions", at, "rules", *place), reason) for place, reason in found]
    faults = (reading.fault_at(place, reason) for place, reason in findings)
    return _sum_up(path, policy, coverages), tuple(sorted(faults, key=lambda fault: fault.line))


def _sum_up(path: Path, policy: Policy, coverages: list[Coverage]) -> str:
    left = len(coverages[-1].unfit)
    let_go = sorted(set(RULES) - set(coverages[-1].remedies))
    reached = f"let go: {', '.join(let_go)}" if let_go else "each reached"
    return (
        f"{path}: ok. Versions: {', '.join(version.name for version in policy.versions)}. Rules: {len(RULES)}, "
        f"{reached}. Combinations left to a person on purpose: {left}."
    )


def _find_same_names(policy: Policy) -> Iterator[Finding]:
    names = [version.name for version in policy.versions]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield ("versions", at, "version"), "overlap: an earlier version has the same name"


def _find_in_version(version: PolicyVersion, coverage: Coverage) -> Iterator[Finding]:
    rules = version.rules
    yield from _find_gaps(rules[NONE_FITS], coverage)
    yield from _find_overlaps(rules, coverage)
    yield from _find_unreachable(rules, coverage)
    yield from _find_unknown_evidence(rules)
    for rule in rules.values():
        for name, text in rule.texts.items():
            yield from (((rule.id, "texts", name), reason) for reason in _find_poor_translations(text))


def _find_gaps(none_fits: Rule, coverage: Coverage) -> Iterator[Finding]:
    """Combinations that no rule decides and that nobody left to a person on purpose, by request and reason."""
    left = {one for row in none_fits.leaves for one in _combinations_of(row)}
    gaps = sorted(coverage.unfit - left)
    for (request, reason), group in groupby(gaps, key=lambda one: one[:2]):
        kinds = ", ".join(kind for _, _, kind in group)
        yield (NONE_FITS, "leaves"), f"gap: no rule covers request {request}, reason {reason}, kinds {kinds}"


def _combinations_of(row: Combinations) -> Iterator[Combination]:
    return ((a, b, c) for a in row.requests for b in row.reasons for c in row.kinds)


def _find_overlaps(rules: Mapping[str, Rule], coverage: Coverage) -> Iterator[Finding]:
    for at, row in enumerate(rules[NONE_FITS].leaves):
        covered = sorted(set(_combinations_of(row)) - coverage.unfit)
        if covered:
            example = "request {}, reason {}, kind {}".format(*covered[0])
            yield (NONE_FITS, "leaves", at), f"overlap: a rule covers {len(covered)} of these, such as {example}"
    twice = rules["return.excluded"].kinds & rules["return.waivable"].kinds
    if twice:
        yield ("return.waivable", "kinds"), f"overlap: return.excluded has {', '.join(sorted(twice))} too"
    if rules["compensation"].least > rules["compensation"].most:
        yield ("compensation", "least"), "overlap: is more than most"


def _find_unreachable(rules: Mapping[str, Rule], coverage: Coverage) -> Iterator[Finding]:
    for rule in sorted(set(rules) - set(coverage.remedies) - set(_find_let_go(rules))):
        yield (rule,), "unreachable: no case comes to this rule; another decides before it"
    for kind in sorted(set(rules["warranty.repair"].days_by_kind) - rules["fault.exchange"].kinds):
        place = ("warranty.repair", "days_by_kind", kind)
        yield place, "unreachable: fault.exchange does not name this kind, so it comes to no warranty"


def _find_let_go(rules: Mapping[str, Rule]) -> Iterator[str]:
    """Rules that the shop left no kinds of goods to, such as what may never go back: no case is meant to come there."""
    yield from (rule.id for rule in rules.values() if "kinds" in RULES[rule.id].fields and not rule.kinds)
    if rules["fault.exchange"].kinds >= set(KINDS):
        yield "fault.other"


def _find_unknown_evidence(rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """What nobody asks a customer for, however it is spelled."""
    for rule in rules.values():
        unknown = sorted(set(rule.evidence) - set(EVIDENCE))
        if unknown:
            yield (rule.id, "evidence"), f"unknown evidence {', '.join(unknown)}; known are {', '.join(EVIDENCE)}"


def _find_poor_translations(text: Text) -> Iterator[str]:
    """A text told twice in one language, or one that keeps from some readers a date or an amount."""
    for one, other in combinations(LANGUAGES, 2):
        if text[one] == text[other]:
            yield f"missing translation: {other} repeats {one}"
    named = {language: _facts_in(text[language]) for language in LANGUAGES}
    everything = set().union(*named.values())
    for language in LANGUAGES:
        lacking = sorted(everything - named[language])
        if lacking:
            yield f"missing translation: {language} does not tell {', '.join(lacking)}"


def _facts_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
