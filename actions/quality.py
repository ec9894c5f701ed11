"""How serious a customer's trouble is, as a word for severity's table (§4.3). Pure."""

from typing import Literal

Seriousness = Literal["nuisance", "loss", "safety"]

_BY_REASON: dict[str, Seriousness] = {
    "no_reason": "nuisance",
    "late_delivery": "nuisance",
    "price_drop": "nuisance",
    "poor_quality": "nuisance",
    "missing_item": "loss",
    "wrong_item": "loss",
    "functional_defect": "loss",
    "accidental_damage": "loss",
    "damaged_in_transit": "loss",
    "lost": "loss",
    "fake": "safety",
    "unsafe": "safety",
}


def seriousness(reason: str, *, injured: bool = False) -> Seriousness:
    """Return nuisance, loss (of use or money) or safety (safety, injury, fake, law) for a policy reason.

    Raises:
        KeyError: the reason is none of the policy's.
    """
    return "safety" if injured else _BY_REASON[reason]
