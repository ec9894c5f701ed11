"""The hand-off packet for the API and the console: gathered from the rows, composed, written for its reader.

Who may only read masked gets the customer's own words hidden; what follows from codes and records stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from actions.checks import check_order
from actions.lines import Line
from actions.policy.law import cite
from actions.shop import Order
from bot.console.masked import open_masked
from bot.dialogue.flows import contact
from bot.dialogue.state import Attempt, State
from bot.models import Conversation, Message
from bot.security.sealing import Seal
from bot.texts import Catalogue
from bot.turn.packet import CONTACTS_WITHIN, CaseFacts, Fact, Packet, Said, Source, compose_packet
from bot.turn.private import open_state
from escalation.casefile import CaseFile, find_contacts
from escalation.rights import Access

HIDDEN = "•••"
# How many of the customer's last messages say how they feel.
_LATELY = 10


class FactBody(BaseModel):
    """One fact: where it is from, what it is called, what it says."""

    source: Source
    source_label: str
    name: str
    label: str
    text: str
    at: datetime | None = None


class TriedBody(BaseModel):
    """What was tried and did not settle the matter; for a decision, the rules and clauses behind it."""

    kind: str
    text: str
    at: datetime
    rules: list[str]
    clauses: list[str]


class WantsBody(BaseModel):
    """What the customer wants: the intent, the remedy wished for, and their own words."""

    intent: str
    text: str
    wish: str | None
    words: list[str]


class MoodBody(BaseModel):
    """How the customer feels: calm, worried, upset or angry; the words that say so; raised by many contacts."""

    level: str
    text: str
    signs: list[str]
    came_often: bool


class ContactsBody(BaseModel):
    """How often the customer got in touch about the matter in so many days."""

    count: int
    days: int


class PacketBody(BaseModel):
    """The hand-off packet, in the reader's language. `facts`, `findings`: as they were when the ticket was opened."""

    flow: str | None
    language: str
    summary: str
    wants: WantsBody
    known: list[FactBody]
    tried: list[TriedBody]
    mood: MoodBody
    contacts: ContactsBody
    open: list[str]
    facts: dict[str, Any] | str = Field(description="What the customer told the flow, by slot; hidden where masked.")
    findings: list[str]


class TicketAnswer(BaseModel):
    """One ticket whole."""

    model_config = ConfigDict(extra="allow")

    number: str
    packet: PacketBody
    revealable: list[str] = Field(description="Values shown masked that this reader may have told whole, by name.")


class TicketLine(BaseModel):
    """One line of a list of tickets."""

    model_config = ConfigDict(extra="allow")

    number: str
    next_due_at: datetime | None


class TicketsAnswer(BaseModel):
    """Tickets, what is due next first."""

    tickets: list[TicketLine]
    more: bool = Field(description="There is another page.")
    next: str | None = Field(description="The cursor of the next page; None on the last one.")


@dataclass(frozen=True)
class HandOff:
    """A packet with what it was made of."""

    packet: Packet
    stored: dict[str, Any]


async def load_handoff(
    session: AsyncSession, case: CaseFile, messages: Sequence[Message], seal: Seal, *, now: datetime
) -> CaseFacts:
    """Gather what the packet of a case is made of, but for the order: what is personal of it as it may be shown."""
    ticket = case.ticket
    conversation = await session.get(Conversation, ticket.conversation_id)
    state = _read_state(conversation.state if conversation else {}, seal)
    theirs = [message for message in messages if message.sender == "customer"]
    stored = ticket.packet
    return CaseFacts(
        category=ticket.category,
        intent=_matter(ticket.intent, stored),
        opened_at=ticket.opened_at,
        slots=_join_facts(open_masked(stored.get("facts") or {}, seal), stored.get("changed", {})),
        order_number=ticket.order_number or stored.get("order"),
        findings=tuple(stored.get("findings", ())),
        tried=_join_attempts((Attempt(**one) for one in stored.get("tried", ())), state.tried),
        added=tuple(
            _added(event.at, open_masked(event.details, seal)) for event in case.events if event.kind == "facts_added"
        ),
        said=tuple(Said(one.at, one.text) for one in theirs if now - one.at <= CONTACTS_WITHIN)[-_LATELY:],
        # Where to mail the answers is nothing that anybody has to find out.
        asked=state.active.asking if state.active and state.active.flow != contact.FLOW else None,
        decision=ticket.decision,
        contacts_at=tuple(await find_contacts(session, ticket, since=now - CONTACTS_WITHIN)),
        photos=sum(len(one.attachments) for one in theirs if one.at >= ticket.opened_at - CONTACTS_WITHIN),
    )


