"""What each rule of a policy file must hold, and what the law forbids to take away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

COMMON_FACTS = frozenset({"remedies", "told", "told_time", "amount", "refund_days"})
# Said when facts are missing: by a rule that hands over before it could count anything.
_FACTLESS = frozenset({"unsigned", "unknown"})
_PERIOD = ("start", "start_time", "until", "until_time", "days")
_WARRANTY = (*_PERIOD, "repairs", "repair_days")


@dataclass(frozen=True)
class RuleSchema:
    """The fields a rule must have, those it may have, the texts it must have, and the facts these may name."""

    fields: tuple[str, ...]
    texts: tuple[str, ...]
    optional: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def facts_of(self, text: str) -> frozenset[str]:
        """Return what a text of the rule may name; one for missing facts can name only what is always known."""
        return COMMON_FACTS if text in _FACTLESS else COMMON_FACTS | set(self.facts)


_HUMAN = RuleSchema(fields=(), texts=("human",), optional=("evidence",))

RULES: dict[str, RuleSchema] = {
    "return.no_reason": RuleSchema(
        ("days", "payer", "sealed_kinds"),
        ("accept", "instead", "late", "used", "unsealed", "doubt", "unsigned"),
        facts=_PERIOD,
    ),
    "return.excluded": RuleSchema(("kinds",), ("refuse", "human")),
    "return.waivable": RuleSchema(("kinds",), ("refuse",)),
    "fault.return": RuleSchema(
        ("days", "payer", "unrepairable"), ("accept", "instead", "unsigned"), optional=("evidence",), facts=_PERIOD
    ),
    "fault.exchange": RuleSchema(
        ("days", "kinds", "payer"), ("accept", "instead"), optional=("evidence",), facts=_PERIOD
    ),
    "fault.other": RuleSchema((), ("human",), optional=("evidence",), facts=_PERIOD),
    "warranty.repair": RuleSchema(
        ("days", "days_by_kind", "payer"), ("accept", "instead", "refuse"), optional=("evidence",), facts=_WARRANTY
    ),
    "warranty.failed": RuleSchema(
        ("days", "repairs", "payer"), ("accept", "instead"), optional=("evidence",), facts=_WARRANTY
    ),
    "damage.30days": RuleSchema(
        ("days", "kinds", "payer"),
        ("accept", "instead", "refuse", "excluded", "unknown"),
        optional=("evidence",),
        facts=_PERIOD,
    ),
    "wrong.item": RuleSchema(("payer",), ("accept", "instead", "human"), optional=("evidence",)),
    "missing.item": RuleSchema(("payer",), ("accept", "instead", "human"), optional=("evidence",)),
    "transit.damage": RuleSchema(
        ("hours", "payer"),
        ("accept", "instead", "human", "unsigned"),
        optional=("evidence",),
        facts=("start", "start_time", "until", "until_time", "hours"),
    ),
    "fake": RuleSchema(("times", "least"), ("human",), optional=("evidence",)),
    "unsafe.food": RuleSchema(("kinds", "times", "least"), ("human",), optional=("evidence",)),
    "late.voucher": RuleSchema(("days", "steps"), ("accept", "instead", "refuse"), facts=(*_PERIOD, "late")),
    "lost": RuleSchema(
        ("days", "hours"), ("accept", "instead", "refuse", "unknown"), facts=("start", "start_time", "seen", "lost")
    ),
    "refund.time": RuleSchema(("days",), ("accept", "instead")),
    "price.protection": RuleSchema(
        ("days",), ("accept", "refuse", "late", "unknown"), facts=(*_PERIOD, "paid", "price_now")
    ),
    "compensation": RuleSchema(
        ("rates", "least", "most"), ("accept", "unknown"), optional=("evidence",), facts=("rate", "paid")
    ),
    "human.cross_border": _HUMAN,
    "none.fits": RuleSchema((), ("human", "unsafe")),
}


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
_SEALED = {"food", "cosmetics", "personal_hygiene"}


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: bool(value >= least)


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
    LegalLimit("warranty.failed", "repairs", lambda value: value <= 2, "Three guarantees 11", "two repairs are enough"),
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
    LegalLimit("refund.time", "days", lambda value: value <= 7, "Consumer Law 25", "the law gives the shop 7 days"),
)
