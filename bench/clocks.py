"""What the clock loop costs and how late it is, with a million open tickets.

    python bench/clocks.py [--tickets 1000000] [--seconds 60] [--overdue 100000] [--no-sweep] [--opening-only]

It sets up a PostgreSQL cluster of its own, with default durability, in a temporary directory (as root under
/var/lib/shouwen), fills it, and runs the loop in a process of its own, as in production. Lag is from the instant a step
is due to the commit that takes it, as PostgreSQL stamped it. CPU time is the loop's process and its database backends.
"""

import argparse
import asyncio
import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from clock_stock import DESKS, Stock
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.migrate import upgrade_database
from bot.operation.database import EmbeddedPostgres
from escalation.clocks import ClockKind
from escalation.ladder import ClockFacts, decide_steps
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.ports import SystemClock
from escalation.service import open_ticket
from escalation.service_levels import load_default_service_levels
from escalation.severity import Tier
from escalation.testing import make_opening
from escalation.ticker import Ticker

_NAME = "clock-loop"
_SMALL = 10_000
_RATE = 200
_TICK = os.sysconf("SC_CLK_TCK")
_LAG = """
SELECT count(*), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY lag), 0),
    coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY lag), 0), coalesce(max(lag), 0)
FROM (SELECT CAST(extract(epoch FROM pg_xact_commit_timestamp(xmin) - due_at) AS float) AS lag FROM clock_steps
      WHERE due_at >= CAST(:begin AS timestamptz) AND due_at < CAST(:until AS timestamptz)) AS steps
"""


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


def report(name: str, value: str, target: str = "") -> None:
    """Print one figure beside its target."""
    say(f"{name:58} {value:>24}   {f'target {target}' if target else ''}".rstrip())


# --- the loop's own process


async def run_loop(url: str) -> None:
    """Be the clock loop, until killed."""
    connect_args = {"server_settings": {"application_name": _NAME}}
    engine = create_async_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=True, connect_args=connect_args)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    await Ticker(sessions, SystemClock(), load_default_service_levels()).run()


@dataclass(frozen=True)
class Usage:
    """What the loop has used so far: seconds of CPU, and megabytes of memory now."""

    loop: float
    database: float
    memory: float

    def since(self, before: "Usage") -> float:
        """Return the seconds of CPU used since."""
        return self.loop - before.loop + self.database - before.database


class Loop:
    """The running loop, seen from outside."""

    def __init__(self, pid: int, engine: AsyncEngine) -> None:
        self._pid, self._engine = pid, engine

    async def usage(self) -> Usage:
        """Look at its process and its backends."""
        pids = await _fetch(self._engine, f"SELECT pid FROM pg_stat_activity WHERE application_name = '{_NAME}'")
        return Usage(_cpu(self._pid), sum(_cpu(row[0]) for row in pids), _memory(self._pid))


@asynccontextmanager
async def running_loop(engine: AsyncEngine) -> AsyncIterator[Loop]:
    """Start the loop; killed at the end."""
    url = engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(sys.executable, __file__, "--loop", url)
    try:
        loop = Loop(process.pid, engine)
        while not (await loop.usage()).database:
            assert process.returncode is None, "the loop ended"
            await asyncio.sleep(0.05)
        yield loop
    finally:
        process.kill()
        await process.wait()


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK
    return 0.0


