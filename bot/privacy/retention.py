"""What is kept no longer than its class allows (product §8): found by one table of rules, let go in small batches.

A matter is over when nobody has written in its conversation since, nothing waits to be handled in it, and none of its
tickets was open. First what lies
sealed goes, later the words; figures stay. Nothing here waits for anybody: what is locked is left for the next time.
"""

# ruff: noqa: S608 - every statement is made of names of ours; what is given is a parameter

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.privacy.classes import REMEMBERED, Whose, list_erased
from bot.privacy.erasing import Eraser, blank
from escalation import audit
from escalation.faults import Faults
from escalation.ports import Clock

log = logging.getLogger(__name__)

_DEFAULT = Path(__file__).with_name("retention.yml")
_NAMES = ("sensitive", "personal", "internal", "public", "transient")
# What these hold is never let go: figures, accounts and the log would not be true any more.
_KEPT = ("internal", "public")
_DAYS = re.compile(r"P([1-9]\d{0,4})D")
_NEVER = "never"
# A ticket closes three days after it was resolved, is opened again within seven more, and rated within seven: whoever
# works on it then needs what was told.
_NEEDED = ("sensitive", "personal")
_LEAST = timedelta(days=10)
_EVERY = timedelta(hours=1)
_BATCH = 100
_LOOK = 20_000


class RetentionError(ValueError):
    """A file that cannot be used; each line names a fault and where it is."""


@dataclass(frozen=True)
class Terms:
    """How long what is kept; None is for good."""

    sensitive: timedelta | None
    personal: timedelta | None
    transient: timedelta | None


@dataclass(frozen=True)
class Rule:
    """What is let go: `found` selects the keys of rows of a table that are due at :cutoff, `act` is done to them.

    `act` is SQL over `:ids`; None erases conversations whole, as an erasure does.
    """

    name: str
    term: str
    table: str
    key: str
    found: str
    act: str | None


@dataclass(frozen=True)
class Due:
    """How much of a rule is due. `cutoff`: what ended before it."""

    rule: Rule
    cutoff: datetime
    count: int


_OVER = (
    "c.updated_at <= :cutoff AND NOT EXISTS (SELECT FROM tickets t WHERE t.conversation_id = c.id AND "
    "(t.state NOT IN ('resolved', 'closed') OR greatest(t.resolved_at, t.closed_at) > :cutoff)) "
    "AND NOT EXISTS (SELECT FROM shop_commands s WHERE s.conversation_id = c.id AND s.done_at IS NULL "
    "AND s.next_attempt_at IS NOT NULL) "
    "AND NOT EXISTS (SELECT FROM inbox i WHERE i.conversation_id = c.id AND i.handled_at IS NULL)"
)
_OF_TICKET = (
    "JOIN tickets t ON t.id = r.ticket_id JOIN conversations c ON c.id = t.conversation_id WHERE r.details ? 'sealed'"
)
# Of a person who has said nothing since, wherever.
_AWAY = "NOT EXISTS (SELECT FROM conversations c WHERE c.customer_id = r.customer_id AND NOT ({over}))"

