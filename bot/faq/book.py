"""The FAQ in force in this process: the shop's file, what people have edited since, and the vectors to find it by.

book = FaqBook(path, sessions=..., encoder=..., data_dir=..., clock=...)
await book.refresh()                       # once, before the first customer; raises FaqError for a broken file
facts = await book.gather(needs)           # step 2 of a turn; no transaction is open
await book.run()                           # follows edits of the file and of all processes, within seconds
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.faq import Entry, FaqError, FaqIndex, Finding, load_default_faq, load_faq
from actions.faq.matching import Vectors
from bot.dialogue.records import FaqFacts, Needs
from bot.edited_file import EditedFile
from bot.faq.edits import Standing, find_newest_edit, lay_over, load_edits
from bot.faq.questions import drop_old_questions
from bot.faq.vectors import VectorCache
from bot.nlu.reading import Encoder, InterpreterError
from escalation.ports import Clock

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=2)
_TIDY_EVERY = timedelta(hours=6)


@dataclass(frozen=True)
class _Edition:
    """Everything that holds at one moment; replaced whole."""

    standing: Mapping[str, Standing]
    entries: Mapping[str, Entry]
    index: FaqIndex
    newest_edit: tuple[int, int]


class FaqBook:
    """Answers what the shop has answered once. Without an encoder (a test's own interpreter) it finds nothing."""

    def __init__(
        self,
        path: Path | None,
        *,
        sessions: async_sessionmaker[AsyncSession],
        encoder: Encoder | None,
        data_dir: Path,
        clock: Clock,
    ) -> None:
        """Read the file (None: the one that comes with the product). Raises FaqError."""
        self._file = EditedFile("FAQ file", path, load=load_faq, default=load_default_faq, fault=FaqError)
        self._sessions, self._encoder, self._clock = sessions, encoder, clock
        self._vectors = VectorCache(data_dir / "faq_vectors.npz", encoder) if encoder else None
        self._edition = _Edition({}, {}, FaqIndex({}, np.zeros((0, 1), np.float32)), (-1, -1))
        self._tidied_at: datetime | None = None
        self._refreshing = asyncio.Lock()

    @property
    def standing(self) -> Mapping[str, Standing]:
        """Every entry as it stands, those taken out too."""
        return self._edition.standing

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The entries in force."""
        return self._edition.entries

    # --- answering ---------------------------------------------------------------------------------------------------

    async def gather(self, needs: Needs) -> FaqFacts | None:
        """Return what the FAQ knows of what a turn needs; None for nothing. Never raises: no FAQ is no obstacle."""
        edition = self._edition
        if needs.entry:
            return FaqFacts(entries=edition.entries)
        if not needs.question or self._encoder is None:
            return None
        try:
            [vector] = await self._encoder.encode([needs.question])
        except InterpreterError as error:
            log.warning("the FAQ cannot be asked: %s", error)
            return None
        finding = edition.index.find(vector)
        return FaqFacts(entries=edition.entries, finding=finding, vector=vector.astype(np.float16).tobytes())

    async def preview(self, question: str, draft: Entry | None = None) -> tuple[Finding, Finding]:
        """Return what a question would find as things stand, and with a draft in force. Raises InterpreterError."""
        if self._encoder is None or self._vectors is None:
            raise InterpreterError("there is no encoder here")
        [vector] = await self._encoder.encode([question])
        edition = self._edition
        now = edition.index.find(vector)
        if draft is None:
            return now, now
        index = await self._make_index({**edition.entries, draft.id: draft})
        return now, index.find(vector)

    def find_all(self, vectors: Vectors) -> Iterator[Finding]:
        """Yield what questions with these vectors find now."""
        return self._edition.index.find_all(vectors)

    # --- keeping up --------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Take in what has been edited, in the file or in the database. Raises what the database raises."""
        async with self._refreshing:
            file_changed = await asyncio.to_thread(self._file.reread)
            async with self._sessions() as session:
                newest = await find_newest_edit(session)
                if newest == self._edition.newest_edit and not file_changed:
                    return
                edits = await load_edits(session)
            standing = lay_over(self._file.content, edits)
            entries = {name: one.entry for name, one in standing.items() if one.entry is not None}
            index = await self._make_index(entries)
            self._edition = _Edition(standing, entries, index, newest)
            if self._vectors is not None:
                texts = [variant for entry in entries.values() for variant in entry.variants]
                await asyncio.to_thread(self._vectors.keep_only, texts)

    async def run(self) -> None:
        """Keep up for ever: edits made in any process are in force here within seconds."""
        failing = False
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.refresh()
                await self._tidy()
            except Exception as error:
                # The database is away, most likely: said once, not every two seconds.
                if not failing:
                    log.warning("the FAQ cannot be looked at now; what was in force before stays: %s", error)
                failing = True
            else:
                failing = False

    async def _tidy(self) -> None:
        now = self._clock.now()
        if self._tidied_at is not None and now - self._tidied_at < _TIDY_EVERY:
            return
        async with self._sessions.begin() as session:
            await drop_old_questions(session, now=now)
        self._tidied_at = now

    async def _make_index(self, entries: Mapping[str, Entry]) -> FaqIndex:
        variants = {entry.id: entry.variants for entry in entries.values()}
        if self._vectors is None or self._encoder is None:
            return FaqIndex({}, np.zeros((0, 1), np.float32))
        texts = [variant for asked in variants.values() for variant in asked]
        return FaqIndex(variants, await self._vectors.find(texts), self._encoder.background)
