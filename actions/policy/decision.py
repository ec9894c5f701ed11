"""What the policy decided: the record, and its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

Outcome = Literal["accept", "refuse", "human"]
Tier = Literal["general", "major", "critical"]


class Explanation(dict[str, str]):
    """Why, in each language. Whoever passes the words on passes on with them what was asked for and what decided."""

    def __init__(
        self, texts: Mapping[str, str], *, request: str, outcome: str, rules: tuple[str, ...], clauses: tuple[str, ...]
    ) -> None:
        """`request` is what was asked for, `outcome` the answer to it."""
        super().__init__(texts)
        self.request, self.outcome, self.rules, self.clauses = request, outcome, rules, clauses


@dataclass(frozen=True)
class Decision:
    """What was decided, and why.

    accept: the requested remedy is open, given the evidence; refuse: it is not, `remedies` names what is; human: a
    person must decide. `offered`: those remedies that are worth naming to this customer. `until` is exclusive for days,
    the last instant for hours; None where nothing ends.
    """

    outcome: Outcome
    remedies: tuple[str, ...]
    offered: tuple[str, ...]
    shipping: str
    amount: Decimal | None
    tier: Tier
    rules: tuple[str, ...]
    clauses: tuple[str, ...]
    evidence_required: tuple[str, ...]
    until: datetime | None
    explanation: Explanation
    zone: ZoneInfo

    def to_json(self) -> dict[str, Any]:
        """Return the decision as the command line and the tickets hold it; `until` in the shop's zone."""
        return {
            "outcome": self.outcome,
            "remedies": list(self.remedies),
            "shipping": self.shipping,
            "amount": None if self.amount is None else str(self.amount),
            "tier": self.tier,
            "rules": list(self.rules),
            "clauses": list(self.clauses),
            "evidence_required": list(self.evidence_required),
            "until": None if self.until is None else self.until.astimezone(self.zone).isoformat(),
            "explanation": dict(self.explanation),
        }
