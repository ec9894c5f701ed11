"""A sum in parts, to the cent. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

_CENT = Decimal("0.01")


def split(whole: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split a sum by weights, evenly where none weighs anything, to the cent; the shares make the whole.

    By the method of Webster (Sainte-Laguë), cent by cent: once some have taken their shares, splitting the rest among
    the others gives each of them what it had. Of equal claims the first is served first.
    """
    claims = [Fraction(weight) for weight in (weights if any(weights) else [Decimal(1)] * len(weights))]
    cents, places = int(whole / _CENT), range(len(claims))
    # Each share rounded is a few cents off at most.
    shares = [int(cents * claim / sum(claims) + Fraction(1, 2)) for claim in claims]
    for _ in range(cents - sum(shares)):
        shares[max(places, key=lambda at: claims[at] / (2 * shares[at] + 1))] += 1
    for _ in range(sum(shares) - cents):
        taken = (at for at in reversed(places) if shares[at])
        shares[min(taken, key=lambda at: claims[at] / (2 * shares[at] - 1))] -= 1
    return [share * _CENT for share in shares]
