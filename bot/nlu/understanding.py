"""Understanding as the app uses it: Rasa while it is healthy, the embedded engine while it boots, is slow or fails.

async with open_understanding(engine="rasa", nlu_data=..., data_dir=..., clock=..., progress=...) as interpreter:
    reading = await interpreter.parse(text)       # reading.engine says which one answered
    reading = await read_message(interpreter, text, at=received_at, zone=shop_zone)       # the same, with its dates
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import numpy as np

from actions.breaker import Breaker
from bot.nlu.dates import add_dates, find_dates, may_name_date
from bot.nlu.embedded import EmbeddedInterpreter
from bot.nlu.encoder import DIMENSIONS
from bot.nlu.features import Array
from bot.nlu.rasa_client import RasaInterpreter
from bot.nlu.rasa_server import RasaAddress, read_address
from bot.nlu.reading import Encoder, Interpreter, InterpreterError, Reading
from escalation.ports import Clock

logger = logging.getLogger(__name__)


class FallbackInterpreter:
    """An Interpreter that asks the first engine while the breaker trusts it, else the second."""

    def __init__(
        self, first: Interpreter, second: Interpreter, *, clock: Clock, breaker: Breaker | None = None
    ) -> None:
        self._first, self._second, self._clock = first, second, clock
        self._breaker = breaker or Breaker()

    async def parse(self, text: str) -> Reading:
        """Read one message; raises InterpreterError only if the second engine fails too."""
        if not self._breaker.allows(self._clock.now()):
            return await self._second.parse(text)
        was_closed = self._breaker.is_closed
        try:
            reading = await self._first.parse(text)
        except InterpreterError as error:
            self._breaker.record_failure(self._clock.now())
            if was_closed and not self._breaker.is_closed:
                logger.warning("understanding falls back to the second engine: %s", error)
            return await self._second.parse(text)
        self._breaker.record_success()
        return reading

    async def encode(self, texts: Sequence[str]) -> Array:
        """Return one vector a text, by the second engine: Rasa gives none. Raises InterpreterError."""
        if not isinstance(self._second, Encoder):
            raise InterpreterError("the second engine has no encoder")
        return await self._second.encode(texts)

    @property
    def background(self) -> Array:
        """The second engine's, whose vectors these are to be compared with."""
        return self._second.background if isinstance(self._second, Encoder) else np.zeros((0, DIMENSIONS), np.float32)


@asynccontextmanager
async def open_understanding(
    *,
    engine: Literal["rasa", "embedded"],
    nlu_data: Path,
    data_dir: Path,
    clock: Clock,
    progress: Callable[[str], None],
    rasa_url: str | None = None,
) -> AsyncIterator[Interpreter]:
    """Open the engines and close them at the end; trains the text model first where it is stale.

    `rasa_url` names a Rasa server of the operator's own (`http://host:5005?token=...`); None means the one that
    `RasaServer` starts for this data directory, whenever it comes up.
    """
    embedded = await EmbeddedInterpreter.load(nlu_data, data_dir, progress)
    rasa = RasaInterpreter(make_address_finder(rasa_url, data_dir))
    # The first date loads the library: better now than under the first customer.
    await asyncio.to_thread(find_dates, "yesterday", at=clock.now(), zone=UTC)
    try:
        yield embedded if engine == "embedded" else FallbackInterpreter(rasa, embedded, clock=clock)
    finally:
        await rasa.close()
        await embedded.close()


async def read_message(interpreter: Interpreter, text: str, *, at: datetime, zone: tzinfo) -> Reading:
    """Read one message with the dates in it, which depend on when it was written, in the shop's zone.

    Raises InterpreterError as the interpreter does. A text that names no date costs nothing more.
    """
    reading = await interpreter.parse(text)
    if not may_name_date(text):
        return reading
    # The library behind it takes milliseconds.
    return add_dates(reading, await asyncio.to_thread(find_dates, text, at=at, zone=zone))


def make_address_finder(rasa_url: str | None, data_dir: Path) -> Callable[[], RasaAddress | None]:
    """Return what tells the Rasa server's address: the operator's, else the one last started here."""
    if rasa_url is None:
        return lambda: read_address(data_dir)
    address = parse_address(rasa_url)
    return lambda: address


def parse_address(url: str) -> RasaAddress:
    """Return the address in a URL whose query may carry the token."""
    parts = urlsplit(url)
    token = parse_qs(parts.query).get("token", [None])[0]
    return RasaAddress(parts._replace(query="", fragment="").geturl().rstrip("/"), token)
