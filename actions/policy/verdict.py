"""What one rule says of a case, before it is put in words. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from actions.policy.case import PolicyCase
from actions.policy.rules import Policy, Rule

NONE_FITS = "none.fits"


@dataclass(frozen=True)
class Note:
    """A further sentence of the explanation, by a rule that had a say."""

    rule: Rule
    text: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """`remedies` open, best first; `human` True leaves it to a person. `text` names the rule's text, None by outcome.

    `beside`: what another rule opens. `also`: further rules that had a say; `notes` of them what they add. `facts`:
    what the text names. `payer`: who pays the shipping, None is the rule's own.
    """

    rule: Rule
    remedies: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    human: bool = False
    until: datetime | None = None
    amount: Decimal | None = None
    critical: bool = False
    text: str | None = None
    also: tuple[Rule, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    payer: str | None = None
    notes: tuple[Note, ...] = ()

    @property
    def shipping(self) -> str:
        """Who pays the shipping: customer, shop, or none."""
        return self.payer or self.rule.payer

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that had a say, the deciding one first."""
        return tuple({rule.id: rule for rule in (self.rule, *self.also, *(note.rule for note in self.notes))}.values())


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