RULES: Sequence[Rule] = (
    Rule("numbers and addresses in cases", "sensitive", "tickets", "id",
         "SELECT r.id FROM tickets r JOIN conversations c ON c.id = r.conversation_id "
         f"WHERE r.packet->'facts' ? 'sealed' AND {_OVER}",
         "UPDATE tickets SET packet = packet #- '{facts,sealed}' WHERE id = ANY(:ids)"),
    Rule("numbers and addresses added to cases", "sensitive", "ticket_events", "id",
         f"SELECT r.id FROM ticket_events r {_OF_TICKET} AND {_OVER}",
         "UPDATE ticket_events SET details = details - 'sealed' WHERE id = ANY(:ids)"),
    Rule("numbers and addresses in what was asked of the shop", "sensitive", "shop_commands", "key",
         "SELECT r.key FROM shop_commands r JOIN conversations c ON c.id = r.conversation_id "
         f"WHERE r.sealed_details IS NOT NULL AND {_OVER}",
         "UPDATE shop_commands SET sealed_details = NULL WHERE key = ANY(:ids)"),
    Rule("numbers and addresses in what the shop did", "sensitive", "shop_command_results", "key",
         "SELECT r.key FROM shop_command_results r WHERE r.sealed_details IS NOT NULL AND r.executed_at <= :cutoff",
         "UPDATE shop_command_results SET sealed_details = NULL WHERE key = ANY(:ids)"),
    Rule("what the bot remembers", "sensitive", "conversations", "id",
         f"SELECT c.id FROM conversations c WHERE c.state::text LIKE '%%\"sealed\"%%' AND {_OVER}",
         f"UPDATE conversations SET state = {REMEMBERED}, version = version + 1 WHERE id = ANY(:ids)"),
    Rule("mail addresses", "sensitive", "customer_contacts", "customer_id",
         f"SELECT r.customer_id FROM customer_contacts r WHERE r.given_at <= :cutoff AND {_AWAY.format(over=_OVER)}",
         "WITH gone AS (DELETE FROM customer_contacts WHERE customer_id = ANY(:ids) RETURNING customer_id), "
         "quiet AS (UPDATE conversations SET mails = false WHERE customer_id IN (SELECT customer_id FROM gone)) "
         "UPDATE customers SET sealed_key = NULL WHERE id IN (SELECT customer_id FROM gone)"),
    Rule("conversations with their words and photos", "personal", "conversations", "id",
         f"SELECT c.id FROM conversations c WHERE c.erased_at IS NULL AND {_OVER}", None),
    Rule("accounts that lead to a person", "personal", "customer_identities", "customer_id",
         "SELECT r.customer_id FROM customer_identities r JOIN customers p ON p.id = r.customer_id "
         "WHERE p.created_at <= :cutoff AND NOT EXISTS "
         "(SELECT FROM conversations c WHERE c.customer_id = r.customer_id AND c.erased_at IS NULL)",
         "DELETE FROM customer_identities WHERE customer_id = ANY(:ids)"),
    Rule("messages delivered", "transient", "outbox", "id",
         "SELECT r.id FROM outbox r WHERE r.sent_at <= :cutoff OR r.dead_at <= :cutoff",
         "DELETE FROM outbox WHERE id = ANY(:ids)"),
    Rule("look-ups done", "transient", "shop_lookups", "key",
         "SELECT r.key FROM shop_lookups r WHERE r.done_at <= :cutoff",
         "DELETE FROM shop_lookups WHERE key = ANY(:ids)"),
    Rule("wrong proofs counted", "transient", "proof_tallies", "way",
         "SELECT r.way FROM proof_tallies r WHERE r.day < CAST(:cutoff AS timestamptz)::date",
         "DELETE FROM proof_tallies WHERE way = ANY(:ids) AND day < CAST(:cutoff AS timestamptz)::date"),
    Rule("sign-ins that have ended", "transient", "sign_ins", "token_digest",
         "SELECT r.token_digest FROM sign_ins r WHERE r.expires_at <= :cutoff",
         "DELETE FROM sign_ins WHERE token_digest = ANY(:ids)"),
)  # fmt: skip


def load_terms(path: Path | None = None) -> Terms:
    """Load a file of terms, or the one that comes with the product. Raises RetentionError, OSError."""
    return _read(path or _DEFAULT) if path else _load_default()


@cache
def _load_default() -> Terms:
    return _read(_DEFAULT)


def _read(path: Path) -> Terms:
    try:
        data = YAML().load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        problem = getattr(error, "problem", None) or error
        raise RetentionError(f"{path}:{mark.line + 1 if mark else 1}: is no YAML: {problem}") from None
    if not isinstance(data, Mapping):
        raise RetentionError(f"{path}:1: is no table of terms: {', '.join(_NAMES)}")
    faults = Faults(path, "§1.3")
    faults.check_names(data, "", required=_NAMES)
    terms = {name: _read_term(data, name, faults) for name in _NAMES if name in data}
    if told := faults.tell():
        raise RetentionError("\n".join(told))
    return Terms(**{name: term for name, term in terms.items() if name not in _KEPT})


def _read_term(data: Mapping[str, Any], name: str, faults: Faults) -> timedelta | None:
    given = str(data[name])
    if given == _NEVER:
        return None
    days = _DAYS.fullmatch(given)
    if days is None:
        faults.note(data, name, name, "is no number of days such as P180D, nor never")
    elif name in _KEPT:
        faults.note(data, name, name, "can only be kept (never): figures, accounts and the log need it")
    elif name in _NEEDED and timedelta(days=int(days[1])) < _LEAST:
        faults.note(data, name, name, "is less than ten days: until then a ticket can be opened again, and rated")
    return timedelta(days=int(days[1])) if days else None


