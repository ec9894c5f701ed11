"""What the interpreter understood of one message. Plain records, shared by both engines and by the dialogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")
CATEGORIES = (
    "order", "logistics", "quality", "after_sales", "complaint", "handoff", "chitchat", "out_of_scope",
)  # fmt: skip


@dataclass(frozen=True)
class Entity:
    """A value found in the text. `value` is normalised; `start` and `end` count characters of the raw text."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Point:
    """One point of a message that is a list, read by itself; `start` and `end` count characters of the raw text."""

    start: int
    end: int
    intent: str
    confidence: float
    unsure: bool


@dataclass(frozen=True)
class Reading:
    """One message, understood. `confidence` is calibrated (0..1); `ranking` is best first, (intent, probability).

    `context` is the conversation's topic, where that decided what is meant. `points`: of a list, in its order.
    """

    text: str
    intent: str
    category: str
    confidence: float
    unsure: bool
    language: Language
    entities: tuple[Entity, ...]
    also: tuple[str, ...]
    ranking: tuple[tuple[str, float], ...]
    engine: Literal["embedded", "rasa"]
    context: str | None = None
    points: tuple[Point, ...] = ()


class Interpreter(Protocol):
    """Understands text."""

    async def parse(self, text: str) -> Reading:
        """Read one message. Never raises for any text, however odd; raises InterpreterError when the engine fails."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into vectors whose products tell how alike their meanings are."""

    async def encode(self, texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Return one unit vector a text. Raises InterpreterError when the engine fails."""
        ...

    @property
    def background(self) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """The vectors of sentences that nobody here has an answer to, (n, 512); (0, 512) where none are known."""
        ...


class InterpreterError(Exception):
    """The engine could not answer (down, too slow, or its answer made no sense)."""
