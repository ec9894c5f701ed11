"""What operators do with one person's data from the command line."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.days import SHOP_ZONE
from bot.app import make_engine
from bot.operation.serving import open_database
from bot.privacy.erasing import OPERATOR, Eraser, Reason, ask_erasure
from bot.privacy.exporting import export_person
from bot.privacy.ledger import find_begun, load_ledger, read_ledger, write_ledger
from bot.privacy.models import ErasureRow
from bot.privacy.retention import find_due, let_all_go, load_terms
from bot.privacy.subjects import By, Match, find_matches
from bot.security.sealing import Seal
from bot.settings import Settings, read_secret_key
from escalation.ports import SystemClock

Sessions = async_sessionmaker[AsyncSession]


class SubjectError(ValueError):
    """Nobody is found, or several who may be meant; `matches` lists them, masked."""

    def __init__(self, matches: list[Match]) -> None:
        super().__init__("nobody is known by that" if not matches else f"{len(matches)} people may be meant")
        self.matches = matches


@dataclass(frozen=True)
class Wanted:
    """Who is meant: what they are known by, and its value, which is told to nobody."""

    by: By
    value: str


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Sessions]:
    async with open_database(settings, lambda _line: None) as url:
        engine = make_engine(url)
        try:
            yield async_sessionmaker(engine, expire_on_commit=False)
        finally:
            await engine.dispose()


async def find_one(sessions: Sessions, seal: Seal, wanted: Wanted) -> Match:
    """Return the one person who is meant. Raises SubjectError for nobody, and for several."""
    async with sessions() as session:
        matches = await find_matches(session, seal, wanted.by, wanted.value)
    if len(matches) != 1:
        raise SubjectError(matches)
    return matches[0]


async def describe_person(settings: Settings, wanted: Wanted) -> Match:
    """Return who is meant, as may be shown. Raises SubjectError."""
    async with _opened(settings) as sessions:
        return await find_one(sessions, Seal(read_secret_key(settings)), wanted)


async def erase_person(settings: Settings, customer_id: UUID, reason: Reason) -> ErasureRow:
    """Erase somebody now, or go on with it. Raises RefusedError while something of theirs is going on."""
    async with _opened(settings) as sessions:
        clock = SystemClock()
        eraser = Eraser(sessions, settings.data_dir, clock)
        await eraser.resume()
        async with sessions.begin() as session:
            row = await ask_erasure(session, customer_id, reason, asked_by=OPERATOR, now=clock.now())
        return await eraser.confirm(row.id, by=OPERATOR, alone=True)


async def export_one(settings: Settings, wanted: Wanted, target: Path, reason: Reason) -> Match:
    """Write a person's data into a new file that its owner alone may read. Raises SubjectError, OSError."""
    async with _opened(settings) as sessions:
        seal = Seal(read_secret_key(settings))
        match = await find_one(sessions, seal, wanted)
        async with sessions.begin() as session:
            content = await export_person(
                session, seal, match.customer_id, by=OPERATOR, reason=reason, zone=SHOP_ZONE, now=SystemClock().now()
            )
            await asyncio.to_thread(_write_new, target, content)
    return match


def _write_new(target: Path, content: bytes) -> None:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


async def resume_erasures(settings: Settings) -> int:
    """Go on with erasures that were broken off; returns how many."""
    async with _opened(settings) as sessions:
        return await Eraser(sessions, settings.data_dir, SystemClock()).resume()


async def find_kept_too_long(settings: Settings, *, dry_run: bool) -> list[str]:
    """Let go of what is kept longer than its class allows; returns a line for each kind. `dry_run`: only look."""
    terms, now = load_terms(settings.retention_file), SystemClock().now()
    async with _opened(settings) as sessions:
        async with sessions() as session:
            due = await find_due(session, terms, now)
        if not dry_run:
            await let_all_go(sessions, terms, now)
    return [f"{one.rule.term:<10} {one.count:>8,}  {one.rule.name}, over before {one.cutoff:%Y-%m-%d}" for one in due]


async def list_erasures(settings: Settings) -> str:
    """Return all erasures that are known here, as the list that `restore` and `apply_erasures` read."""
    async with _opened(settings) as sessions, sessions() as session:
        known = {one.id: one for one in [*load_ledger(settings.data_dir), *await find_begun(session)]}
    return write_ledger(known.values())


async def apply_erasures(settings: Settings, path: Path) -> int:
    """Carry out here what a list says; returns how many it concerned. Raises LedgerError, OSError."""
    erased = read_ledger(await asyncio.to_thread(path.read_text, encoding="utf-8"), name=str(path))
    async with _opened(settings) as sessions:
        eraser = Eraser(sessions, settings.data_dir, SystemClock())
        return sum([await eraser.apply(one) for one in erased])
