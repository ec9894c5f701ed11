"""What one rule says of a case, before it is put in words. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from actions.policy.case import PolicyCase
from actions.policy.rules import Policy, Rule

NONE_FITS = "none.fits"


@dataclass(frozen=True)
class Verdict:
    """`remedies` open, best first; `human` True leaves it to a person. `text` names the rule's text, None by outcome.

    `also`: further rules that had a say. `facts`: what the text names.
    """

    rule: Rule
    remedies: tuple[str, ...] = ()
    human: bool = False
    until: datetime | None = None
    amount: Decimal | None = None
    critical: bool = False
    text: str | None = None
    also: tuple[Rule, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """A case with the rules in force for it."""

    case: PolicyCase
    policy: Policy
    rules: dict[str, Rule]

    def rule(self, rule_id: str) -> Rule:
        """Return a rule by its id."""
        return self.rules[rule_id]

    def leave(self, rule_id: str, text: str = "human", **facts: Any) -> Verdict:
        """Leave the case to a person under a rule."""
        return Verdict(self.rule(rule_id), human=True, text=text, facts=facts)
