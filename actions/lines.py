"""A sentence not yet written: a catalogue key and what it names. The acts return these, the bot writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Line:
    """`params` may hold instants, Decimals, numbers, other lines, and dicts with the three language keys."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
