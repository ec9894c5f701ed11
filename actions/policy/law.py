"""What the law gives a customer (product §3, law column): a policy file may better it, never take it away."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# What a clause such as "Consumer Law 25" cites: its name in each language.
LAWS: Mapping[str, Mapping[str, str]] = {
    "Consumer Law": {"zh-Hans": "消费者权益保护法", "zh-Hant": "消費者權益保護法", "en": "Consumer Law"},
    "Return rules": {"zh-Hans": "七日无理由退货办法", "zh-Hant": "七日無理由退貨辦法", "en": "Return rules"},
    "Three guarantees": {"zh-Hans": "三包规定", "zh-Hant": "三包規定", "en": "Three guarantees"},
    "E-commerce Law": {"zh-Hans": "电子商务法", "zh-Hant": "電子商務法", "en": "E-commerce Law"},
    "Food Safety Law": {"zh-Hans": "食品安全法", "zh-Hant": "食品安全法", "en": "Food Safety Law"},
    "Civil Code": {"zh-Hans": "民法典", "zh-Hant": "民法典", "en": "Civil Code"},
}


def cite(clauses: Iterable[str], language: str) -> list[str]:
    """Return clauses as their reader cites them, the articles of a law together; § and unknown laws as they are."""
    articles: dict[str, list[str]] = {}
    for clause in clauses:
        law, _, article = clause.rpartition(" ")
        articles.setdefault(law if law in LAWS else clause, []).append(article)
    return [_cite_law(law, numbers, language) if law in LAWS else law for law, numbers in articles.items()]


def _cite_law(law: str, articles: list[str], language: str) -> str:
    name = LAWS[law][language]
    if language == "en":
        return f"{name} {', '.join(dict.fromkeys(articles))}"
    return f"《{name}》第{'、'.join(dict.fromkeys(articles))}{'条' if language == 'zh-Hans' else '條'}"


@dataclass(frozen=True)
class LegalLimit:
    """`allows` tells whether a value leaves the customer at least what the clause gives."""

    rule: str
    field: str
    allows: Callable[[Any], bool]
    clause: str
    says: str


_GUARANTEED = {"electronics", "appliance"}
_EXCLUDABLE = {"made_to_order", "food_fresh", "digital", "periodical"}
_WAIVABLE = {"personal_hygiene", "near_expiry", "declared_defect", "cosmetics", "electronics", "food"}
# Main parts to which the catalogue gives longer than the goods themselves.
_MAIN_PARTS = {"compressor": 1095, "motor": 1095}
_SEALED = {"food", "cosmetics", "personal_hygiene"}


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: bool(value >= least)


def _at_most(most: int) -> Callable[[Any], bool]:
    return lambda value: bool(value <= most)


def _only_shop(value: str) -> bool:
    return value == "shop"


LEGAL_LIMITS: tuple[LegalLimit, ...] = (
    LegalLimit("return.no_reason", "days", _at_least(7), "Consumer Law 25", "the law gives 7 days"),
    LegalLimit(
        "return.no_reason", "sealed_kinds", _SEALED.issuperset, "Return rules 9", "only food, cosmetics, hygiene"
    ),
    LegalLimit(
        "return.excluded", "kinds", _EXCLUDABLE.issuperset, "Consumer Law 25", "the law excludes no other kinds"
    ),
    LegalLimit("return.waivable", "kinds", _WAIVABLE.issuperset, "Return rules 7", "no other kinds can be waived"),
    LegalLimit("fault.return", "days", _at_least(7), "Consumer Law 24", "the law gives 7 days"),
    LegalLimit("fault.return", "payer", _only_shop, "Consumer Law 24", "the shop pays for faulty goods"),
    LegalLimit(
        "fault.return", "unrepairable", _GUARANTEED.isdisjoint, "Three guarantees 9", "these kinds are under the law"
    ),
    LegalLimit("fault.exchange", "days", _at_least(15), "Three guarantees 10", "the law gives 15 days"),
    LegalLimit("fault.exchange", "kinds", _GUARANTEED.issubset, "Three guarantees 1", "these kinds are under the law"),
    LegalLimit("fault.exchange", "payer", _only_shop, "Consumer Law 24", "the shop pays for faulty goods"),
    LegalLimit("warranty.repair", "days", _at_least(365), "Three guarantees 11", "the law gives a year"),
    LegalLimit("warranty.repair", "payer", _only_shop, "Consumer Law 24", "the shop pays for faulty goods"),
    LegalLimit(
        "warranty.repair",
        "days_by_kind",
        lambda value: all(value.get(kind, 365) >= 365 for kind in _GUARANTEED),
        "Three guarantees 11",
        "the law gives a year for these kinds",
    ),
    LegalLimit(
        "warranty.repair",
        "days_by_part",
        lambda value: all(value.get(part, 0) >= days for part, days in _MAIN_PARTS.items()),
        "Three guarantees 11",
        "the law's catalogue gives these main parts more",
    ),
    LegalLimit(
        "warranty.repair",
        "days_by_part",
        lambda value: all(days >= 365 for days in value.values()),
        "Three guarantees 11",
        "the law gives a year for every part",
    ),
    LegalLimit("warranty.failed", "repairs", _at_most(2), "Three guarantees 11", "two repairs are enough"),
    LegalLimit("warranty.failed", "payer", _only_shop, "Consumer Law 24", "the shop pays for faulty goods"),
    LegalLimit("wrong.item", "payer", _only_shop, "Consumer Law 24", "the shop pays for its mistakes"),
    LegalLimit("missing.item", "payer", _only_shop, "Consumer Law 24", "the shop pays for its mistakes"),
    LegalLimit("transit.damage", "payer", _only_shop, "E-commerce Law 20", "transport is the shop's risk"),
    LegalLimit("fake", "times", _at_least(3), "Consumer Law 55", "the law gives three times the price"),
    LegalLimit("fake", "least", _at_least(500), "Consumer Law 55", "the law gives at least 500 yuan"),
    LegalLimit("unsafe.food", "times", _at_least(10), "Food Safety Law 148", "the law gives ten times the price"),
    LegalLimit("unsafe.food", "least", _at_least(1000), "Food Safety Law 148", "the law gives at least 1000 yuan"),
    LegalLimit(
        "unsafe.food", "kinds", {"food", "food_fresh"}.issubset, "Food Safety Law 148", "the law covers all food"
    ),
    LegalLimit("lost", "days", _at_most(7), "E-commerce Law 20", "transport is the shop's risk: no longer than 7 days"),
    LegalLimit("lost", "hours", _at_most(48), "E-commerce Law 20", "transport is the shop's risk: no longer than 48 h"),
    LegalLimit("refund.time", "days", _at_most(7), "Consumer Law 25", "the law gives the shop 7 days"),
)


# What a rule without such a field says: leaving it out is as good as taking away what it would give.
ABSENT: Mapping[str, Any] = {"days_by_part": {}}


def find_taken_rights(rule: str, field: str, value: Any) -> Iterator[LegalLimit]:
    """Yield every limit that a field's value breaks."""
    for limit in LEGAL_LIMITS:
        if (limit.rule, limit.field) == (rule, field) and not limit.allows(value):
            yield limit