async def find_due(session: AsyncSession, terms: Terms, now: datetime) -> list[Due]:
    """Return how much each rule would let go now, changing nothing."""
    due = []
    for rule in RULES:
        term: timedelta | None = getattr(terms, rule.term)
        if term is not None:
            query = text(f"SELECT count(*) FROM ({rule.found}) AS due")
            count = await session.scalar(query, {"cutoff": now - term})
            due.append(Due(rule, now - term, int(count or 0)))
    return due


async def let_go(session: AsyncSession, rule: Rule, found: Sequence[Any], cutoff: datetime, now: datetime) -> int:
    """Let go of what of the keys that were found is due still; returns how many rows. The caller commits."""
    locked = f"SELECT {rule.key} FROM {rule.table} WHERE {rule.key} = ANY(:ids) FOR NO KEY UPDATE SKIP LOCKED"
    free = list(await session.scalars(text(locked), {"ids": found}))
    # Somebody may have written between the look and the lock; now nobody does.
    still = f"SELECT {rule.key} FROM ({rule.found}) AS due WHERE {rule.key} = ANY(:ids)"
    ids = list(await session.scalars(text(still), {"cutoff": cutoff, "ids": free})) if free else []
    if not ids:
        return 0
    if rule.act is None:
        await _erase_conversations(session, ids, now)
    else:
        await session.execute(text(rule.act), {"ids": ids, **({"cutoff": cutoff} if ":cutoff" in rule.act else {})})
    details = {"rule": rule.name, "count": len(ids), "before": cutoff.isoformat()}
    await audit.append(session, subject="privacy/retention", actor="system", action="let_go", details=details, at=now)
    return len(ids)


async def _erase_conversations(session: AsyncSession, ids: list[Any], now: datetime) -> None:
    """Erase what was said in conversations, and what was written on their tickets."""
    listed = bindparam("ids", type_=ARRAY(Uuid))
    found = text("SELECT id FROM tickets WHERE conversation_id = ANY(:ids)").bindparams(listed)
    tickets = list(await session.scalars(found, {"ids": ids}))
    for whose, theirs in ((Whose.CONVERSATION, ids), (Whose.TICKET, tickets)):
        for name, table in list_erased(whose):
            await blank(session, name, table, theirs)
    closed = text(
        "UPDATE conversations SET erased_at = :now, mails = false, speaker = 'bot', version = version + 1 "
        "WHERE id = ANY(:ids)"
    )
    await session.execute(closed.bindparams(listed), {"ids": ids, "now": now})


async def let_all_go(sessions: async_sessionmaker[AsyncSession], terms: Terms, now: datetime) -> dict[str, int]:
    """Let all go that is due now, in small transactions; returns how much by rule."""
    done: dict[str, int] = {}
    for rule in RULES:
        term: timedelta | None = getattr(terms, rule.term)
        while term is not None and (count := await _let_some_go(sessions, rule, now - term, now)):
            done[rule.name] = done.get(rule.name, 0) + count
    return done


async def _let_some_go(sessions: async_sessionmaker[AsyncSession], rule: Rule, cutoff: datetime, now: datetime) -> int:
    """Look once, which reads a whole table, and let go of what was found by its keys; 0 where nothing is left to do."""
    async with sessions() as session:
        query = text(f"SELECT DISTINCT {rule.key} FROM ({rule.found}) AS due LIMIT {_LOOK}")
        found = list(await session.scalars(query, {"cutoff": cutoff}))
    count = 0
    for at in range(0, len(found), _BATCH):
        async with sessions.begin() as session:
            count += await let_go(session, rule, found[at : at + _BATCH], cutoff, now)
    return count


class Keeping:
    """Every hour: ends erasures that were broken off, and lets go of what was kept long enough."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], eraser: Eraser, clock: Clock, terms: Terms) -> None:
        self._sessions, self._eraser, self._clock, self._terms = sessions, eraser, clock, terms

    async def run(self) -> None:
        """Look now and every hour; until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("what was kept long enough could not be let go; it is tried again")
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> None:
        """Do all that is due now."""
        await self._eraser.resume()
        for name, count in (await let_all_go(self._sessions, self._terms, self._clock.now())).items():
            log.info("kept long enough: %s (%d)", name, count)
