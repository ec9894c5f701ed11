"""The embedded engine: the text model in a worker thread of this process.

    interpreter = await EmbeddedInterpreter.load(nlu_data, data_dir, progress)   # trains when stale
    reading = await interpreter.parse("我要退货")
    await interpreter.close()

Requests that arrive while a batch is computed form the next batch; the event loop never waits for numbers.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.nlu.analysis import TextReader
from bot.nlu.features import Array, SentenceEncoder
from bot.nlu.model_store import prepare_text_model
from bot.nlu.reading import InterpreterError, Reading

_BATCH = 64
# The thread that reads messages lets the event loop go on after so long at most, instead of Python's 5 ms.
_SWITCH_SECONDS = 0.001
Waiting = tuple[str, asyncio.Future[Reading]]


class EmbeddedInterpreter:
    """An Interpreter in this process. Belongs to one event loop; close it with that."""

    def __init__(self, reader: TextReader) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._reader = reader
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nlu")
        self._waiting: list[Waiting] = []
        self._busy: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def load(cls, nlu_data: Path, data_dir: Path, progress: Callable[[str], None]) -> "EmbeddedInterpreter":
        """Return an engine with the model of the present training data, trained first where it is stale."""
        reader = await asyncio.to_thread(load_reader, nlu_data, data_dir, progress)
        return cls(reader)

    async def parse(self, text: str) -> Reading:
        """Read one message; shares a batch with others that wait. Raises InterpreterError once closed."""
        if self._closed:
            raise InterpreterError("the embedded engine is closed")
        answer: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, answer))
        if self._busy is None:
            self._busy = asyncio.create_task(self._work())
        return await answer

    async def encode(self, texts: Sequence[str]) -> Array:
        """Return one vector a text, from the thread that reads too. Raises InterpreterError."""
        if self._closed:
            raise InterpreterError("the embedded engine is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, self._reader.encode, texts)
        except Exception as error:
            raise InterpreterError(f"the embedded engine failed: {error!r}") from error

    @property
    def background(self) -> Array:
        """The vectors of the training sentences that are out of scope."""
        return self._reader.background

    async def close(self) -> None:
        """Answer what is waiting, then end the worker thread."""
        self._closed = True
        if self._busy is not None:
            await self._busy
        self._worker.shutdown(wait=False)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                readings = await loop.run_in_executor(self._worker, self._read, [text for text, _ in batch])
            except Exception as error:
                # Whatever it is, everybody who waits must hear of it.
                _fail(batch, error)
            else:
                _settle(batch, readings)
        self._busy = None

    def _read(self, texts: list[str]) -> list[Reading]:
        return self._reader.read(texts, engine="embedded")


def load_reader(nlu_data: Path, data_dir: Path, progress: Callable[[str], None]) -> TextReader:
    """Return a reader with the model of the present training data. Blocks: seconds when it trains."""
    encoder = SentenceEncoder()
    reader = TextReader(prepare_text_model(nlu_data, data_dir, progress, encoder=encoder), encoder)
    reader.warm_up()
    return reader


def _settle(batch: list[Waiting], readings: list[Reading]) -> None:
    for (_, answer), reading in zip(batch, readings, strict=True):
        if not answer.done():
            answer.set_result(reading)


def _fail(batch: list[Waiting], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(InterpreterError(f"the embedded engine failed: {error!r}"))
