"""The Rasa engine, asked over HTTP (`POST /model/parse`).

The text goes out behind an invisible character: without it Rasa would take a text that begins with "/" for a command
of its own, and cut white space from the front. Spans come back counted from the text without it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import aiohttp

from bot.nlu.analysis import find_reading_language, is_unsure
from bot.nlu.rasa_server import RasaAddress
from bot.nlu.reading import CATEGORIES, Entity, InterpreterError, Point, Reading

SHIELD = "\u2063"
ANSWER_WITHIN = timedelta(seconds=2)


class RasaInterpreter:
    """An Interpreter that asks a Rasa server. `find_address` is called for each request: a server may come and go."""

    def __init__(
        self, find_address: Callable[[], RasaAddress | None], *, answer_within: timedelta = ANSWER_WITHIN
    ) -> None:
        self._find_address = find_address
        self._timeout = aiohttp.ClientTimeout(total=answer_within.total_seconds())
        self._http: aiohttp.ClientSession | None = None

    async def parse(self, text: str) -> Reading:
        """Read one message. Raises InterpreterError where Rasa is down, too slow, or answers nonsense."""
        address = self._find_address()
        if address is None:
            raise InterpreterError("Rasa has not been started")
        answer = await self._ask(address, SHIELD + text.encode("utf-8", "replace").decode("utf-8"))
        try:
            return read_answer(text, answer)
        except (KeyError, TypeError, ValueError) as error:
            raise InterpreterError(f"Rasa's answer made no sense: {error!r}") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def _ask(self, address: RasaAddress, text: str) -> Any:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=self._timeout)
        query = {"token": address.token} if address.token else {}
        try:
            async with self._http.post(f"{address.url}/model/parse", params=query, json={"text": text}) as response:
                if response.status != 200:
                    raise InterpreterError(f"Rasa answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError) as error:
            raise InterpreterError(f"Rasa did not answer: {error!r}") from error


def read_answer(text: str, answer: Mapping[str, Any]) -> Reading:
    """Return the reading in Rasa's answer; other pipelines than ours (DIET, say) are understood too.

    Raises:
        KeyError, TypeError, ValueError: it is not an answer to this text.
    """
    ranking = tuple((str(item["name"]), float(item["confidence"])) for item in answer["intent_ranking"])
    ours = answer.get("reading") or {}
    intent = str(answer["intent"]["name"])
    category = intent.split(".", maxsplit=1)[0]
    if category not in CATEGORIES:
        raise ValueError(f"unknown category in intent {intent!r}")
    confidence = float(answer["intent"]["confidence"])
    unsure = bool(ours["unsure"]) if ours else is_unsure(confidence, _find_second(category, ranking))
    return Reading(
        text=text, intent=intent, category=category, confidence=confidence, unsure=unsure,
        language=find_reading_language(text),
        entities=tuple(_read_entity(item, len(text)) for item in answer.get("entities", ())),
        also=tuple(map(str, ours.get("also", ()))), ranking=ranking, engine="rasa",
        points=tuple(_read_point(item, len(text)) for item in ours.get("points", ())),
    )  # fmt: skip


def _find_second(category: str, ranking: tuple[tuple[str, float], ...]) -> float:
    return max((share for intent, share in ranking if intent.split(".")[0] != category), default=0.0)


def _read_entity(item: Mapping[str, Any], length: int) -> Entity:
    start, end = _read_span(item, length)
    return Entity(str(item["entity"]), str(item["value"]), start, end)


def _read_point(item: Mapping[str, Any], length: int) -> Point:
    start, end = _read_span(item, length)
    return Point(start, end, str(item["intent"]), float(item["confidence"]), bool(item["unsure"]))


def _read_span(item: Mapping[str, Any], length: int) -> tuple[int, int]:
    start, end = int(item["start"]) - len(SHIELD), int(item["end"]) - len(SHIELD)
    if not 0 <= start < end <= length:
        raise ValueError(f"a span outside the text: {start}-{end}")
    return start, end