def _join_facts(told: dict[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """What the customer would rather have by now goes before what they wanted first.

    A reason told later stands beside the first, which the policy may have refused: whoever confirms weighs both.
    """
    first, now = told.get("reason"), changed.get("reason")
    return {**told, **changed, **({"earlier_reason": first} if first and now and first != now else {})}


def finish_handoff(facts: CaseFacts, stored: dict[str, Any], order: Order | None, *, now: datetime) -> HandOff:
    """Compose the packet, with the shop's record as it is now."""
    check = check_order(order, now) if order else None
    packet = compose_packet(replace(facts, order=order, check=check), now=now)
    return HandOff(packet, {**stored, "facts": dict(facts.slots)})


def describe_handoff(handoff: HandOff, access: Access, catalogue: Catalogue, language: str) -> dict[str, Any]:
    """Write the packet in the reader's language."""
    return _Writer(catalogue, language, masked=access < Access.READ).write(handoff).model_dump(mode="json")


class _Writer:
    """Writes a packet for one reader. A code that no sentence was written for (a shop's own rule, say) stays a code."""

    def __init__(self, catalogue: Catalogue, language: str, *, masked: bool) -> None:
        self._catalogue, self._language, self._masked = catalogue, language, masked
        self._known = catalogue.texts(language)

    def write(self, handoff: HandOff) -> PacketBody:
        packet, stored = handoff.packet, handoff.stored
        return PacketBody(
            flow=stored.get("flow"),
            language=self._language,
            summary=self._summarise(packet),
            wants=self._wants(packet),
            known=[self._fact(fact) for fact in packet.facts if self._may_know(fact.source)],
            tried=[
                TriedBody(kind=one.kind, text=self._line(one.line), at=one.at, rules=list(one.rules),
                          clauses=cite(one.clauses, self._language))
                for one in packet.tried
            ],
            mood=self._mood(packet),
            contacts=ContactsBody(count=packet.contacts, days=CONTACTS_WITHIN.days),
            open=self._lines(packet.open),
            facts=HIDDEN if self._masked else stored.get("facts", {}),
            findings=stored.get("findings", []),
        )  # fmt: skip

    def _summarise(self, packet: Packet) -> str:
        told = [line for line in packet.summary if not (self._masked and line.key == "packet.order")]
        return self._catalogue.join(self._lines(told), self._language)

    def _may_know(self, source: Source) -> bool:
        return not (self._masked and source is Source.SHOP)

    def _wants(self, packet: Packet) -> WantsBody:
        intent = packet.wants.key.removeprefix("packet.intent.")
        words = [self._hide(words) for words in packet.words]
        return WantsBody(intent=intent, text=self._line(packet.wants), wish=packet.wish, words=words)

    def _mood(self, packet: Packet) -> MoodBody:
        mood, level = packet.mood, packet.mood.level.name.lower()
        signs = [] if self._masked else list(mood.signs)
        return MoodBody(level=level, text=self._code("mood", level), signs=signs, came_often=mood.came_often)

    def _fact(self, fact: Fact) -> FactBody:
        text = self._line(fact.text) if isinstance(fact.text, Line) else self._hide(fact.text)
        told = self._code("packet.source", fact.source)
        label = self._code(f"packet.{fact.source}", fact.name)
        return FactBody(source=fact.source, source_label=told, name=fact.name, label=label, text=text, at=fact.at)

    def _hide(self, words: str) -> str:
        return HIDDEN if self._masked else words

    def _code(self, prefix: str, code: str) -> str:
        return self._line(Line(f"{prefix}.{code}"))

    def _lines(self, lines: Iterable[Line]) -> list[str]:
        return [self._line(line) for line in lines]

    def _line(self, line: Line) -> str:
        if line.key not in self._known:
            code = line.key.rpartition(".")[2]
            return self._known.get(f"word.{code}", code)
        params = dict(line.params)
        if "clauses" in params:
            params["clauses"] = cite(params["clauses"], self._language)
        return self._catalogue.say(line.key, self._language, **{n: self._value(v) for n, v in params.items()})

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(part) for part in value]
        return self._line(value) if isinstance(value, Line) else value


def _read_state(data: dict[str, Any], seal: Seal) -> State:
    """The conversation's memory; one that cannot be read adds nothing."""
    try:
        return open_state(data, seal)
    except (AttributeError, TypeError, ValueError):
        return State()


def _matter(intent: str, stored: dict[str, Any]) -> str:
    """What it is about: who asks for a person wants what was talked about before."""
    about = stored.get("about")
    return about if intent == "handoff.ask_human" and about else intent


def _join_attempts(before: Iterable[Attempt], now: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Those of the opening and those since; the same one counts as it stands now."""
    joined = {(one.kind, tuple(sorted(map(str, one.details.items())))): one for one in (*before, *now)}
    return tuple(sorted(joined.values(), key=lambda one: one.at))


def _added(at: datetime, details: dict[str, Any]) -> Said:
    return Said(at, details.get("said") or "", details.get("photos") or 0)
