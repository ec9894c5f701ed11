"""Multinomial logistic regression on two kinds of features side by side: dense vectors, and sparse weighted n-grams.

The objective is scikit-learn's (`LogisticRegression`: the mean log loss, and the squared weights by 1 / (2 C n)), the
search SciPy's L-BFGS. What is ours is that each kind is multiplied as what it is (as one sparse matrix, nine tenths of
its entries would be the vectors'), and that a search may begin where another ended.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.optimize import minimize  # type: ignore[import-untyped]

from bot.nlu.features import Array
from bot.nlu.text_model import log_softmax

_STEPS = 1000
# More would save a few steps, each of which would take longer by more than that.
_REMEMBERED = 5


@dataclass(frozen=True)
class Fit:
    """What was found: `vector` (vector's size, classes), `grams` (vocabulary, classes) or None, `bias` (classes)."""

    vector: Array
    grams: Array | None
    bias: Array

    def stack(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        """Return all of it as rows, (features and one, classes)."""
        parts = (self.vector, self.bias[None]) if self.grams is None else (self.vector, self.grams, self.bias[None])
        return np.concatenate(parts).astype(np.float64)


def fit_softmax(
    vectors: Array,
    grams: sparse.csr_matrix | None,
    classes: "np.ndarray[Any, np.dtype[np.int64]]",
    *,
    strength: float,
    tolerance: float,
    start: Fit | None = None,
) -> Fit:
    """Return the weights that give each text its class, numbered from 0 without a gap.

    `strength` is scikit-learn's C. It ends where no derivative is larger than `tolerance`, and begins at `start`,
    a fit of the same features and classes to other texts: there is one best fit, and the way to it is shorter.
    """
    objective = _Objective(vectors, grams, classes, strength)
    begin = np.zeros((objective.size, objective.count)) if start is None else start.stack()
    found = minimize(
        objective.compute,
        begin.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS, "maxcor": _REMEMBERED, "gtol": tolerance, "ftol": 0.0},
    )
    weights = found.x.reshape(objective.size, objective.count).astype(np.float32)
    width = vectors.shape[1]
    return Fit(weights[:width], weights[width:-1] if grams is not None else None, weights[-1])


class _Objective:
    """The loss and its gradient at a point: weights of the vector, of the n-grams, and the bias, one row a feature."""

    def __init__(
        self, vectors: Array, grams: sparse.csr_matrix | None, classes: "np.ndarray[Any, Any]", strength: float
    ) -> None:
        self._vectors, self._grams = np.ascontiguousarray(vectors, dtype=np.float32), grams
        # Kept turned as well: the gradient needs it, and turning it takes as long as multiplying it.
        self._turned = None if grams is None else grams.T.tocsr()
        self._rows, self._classes = np.arange(len(classes)), classes
        self._pull = 1 / (strength * len(classes))
        self.count = int(classes.max()) + 1
        self.size = vectors.shape[1] + (0 if grams is None else grams.shape[1]) + 1

    def compute(self, point: "np.ndarray[Any, np.dtype[np.float64]]") -> "tuple[float, np.ndarray[Any, Any]]":
        """Return loss and gradient."""
        exact = point.reshape(self.size, self.count)
        weights, width = exact.astype(np.float32), self._vectors.shape[1]
        scores = self._vectors @ weights[:width] + weights[-1]
        if self._grams is not None:
            scores += self._grams @ weights[width:-1]
        logarithms = log_softmax(scores)
        loss = -float(logarithms[self._rows, self._classes].mean(dtype=np.float64))
        shares = np.exp(logarithms)
        shares[self._rows, self._classes] -= 1
        shares /= len(shares)
        gradient = np.empty_like(exact)
        gradient[:width] = self._vectors.T @ shares
        if self._turned is not None:
            gradient[width:-1] = self._turned @ shares
        gradient[-1] = shares.sum(axis=0)
        gradient[:-1] += self._pull * exact[:-1]
        return loss + self._pull / 2 * float(np.vdot(exact[:-1], exact[:-1])), gradient.ravel()
