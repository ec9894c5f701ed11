"""A shop's tickets for the clock loop's measurements: people, open tickets with running clocks, clocks that fall due.

Everything is written as the application writes it, by INSERT ... SELECT. Ids are random, as in production, so that what
falls due lies scattered over the tables.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from escalation.clocks import CEILINGS, ClockKind
from escalation.testing import make_person

DESKS = ("order", "logistics", "quality", "after_sales", "complaint")
# A general ticket's clocks have the ceilings for durations.
_KINDS = (ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.FEEDBACK)
_CHUNK = 50_000

_TICKETS = """
INSERT INTO tickets (id, number, cause, conversation_id, customer_id, category, intent, desk, state, tier, tier_reasons,
    seriousness, reach, owner_id, first_responder_id, order_number, order_amount, summary, method, packet, language,
    channel, opened_at, reopenings, claim_hops)
SELECT gen_random_uuid(), 'SW-' || n, gen_random_uuid() || '/0', gen_random_uuid(), gen_random_uuid(), staff.desk,
    'quality.functional_defect', staff.desk, 'in_progress', 'general', '[]', 'nuisance', 'one_order', staff.id,
    staff.id, 'SO' || n, 199, 'No sound on the left side, since yesterday', '{"key": "method.quality", "params": {}}',
    '{"flow": "defect", "facts": {"order": "known", "photos": 2, "since": "yesterday"}}', 'en', 'widget',
    CAST(:now AS timestamptz) - n % 36000 * interval '1 second', 0, 0
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
JOIN (SELECT id, desk, row_number() OVER (ORDER BY login) - 1 AS place, count(*) OVER () AS all_of_them
      FROM people WHERE role = 'agent') AS staff ON staff.place = n % staff.all_of_them
"""
_CLOCKS = """
INSERT INTO clocks (id, ticket_id, kind, cycle, tier, started_at, within, pauses, due_at, next_step, next_due_at)
SELECT gen_random_uuid(), tickets.id, kind, 1, tier, opened_at, within, '[]', opened_at + within, 'warn',
    opened_at + within * 0.8
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
JOIN tickets ON tickets.number = 'SW-' || n
CROSS JOIN unnest(CAST(:kinds AS text[]), CAST(:within AS interval[])) AS terms (kind, within)
"""
_AUDIT = """
INSERT INTO audit_entries (subject, seq, at, actor, action, details, previous_hash, hash)
SELECT 'ticket/' || id, 1, opened_at, 'bot', 'opened', '{}', sha256(''), sha256(id::text::bytea)
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
JOIN tickets ON tickets.number = 'SW-' || n
"""
_EVENTS = """
INSERT INTO ticket_events (ticket_id, kind, actor, details, at)
SELECT id, 'opened', 'bot', '{}', opened_at
FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
JOIN tickets ON tickets.number = 'SW-' || n
"""
# Those that will fall due, in random order, numbered.
_SHUFFLE = """
CREATE TABLE bench_order AS
SELECT row_number() OVER () AS n, id FROM (SELECT id FROM clocks WHERE kind <> 'feedback' ORDER BY id LIMIT :most) AS c
"""
# Half of them warnings, the others breaches and above, their earlier steps taken in time.
_CHOICE = """
    SELECT o.id, c.within, t.at, ladder.place,
        (ARRAY['warn', 'breach', 'supervisor', 'operations_manager'])[ladder.place] AS step,
        (ARRAY[0.8, 1.0, 1.25, 2.0])[ladder.place] AS share
    FROM bench_order AS o JOIN clocks AS c USING (id)
    CROSS JOIN LATERAL (SELECT CAST(:begin AS timestamptz) + (o.n - :first) * CAST(:every AS interval) AS at) AS t
    CROSS JOIN LATERAL (SELECT CASE WHEN o.n % 20 < 10 THEN 1 WHEN o.n % 20 < 17 THEN 2 WHEN o.n % 20 < 19 THEN 3
                        ELSE 4 END AS place) AS ladder
    WHERE o.n >= :first AND o.n < :last
