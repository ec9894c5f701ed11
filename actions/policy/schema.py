"""What each rule of a policy file must hold: its fields, its texts, and the facts that these may name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

COMMON_FACTS = frozenset({"remedies", "told", "told_time", "amount", "refund_days", "freight"})
# Said when facts are missing: by a rule that hands over before it could count anything.
_FACTLESS = frozenset({"unsigned", "unknown", "unsafe"})
_PERIOD = ("start", "start_time", "until", "until_time", "days")
_WARRANTY = (*_PERIOD, "repairs", "repair_days")


@dataclass(frozen=True)
class RuleSchema:
    """The fields a rule must have, those it may have, the texts it must have, and the facts these may name.

    `notes` are texts that are added to another rule's; without those of `later`, which came after shops had files of
    their own, nothing is added.
    """

    fields: tuple[str, ...]
    texts: tuple[str, ...]
    optional: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    later: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_texts(self) -> tuple[str, ...]:
        """Return every text the rule must have."""
        return (*self.texts, *self.notes)

    def facts_of(self, text: str) -> frozenset[str]:
        """Return what a text of the rule may name; one for missing facts can name only what is always known."""
        added = {**self.notes, **self.later}
        if text in added:
            return frozenset(added[text])
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
        ("days", "days_by_kind", "payer"),
        ("accept", "instead", "refuse"),
        optional=("evidence", "days_by_part"),
        facts=_WARRANTY,
    ),
    "warranty.failed": RuleSchema(
        ("days", "repairs", "payer"), ("accept", "instead", "long"), optional=("evidence",), facts=_WARRANTY
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
    "fake": RuleSchema(("times", "least"), ("human", "counted"), optional=("evidence",), facts=("times", "least")),
    "unsafe.food": RuleSchema(
        ("kinds", "times", "least"), ("human", "counted"), optional=("evidence",), facts=("times", "least")
    ),
    "late.voucher": RuleSchema(
        ("days", "steps"),
        ("accept", "instead", "refuse", "in_time", "unknown"),
        facts=(*_PERIOD, "came", "late", "late_days", "voucher"),
        notes={"beside": ("late_days", "voucher")},
        later={"refund": ()},
    ),
    "lost": RuleSchema(
        ("days", "hours"), ("accept", "instead", "refuse", "unknown"), facts=("start", "start_time", "seen", "lost")
    ),
    "refund.time": RuleSchema(
        ("days",),
        ("accept", "instead", "unpriced", "returned", "overdue", "unknown"),
        facts=_PERIOD,
        notes={"parts": ("parts",)},
    ),
    "price.protection": RuleSchema(
        ("days",),
        ("accept", "instead", "refuse", "late", "other", "unknown"),
        facts=(*_PERIOD, "paid", "price_now"),
        notes={"beside": ("difference",)},
    ),
    "compensation": RuleSchema(
        ("rates", "least", "most"),
        ("accept", "least", "most", "unsigned", "unknown"),
        optional=("evidence",),
        facts=("rate", "paid"),
    ),
    "gift.back": RuleSchema((), (), notes={"accept": ("gift",), "kept": ("gift",)}),
    "bundle.part": RuleSchema(
        (), (), notes={"accept": ("bundle", "kept", "part")}, later={"rest": ("bundle", "refunded", "kept", "part")}
    ),
    "coupon.back": RuleSchema((), (), notes={"accept": ("coupon",), "points": ("points",)}),
    "freight.insured": RuleSchema((), ()),
    "human.injury": _HUMAN,
    "human.doubted": _HUMAN,
    "human.cross_border": _HUMAN,
    "human.under_18": _HUMAN,
    "human.abuse": _HUMAN,
    "human.freight": _HUMAN,
    "none.fits": RuleSchema((), ("human", "unsafe"), optional=("leaves",)),
}
