"""The vectors of all ways to ask, made once: kept on disk by what was encoded, so that a start costs nothing."""

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from actions.faq.matching import Vectors
from bot.nlu.encoder import DIMENSIONS
from bot.nlu.features import FEATURES_VERSION
from bot.nlu.reading import Encoder

log = logging.getLogger(__name__)

# So many texts keep the encoder's thread for about 0.1 s; customers' messages come in between.
_AT_ONCE = 32


class VectorCache:
    """Texts with their vectors, in memory and in a file that may be lost at any time."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._path, self._encoder = path, encoder
        self._known: dict[str, Vectors] = _load(path)

    async def find(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text; only texts never seen before are encoded. Raises InterpreterError."""
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        pending = list(new)
        for start in range(0, len(pending), _AT_ONCE):
            part = pending[start : start + _AT_ONCE]
            vectors = await self._encoder.encode([new[key] for key in part])
            self._known |= dict(zip(part, vectors, strict=True))
        return np.asarray([self._known[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)

    def keep_only(self, texts: Sequence[str]) -> None:
        """Forget all other texts, and write these down. Blocks while it writes."""
        wanted = {_key(text) for text in texts}
        self._known = {key: vector for key, vector in self._known.items() if key in wanted}
        _save(self._path, self._known)


def _key(text: str) -> str:
    return hashlib.sha256(f"{FEATURES_VERSION}\0{text}".encode()).hexdigest()


def _load(path: Path) -> dict[str, Vectors]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as numbers:
            keys, vectors = numbers["keys"].tolist(), numbers["vectors"].astype(np.float32)
        return dict(zip(keys, vectors, strict=True)) if vectors.shape[1:] == (DIMENSIONS,) else {}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def _save(path: Path, known: dict[str, Vectors]) -> None:
    """Write the file whole or not at all; several processes may do so at once."""
    if not known or set(_load(path)) == set(known):
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as stream:
            np.savez(stream, keys=np.array(list(known)), vectors=np.asarray(list(known.values()), dtype=np.float32))
        draft.replace(path)
    except OSError as error:
        log.warning("the FAQ's vectors are not kept on disk: %s", error)