"""
_TAKEN = f"""
INSERT INTO clock_steps (clock_id, name, due_at, at, collapsed)
SELECT chosen.id, earlier.name, chosen.at - chosen.within * (chosen.share - earlier.share),
    chosen.at - chosen.within * (chosen.share - earlier.share), false
FROM ({_CHOICE}) AS chosen
JOIN unnest(ARRAY['warn', 'breach', 'supervisor'], ARRAY[0.8, 1.0, 1.25]) AS earlier (name, share)
    ON earlier.share < chosen.share
"""
_FALL_DUE = f"""
UPDATE clocks SET started_at = chosen.at - clocks.within * chosen.share,
    due_at = chosen.at - clocks.within * (chosen.share - 1),
    breached_at = CASE WHEN chosen.share > 1 THEN chosen.at - clocks.within * (chosen.share - 1) END,
    noticed_at = CASE WHEN chosen.share > 1 THEN chosen.at - clocks.within * (chosen.share - 1) END,
    next_step = chosen.step, next_due_at = chosen.at
FROM ({_CHOICE}) AS chosen WHERE clocks.id = chosen.id
"""


def _timed(statement: str, **columns: object) -> TextClause:
    types = {"begin": TIMESTAMP(timezone=True), "now": TIMESTAMP(timezone=True), "every": INTERVAL}
    return text(statement).bindparams(*(bindparam(name, type_=types[name]) for name in columns))


class Stock:
    """The tickets of one database, and which of their clocks have been made to fall due."""

    def __init__(self, engine: AsyncEngine, tickets: int, say: Callable[[str], None]) -> None:
        self._engine, self._tickets, self._say = engine, tickets, say
        self._used = 1

    async def fill(self, now: datetime) -> None:
        """Write people and tickets; nothing is due within nine hours."""
        started = time.monotonic()
        await self._add_people(now)
        within = [CEILINGS[kind] for kind in _KINDS]
        for first in range(1, self._tickets + 1, _CHUNK):
            span = {"first": first, "last": min(first + _CHUNK - 1, self._tickets)}
            async with self._engine.begin() as connection:
                # Foreign keys hold by the way it is written.
                await connection.execute(text("SET LOCAL session_replication_role = replica"))
                await connection.execute(_timed(_TICKETS, now=now), {**span, "now": now})
                await connection.execute(text(_CLOCKS), {**span, "kinds": list(map(str, _KINDS)), "within": within})
                await connection.execute(text(_AUDIT), span)
                await connection.execute(text(_EVENTS), span)
            self._say(f"  {span['last']:,} tickets after {time.monotonic() - started:.0f} s")
        async with self._engine.begin() as connection:
            await connection.execute(text(_SHUFFLE.replace(":most", "250000")))
            await connection.execute(text("CREATE UNIQUE INDEX ON bench_order (n)"))
            await connection.execute(text("SELECT setval('ticket_numbers', 100000000)"))
        await self.tidy()

    async def _add_people(self, now: datetime) -> None:
        staff = [(f"agent-{desk}-{n:02}", "agent", desk) for desk in DESKS for n in range(38)]
        staff += [(f"lead-{desk}-{n}", "team_lead", desk) for desk in DESKS for n in range(2)]
        above = {"supervisor": 3, "operations_manager": 2, "admin": 1}
        ranks = [(f"{role}-{n}", role, None) for role, count in above.items() for n in range(count)]
        people = [make_person(login, role, desk, now=now) for login, role, desk in [*staff, *ranks]]
        for person in people:
            person.max_open = 100
        async with async_sessionmaker(self._engine).begin() as session:
            session.add_all(people)

    async def make_due(self, count: int, *, begin: datetime, every: timedelta) -> None:
        """Let so many clocks fall due, one after the other, from an instant on."""
        chosen = {"first": self._used, "last": self._used + count, "begin": begin, "every": every}
        self._used += count
        async with self._engine.begin() as connection:
            for statement in (_TAKEN, _FALL_DUE):
                await connection.execute(_timed(statement, begin=begin, every=every), chosen)

    async def tidy(self) -> None:
        """Do what autovacuum would have done over the days in which such tables grow."""
        async with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM ANALYZE"))
            await connection.execute(text("CHECKPOINT"))