def _memory(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


async def _fetch(engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(text(statement), values))


# --- the measurements


async def measure_idle(loop: Loop, seconds: int) -> None:
    """Print what it costs to wait."""
    before = await loop.usage()
    await asyncio.sleep(seconds)
    share = (await loop.usage()).since(before) / seconds
    report(f"idle, nothing due for {seconds} s: share of one core", f"{share:.2%}", "< 2 %")


async def measure_rate(stock: Stock, engine: AsyncEngine, loop: Loop, seconds: int) -> float:
    """Print how late steps are that fall due at a steady rate; returns CPU milliseconds a step."""
    begin = _now() + timedelta(seconds=10)
    await stock.make_due(_RATE * seconds, begin=begin, every=timedelta(seconds=1 / _RATE))
    await asyncio.sleep(max((begin - _now()).total_seconds(), 0))
    before = await loop.usage()
    await asyncio.sleep(seconds)
    until = begin + timedelta(seconds=seconds)
    await _until_done(engine, until)
    after = await loop.usage()
    count, half, nearly_all, worst = (await _fetch(engine, _LAG, begin=begin, until=until))[0]
    cost = after.since(before) / max(count, 1) * 1000
    report(f"{_RATE} due a second for {seconds} s: steps taken", f"{count:,}", f"{_RATE * seconds:,}")
    report("  lag from due to committed: p50", f"{half * 1000:.0f} ms")
    report("  p99", f"{nearly_all * 1000:.0f} ms", "< 1,000 ms")
    report("  worst", f"{worst * 1000:.0f} ms")
    report("  CPU a step: loop", f"{(after.loop - before.loop) / max(count, 1) * 1000:.2f} ms")
    report("  CPU a step: database", f"{(after.database - before.database) / max(count, 1) * 1000:.2f} ms")
    report("  memory of the loop before, after", f"{before.memory:.1f}, {after.memory:.1f} MB", "flat")
    return cost


async def measure_backlog(stock: Stock, engine: AsyncEngine, overdue: int) -> None:
    """Print how long an outage's backlog takes, and how late meanwhile what falls due newly is."""
    hour = timedelta(hours=1)
    await stock.make_due(overdue, begin=_now() - hour - timedelta(minutes=1), every=hour / overdue)
    newly, every = _now(), timedelta(milliseconds=50)
    await stock.make_due(20 * 400, begin=newly, every=every)
    await stock.tidy()
    started = _now()
    async with running_loop(engine) as loop:
        before = await loop.usage()
        # Before the newly due ones; those from here on are measured as they fall due.
        await _until_done(engine, newly, patience=400)
        took = (_now() - started).total_seconds()
        after, until = await loop.usage(), _now()
        await _until_done(engine, until)
    count, half, nearly_all, _ = (await _fetch(engine, _LAG, begin=started, until=until))[0]
    report(f"{overdue:,} overdue at the start: drained in", f"{took:.0f} s ({overdue / took:.0f}/s)", "< 120 s")
    report(f"  {count:,} newly due meanwhile: lag p50", f"{half:.2f} s")
    report("  p99", f"{nearly_all:.2f} s", "< 5 s")
    report(
        "  CPU of the loop, the database", f"{after.loop - before.loop:.0f}, {after.database - before.database:.0f} s"
    )
    report("  memory of the loop before, after", f"{before.memory:.1f}, {after.memory:.1f} MB", "flat")


async def _until_done(engine: AsyncEngine, at: datetime, *, patience: float = 120) -> None:
    """Wait until nothing that was due before an instant is left."""
    query = select(ClockRow.id).where(
        ClockRow.next_due_at.is_not(None), ClockRow.paused_at.is_(None), ClockRow.next_due_at < at
    )
    give_up_at = time.monotonic() + patience
    while time.monotonic() < give_up_at:
        async with engine.connect() as connection:
            if (await connection.execute(query.order_by(ClockRow.next_due_at).limit(1))).first() is None:
                return
        await asyncio.sleep(0.25)
    say("  (not done in time)")


async def measure_opening(engine: AsyncEngine, repeats: int = 200) -> None:
    """Print what a ticket's clocks, routing and audit add to the turn's transaction."""
    sessions, levels = async_sessionmaker(engine, expire_on_commit=False), load_default_service_levels()
    whole, bare = [], []
    for _ in range(repeats):
        async with sessions.begin() as session:
            started = time.perf_counter()
            await open_ticket(session, make_opening(opened_at=_now()), levels=levels, now=_now())
            whole.append((time.perf_counter() - started) * 1000)
        async with sessions.begin() as session:
            bare.append(await _open_bare(session))
    added = _median(whole) - _median(bare)
    report("opening a ticket, p50", f"{_median(whole):.1f} ms")
    report("  its row alone, p50", f"{_median(bare):.1f} ms")
    report("  added by clocks, routing, audit, notice", f"{added:.1f} ms", "<= 4 ms")


async def _open_bare(session: AsyncSession) -> float:
    """Insert a ticket's row and nothing else; returns milliseconds."""
    person = await session.scalar(select(PersonRow.id).limit(1))
    known = {column.name for column in TicketRow.__table__.columns}
    fields = {name: value for name, value in vars(make_opening(opened_at=_now())).items() if name in known}
    fields |= {"id": uuid4(), "number": f"B-{uuid4().hex[:12]}", "desk": random.choice(DESKS), "state": "closed"}
    fields |= {"tier": "general", "tier_reasons": [], "reach": "one_order", "owner_id": person}
    started = time.perf_counter()
    await session.execute(insert(TicketRow).values(**fields))
    return (time.perf_counter() - started) * 1000


async def measure_sweep(engine: AsyncEngine) -> None:
    """Print how long one pass takes that loads and evaluates every open ticket's clocks, as is often done."""
    ladder, started, seen = load_default_service_levels().ladder, time.monotonic(), 0
    query = select(TicketRow.id, TicketRow.state, ClockRow).join(ClockRow, ClockRow.ticket_id == TicketRow.id)
    running = query.where(TicketRow.state != "closed", ClockRow.met_at.is_(None), ClockRow.dropped_at.is_(None))
    columns = running.with_only_columns(ClockRow.kind, ClockRow.tier, ClockRow.started_at, ClockRow.within)
    now = _now()
    async with engine.connect() as connection, connection.stream(columns) as rows:
        async for kind, tier, started_at, within in rows:
            decide_steps(ClockFacts(ClockKind(kind), Tier(tier), started_at, within), ladder, (), now=now)
            seen += 1
            if seen % 500_000 == 0:
                say(f"  {seen:,} clocks after {time.monotonic() - started:.0f} s")
    report(f"for comparison, one sweep over all {seen:,} clocks", f"{time.monotonic() - started:.0f} s")


def _now() -> datetime:
    return datetime.now(UTC)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


# --- all of it


@contextmanager
def temporary_server() -> Iterator[EmbeddedPostgres]:
    """A cluster of our own that stamps commits; it leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start(say)
        asyncio.run(_administer(server, "ALTER SYSTEM SET track_commit_timestamp = on"))
        data = Path(asyncio.run(_administer(server, "SHOW data_directory")))
        server.stop()
        try:
            server.start(say)
            yield server
        finally:
            server.stop()
            shutil.rmtree(data.parent, ignore_errors=True)


async def _administer(server: EmbeddedPostgres, statement: str) -> str:
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        result = await connection.execute(text(statement))
        value = str(result.scalar()) if result.returns_rows else ""
    await engine.dispose()
    return value


@asynccontextmanager
async def filled(server: EmbeddedPostgres, tickets: int) -> AsyncIterator[tuple[Stock, AsyncEngine]]:
    """A database with so many open tickets."""
    name = f"tickets_{tickets}_{uuid4().hex[:6]}"
    await _administer(server, f"CREATE DATABASE {name}")
    await upgrade_database(server.url(name))
    engine = create_async_engine(server.url(name))
    stock = Stock(engine, tickets, say)
    await stock.fill(_now())
    yield stock, engine
    await engine.dispose()


async def measure(server: EmbeddedPostgres, options: argparse.Namespace) -> None:
    """Measure all of it."""
    if options.opening_only:
        async with filled(server, options.tickets) as (_, engine):
            await measure_opening(engine)
        return
    say(f"--- {_SMALL:,} open tickets")
    async with filled(server, _SMALL) as (stock, engine), running_loop(engine) as loop:
        small = await measure_rate(stock, engine, loop, min(options.seconds, 60))
    say(f"--- {options.tickets:,} open tickets, three running clocks each")
    async with filled(server, options.tickets) as (stock, engine):
        async with running_loop(engine) as loop:
            await measure_idle(loop, options.seconds)
            large = await measure_rate(stock, engine, loop, options.seconds)
        report(
            f"CPU a step, against {_SMALL:,} tickets", f"{large:.2f} / {small:.2f} ms = {large / small:.2f}", "<= 1.5"
        )
        await measure_backlog(stock, engine, options.overdue)
        await measure_opening(engine)
        if options.sweep:
            await measure_sweep(engine)


def main() -> None:
    """Read the options; be the loop, or measure it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60, help="how long idle and steady load are measured")
    parser.add_argument("--overdue", type=int, default=100_000, help="how many are overdue at the start")
    parser.add_argument("--sweep", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--opening-only", action="store_true", help="only what opening a ticket costs")
    parser.add_argument("--loop", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        asyncio.run(run_loop(options.loop))
        return
    version = subprocess.run(["uname", "-srm"], capture_output=True, text=True, check=True).stdout.strip()
    say(f"{_now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {version}, Python {sys.version.split()[0]}")
    with temporary_server() as server:
        asyncio.run(measure(server, options))


if __name__ == "__main__":
    main()
