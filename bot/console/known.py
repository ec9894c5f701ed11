"""What is known of a customer, kept out of the words that colleagues read: a name, an invoice's title, a number.

Only what people wrote is looked through, never a code, a time, or who works here.
"""

import asyncio
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import PERSONAL_DETAILS
from bot.console.masked import read_command
from bot.models import Conversation, ShopCommandRow
from bot.nlu.addresses import find_houses
from bot.nlu.folding import LOOK_AT, fold
from bot.security.details import mask_detail
from bot.security.masking import mask_sensitive
from bot.security.sealing import Seal
from bot.turn.private import SEALED, open_private
from escalation.models import TicketEventRow, TicketRow

# Shorter ones are ordinary words as well; a person's name of two characters is common.
_SHORTEST, _SHORTEST_NAME = 3, 2
_NUMBERS = frozenset({"phone", "tax_number"})
# "5楼" alone may be anybody's.
_SHORTEST_HOUSE = 5
_GAPS = re.compile(r"[\s-]+")
# Where people's words lie: in a table of facts, in what happened to a ticket.
_WRITTEN = frozenset({"said", "last_said", "detail", "variant_detail", "addition", "added", "note", "happened",
                      "instruction", "text", "comment"})  # fmt: skip
# Words, or a code such as "call_customer".
_WORDS_OR_CODES = frozenset({"reason", "why"})
_CODE = re.compile(r"[a-z_.]+")


