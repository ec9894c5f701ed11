"""What a conversation remembers between two turns. Frozen, and plain JSON in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

# A conversation on Telegram may last for years.
_MOST_SETTLED = 50


def _read_settled(kept: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """Read what was carried out; a release before kept no times."""
    return dict(kept) if isinstance(kept, Mapping) else dict.fromkeys(kept, "")


@dataclass(frozen=True)
class Frame:
    """A flow in progress: what is known (`slots`), what was asked last, and how often in vain."""

    flow: str
    slots: dict[str, Any] = field(default_factory=dict)
    asking: str | None = None
    tries: int = 0

    def fill(self, **slots: Any) -> Self:
        """Return the frame with more known; a None changes nothing."""
        return replace(self, slots=self.slots | {name: value for name, value in slots.items() if value is not None})

    def forget(self, *slots: str) -> Self:
        """Return the frame knowing less."""
        return replace(self, slots={name: value for name, value in self.slots.items() if name not in slots})

    def ask(self, slot: str) -> Self:
        """Return the frame waiting for a slot."""
        return replace(self, asking=slot, tries=self.tries + 1 if self.asking == slot else 0)


@dataclass(frozen=True)
class Attempt:
    """Something that was tried for the customer and did not settle it: kept, so that nobody tries it again unknowing.

    `kind`: "decision" (by policy), "proof" (of ownership), "command" (asked of the shop), "question" (asked in vain) or
    "shop" (it did not answer). `at` is the last of `times` (ISO 8601).
    """

    kind: str
    at: str
    details: dict[str, Any] = field(default_factory=dict)
    times: int = 1


@dataclass(frozen=True)
class State:
    """A conversation's memory.

    `frames`: flows in progress, the active one last; `ended`: the last one that came to its end. `proven`: orders shown
    to be the customer's in this conversation. `order`: the one being talked about; `topic`: the category of the last
    request, `request` its intent. `later`: intents of second requests not yet taken up; `kept`: those of which more is
    known. `unsure`: unsure readings in a row. `told`: what the customer told of the goods, by order ("" while no order
    is named), whatever flow heard it.
    `offered`: the values of the buttons under the last question, for who types "the second". `heard_at`: when the
    customer last wrote. `question`: the last one put to the FAQ, masked. `tried`: what was tried and did not settle it.
    `contact_asked`: whether the visitor was asked for a way to reach them.
    `unclear`: what was not understood, for the button that says what it is about. `reason`: the last one that was given
    for a decision, or for what the shop would not do (see `why`). `settled`: what the shop has carried out for the
    conversation, as "kind/order", and when (ISO 8601; "" where a release before did not keep it).
    """

    frames: tuple[Frame, ...] = ()
    proven: tuple[str, ...] = ()
    order: str | None = None
    topic: str | None = None
    request: str | None = None
    later: tuple[str, ...] = ()
    kept: tuple[Frame, ...] = ()
    unsure: int = 0
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    heard_at: datetime | None = None
    question: str | None = None
    tried: tuple[Attempt, ...] = ()
    ended: Frame | None = None
    contact_asked: bool = False
    unclear: str = ""
    reason: dict[str, Any] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)

    @property
    def active(self) -> Frame | None:
        """The flow that has the word."""
        return self.frames[-1] if self.frames else None

    def push(self, frame: Frame) -> Self:
        """Begin a flow above the others; the same flow further down is dropped."""
        kept = tuple(other for other in self.frames if other.flow != frame.flow)
        return replace(self, frames=(*kept, frame), unsure=0)

    def swap(self, frame: Frame) -> Self:
        """Replace the active flow's frame."""
        return replace(self, frames=(*self.frames[:-1], frame), unsure=0)

    def turn_into(self, frame: Frame) -> Self:
        """Let another flow go on in the place of the active one; it is in progress once."""
        return replace(self, frames=self.frames[:-1]).push(frame)

    def note_settled(self, kind: str, order: str, at: datetime) -> Self:
        """Keep that the shop has carried something out for an order, and when."""
        settled = {**self.settled, f"{kind}/{order}": at.isoformat()}
        return replace(self, settled=dict(list(settled.items())[-_MOST_SETTLED:]))

    def has_settled(self, kind: str, order: str) -> bool:
        """Tell whether the shop has carried something out for an order in this conversation."""
        return f"{kind}/{order}" in self.settled

    def settled_at(self, kind: str, order: str) -> datetime | None:
        """Return when the shop last carried something out for an order, or None where that is not known."""
        at = self.settled.get(f"{kind}/{order}")
        return datetime.fromisoformat(at) if at else None

    def pop(self) -> Self:
        """End the active flow."""
        # A mail address is kept nowhere but with the customer.
        ended = self.ended if self.active and self.active.flow == "contact" else self.active
        return replace(self, frames=self.frames[:-1], ended=ended)

    def tell(self, facts: Mapping[str, Any], *, order: str | None) -> Self:
        """Keep what was told of an order's goods; what was told before the order was named belongs to it now."""
        if not facts:
            return self
        others = {number: kept for number, kept in self.told.items() if number and number != order}
        return replace(self, told={**others, order or "": dict(facts)})

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON."""
        return {
            "frames": [vars(frame) for frame in self.frames],
            "proven": list(self.proven),
            "order": self.order,
            "topic": self.topic,
            "request": self.request,
            "later": list(self.later),
            "kept": [vars(frame) for frame in self.kept],
            "unsure": self.unsure,
            "told": self.told,
            "offered": list(self.offered),
            "unclear": self.unclear,
            "reason": self.reason,
            "settled": self.settled,
            "heard_at": self.heard_at.isoformat() if self.heard_at else None,
            "question": self.question,
            "tried": [vars(attempt) for attempt in self.tried],
            "ended": vars(self.ended) if self.ended else None,
            "contact_asked": self.contact_asked,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; {} is a new conversation."""
        return cls(
            frames=tuple(Frame(**frame) for frame in data.get("frames", ())),
            proven=tuple(data.get("proven", ())),
            order=data.get("order"),
            topic=data.get("topic"),
            request=data.get("request"),
            later=tuple(data.get("later", ())),
            kept=tuple(Frame(**frame) for frame in data.get("kept", ())),
            unsure=data.get("unsure", 0),
            told=data.get("told", {}),
            offered=tuple(data.get("offered", ())),
            unclear=data.get("unclear", ""),
            reason=data.get("reason", {}),
            settled=_read_settled(data.get("settled", {})),
            heard_at=datetime.fromisoformat(data["heard_at"]) if data.get("heard_at") else None,
            question=data.get("question"),
            tried=tuple(Attempt(**attempt) for attempt in data.get("tried", ())),
            ended=Frame(**data["ended"]) if data.get("ended") else None,
            contact_asked=data.get("contact_asked", False),
        )