@dataclass(frozen=True)
class Known:
    """Personal values, each with what it is called (as in `actions.shop.PERSONAL_DETAILS`)."""

    values: frozenset[tuple[str, str]] = frozenset()

    def plus(self, more: Iterable[tuple[str, str]]) -> "Known":
        """Return these and more."""
        return Known(self.values | frozenset(more))

    def hide(self, text: str) -> str:
        """Return what somebody wrote, each value in it masked: in any case and either script, or as chats are kept."""
        return "".join(self._hide_part(text[at : at + LOOK_AT]) for at in range(0, len(text), LOOK_AT))

    def _hide_part(self, text: str) -> str:
        folded = fold(text)
        close = _close_up(folded.text)
        forms = self._as_kept if "*" in close else self._as_said
        masks = {_write_pattern(kind, form): shown for form, closed, kind, shown in forms if closed in close}
        if not masks:
            return text
        pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(f'({one})' for one in masks)})(?![A-Za-z0-9])", re.I)
        shown = tuple(masks.values())
        for found in reversed(list(pattern.finditer(folded.text))):
            start, end = folded.find_span(*found.span())
            text = text[:start] + shown[(found.lastindex or 1) - 1] + text[end:]
        return text

    @cached_property
    def _as_said(self) -> list[tuple[str, str, str, str]]:
        """Each value, longest first: its form, folded; that without gaps; what it is called; what is shown of it."""
        told = [(kind, value.strip()) for kind, value in self.values if _is_long(kind, value.strip())]
        houses = [(kind, house) for kind, value in told if kind == "address" for house in _houses_in(value)]
        known = sorted({*told, *houses}, key=lambda one: (-len(one[1]), one))
        folded = [(fold(value).text, kind, mask_detail(kind, value)) for kind, value in known]
        return [(form, _close_up(form), kind, shown) for form, kind, shown in folded]

    @cached_property
    def _as_kept(self) -> list[tuple[str, str, str, str]]:
        """As they were said, and as a chat keeps them: with numbers masked."""
        kept = [(mask_sensitive(form), kind, shown) for form, _, kind, shown in self._as_said]
        return self._as_said + [(form, _close_up(form), kind, shown) for form, kind, shown in kept if form != shown]

    def hide_in_case(self, described: Mapping[str, Any]) -> dict[str, Any]:
        """Return a ticket as `describe_case` tells it, its words hidden as `hide` does."""
        packet, handover = described["packet"], described["handover"]
        return {
            **described,
            "summary": self.hide(described["summary"]),
            "packet": self._hide_in_packet(packet),
            "handover": handover and {**handover, "reason": self.hide(handover["reason"])},
            "messages": [self._hide_in_table(one) for one in described["messages"]],
            "events": [{**one, "details": self._hide_in_table(one["details"])} for one in described["events"]],
            "surveys": [self._hide_in_table(one) for one in described["surveys"]],
        }

    def _hide_in_packet(self, packet: Mapping[str, Any]) -> dict[str, Any]:
        wants, facts = packet["wants"], packet["facts"]
        return {
            **packet,
            "wants": {**wants, "words": [self.hide(words) for words in wants["words"]]},
            "known": [
                self._hide_in_table(fact) if fact["source"] == "customer" and fact["name"] in _WRITTEN else fact
                for fact in packet["known"]
            ],
            "facts": self._hide_in_table(facts) if isinstance(facts, Mapping) else facts,
        }

    def _hide_in_table(self, table: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._hide_named(name, value) for name, value in table.items()}

    def _hide_named(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self._hide_in_table(value)
        if not isinstance(value, str):
            return value
        is_words = name in _WRITTEN or (name in _WORDS_OR_CODES and not _CODE.fullmatch(value))
        return self.hide(value) if is_words else value


async def find_known(session: AsyncSession, seal: Seal, conversations: Collection[UUID]) -> dict[UUID, Known]:
    """Return what is known in each conversation: by all its tickets and their history, its commands, its memory."""
    within = list(set(conversations))
    if not within:
        return {}
    listed = any_(literal(within, ARRAY(Uuid)))
    tables: list[tuple[UUID, Mapping[str, Any]]] = []
    states = select(Conversation.id, Conversation.state).where(Conversation.id == listed)
    packets = select(TicketRow.conversation_id, TicketRow.packet).where(TicketRow.conversation_id == listed)
    events = (
        select(TicketRow.conversation_id, TicketEventRow.details)
        .join(TicketEventRow, TicketEventRow.ticket_id == TicketRow.id)
        .where(TicketRow.conversation_id == listed, TicketEventRow.details.has_key(SEALED))
    )
    for query in (states, packets, events):
        tables += [(id_, table) for id_, table in await session.execute(query)]
    commands = await session.scalars(select(ShopCommandRow).where(ShopCommandRow.conversation_id == listed))
    tables += [(row.conversation_id, read_command(row)) for row in commands]
    # Of a long list a tenth of a second's work: others are answered meanwhile.
    return await asyncio.to_thread(_gather, within, tables, seal)


def _gather(
    within: Collection[UUID], tables: Collection[tuple[UUID, Mapping[str, Any]]], seal: Seal
) -> dict[UUID, Known]:
    found: dict[UUID, set[tuple[str, str]]] = {id_: set() for id_ in within}
    for id_, table in tables:
        found[id_].update(_find_values(table, seal))
    return {
        id_: Known(frozenset(one for one in values if mask_detail(*one) != one[1])) for id_, values in found.items()
    }


def _find_values(table: Mapping[str, Any], seal: Seal) -> Iterator[tuple[str, str]]:
    for name, value in open_private(table, seal).items():
        inner = value if isinstance(value, list) else [value]
        for one in inner:
            if isinstance(one, Mapping):
                yield from _find_values(one, seal)
        if name in PERSONAL_DETAILS and isinstance(value, str):
            yield name, value


def _is_long(kind: str, value: str) -> bool:
    return len(value) >= (_SHORTEST_NAME if kind == "recipient" else _SHORTEST)


def _houses_in(address: str) -> list[str]:
    """Return the parts of an address that tell by themselves whose house it is."""
    folded = fold(address)
    spans = (folded.find_span(*place) for place in find_houses(folded.text))
    return [house for start, end in spans if len(house := address[start:end].strip()) >= _SHORTEST_HOUSE]


def _write_pattern(kind: str, form: str) -> str:
    if kind in _NUMBERS:
        return r"[\s-]?".join(map(re.escape, _GAPS.sub("", form)))
    if kind == "address":
        return r"[\s,]{0,2}".join(map(re.escape, _GAPS.sub("", form)))
    return r"\s+".join(map(re.escape, form.split()))


def _close_up(text: str) -> str:
    return _GAPS.sub("", text).lower()
