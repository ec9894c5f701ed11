"""From probabilities to readings: the one place where both engines decide category, sureness and second requests.

Runs in both environments.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from threadpoolctl import threadpool_limits

from bot.nlu.clauses import Clause, is_one_request, split_clauses
from bot.nlu.entities import find_entities
from bot.nlu.features import Array, SentenceEncoder, prepare_texts
from bot.nlu.language import detect_language
from bot.nlu.lists import split_list
from bot.nlu.reading import Language, Point, Reading
from bot.nlu.text_model import TextModel

UNSURE_BELOW = 0.5
"""A category less likely than this is only a guess: the customer is asked."""

UNSURE_MARGIN = 0.12
"""So is one that a second category comes this close to."""

ALSO_FROM = 0.8
"""A second request must be this clear on its own: answering what nobody asked is worse than asking back."""

_RANKED = 5
# Where two requests of one category are told apart, so likely must the intent itself be.
_CLEAR_FROM = 0.6
# Which order it is and whose says nothing of what is wanted, and would be read as a request about orders.
_NUMBER = r"(?:[A-Z]{1,4}-?[0-9]{3,20}|[0-9]{8,20})(?![0-9A-Z])"
_PROOF = re.compile(
    rf"(?:订单编?[号號]码?|訂單編?號碼?)\s*[:：是为為]?\s*{_NUMBER}"
    rf"|(?:^|(?<=[.!?,;]))\s*(?:and\s+)?(?:(?:it'?s|it\s+is|this\s+is|that'?s|here'?s)\s+(?:for\s+)?)?(?:my\s+)?order(?:\s+(?:number|no\.?))?\s*(?:is|:|#)?\s*{_NUMBER}"
    # As a clause of its own only: in "cancel order 123" it is what is spoken of.
    rf"|(?:^|(?<=[，,。.；;!！?？\s]))(?:我的)?(?:订单|訂單)\s*[:：是为為]?\s*{_NUMBER}(?=\s*(?:[，,。.；;!！?？]|$|手机|手機|尾|末))"
    r"|(?:(?:手机|手機|电话|電話)[号號]?[码碼]?的?)?(?:尾号|尾號|[后後末]四[位码碼])\s*[:：是为為]?\s*[0-9]{4}(?![0-9])"
    r"|\b(?:(?:the|my)\s+)?phone(?:\s+number)?\s+end(?:s|ing)(?:\s+(?:in|with))?\s*:?\s*[0-9]{4}",
    re.IGNORECASE,
)
# Behind a point of a list the numbers alone: in so few words they weigh more than what is wanted.
_NUMBERS_BEHIND = re.compile(
    r"(?:[\s,，、;；/(（]*(?:订单|訂單|手机|手機|order|phone)?\s?(?:[A-Z]{0,4}20[0-9]{9}|[0-9]{4})[)）]?)+\s*$",
    re.IGNORECASE,
)
_REQUESTS = frozenset({"order", "logistics", "quality", "after_sales", "complaint", "handoff"})
# A defect told with a wish to return is one request (after_sales), not two; unless it is told of other goods.
_BEFORE_ALL = frozenset({"complaint", "handoff"})
_ABOUT_GOODS = frozenset({"after_sales", "quality", "complaint"})
# A complaint by its name, rather than one more thing that annoys.
_COMPLAINT = re.compile(r"投诉|投訴|举报|舉報|complain", re.IGNORECASE)
_ONE_REQUEST = frozenset({("after_sales", "quality"), ("complaint", "quality")})

Engine = Literal["embedded", "rasa"]


@dataclass(frozen=True)
class _Heard:
    """A clause whose category is clear on its own, with that category's probability and the intent's own."""

    clause: Clause
    intent: str
    confidence: float
    share: float

    @property
    def is_clear(self) -> bool:
        return self.share >= _CLEAR_FROM

    @property
    def category(self) -> str:
        return self.intent.split(".")[0]


class TextReader:
    """Reads texts with a model. Not thread-safe: one thread owns it (the encoder remembers vectors)."""

    def __init__(self, model: TextModel, encoder: SentenceEncoder) -> None:
        self._model, self._encoder = model, encoder
        self._categories = tuple(dict.fromkeys(intent.split(".")[0] for intent in model.intents))

    @property
    def fingerprint(self) -> str:
        """The model's fingerprint."""
        return self._model.fingerprint

    def warm_up(self) -> None:
        """Do what would make the first customer wait; from now on numpy's products stay on one thread in this process.

        A message's products are small: waking other threads for them costs more than it saves, most of all where other
        processes want the same cores (5 ms against 2.5 ms a message, both cores busy).
        """
        threadpool_limits(limits=1, user_api="blas")
        self.read(["你好"], engine="embedded")

    def encode(self, texts: Sequence[str]) -> Array:
        """Return one unit vector a text; one that was just read is remembered."""
        return self._encoder.encode(prepare_texts(texts))

    @cached_property
    def background(self) -> Array:
        """The vectors of the training sentences that are out of scope, (n, 512)."""
        return self._model.list_vectors("out_of_scope")

    def read(self, texts: Sequence[str], *, engine: Engine) -> list[Reading]:
        """Return one reading a text, in order, computed in one batch. Accepts any strings."""
        requests = [_leave_out_proof(text) for text in texts]
        clauses = [split_clauses(text) for text in requests]
        lists = [split_list(text) for text in texts]
        parts = [
            [*(clause.text for clause in found), *(_leave_out_numbers(text[start:end]) for start, end in points)]
            for text, found, points in zip(texts, clauses, lists, strict=True)
        ]
        rows = self._model.predict([*requests, *(part for found in parts for part in found)], self._encoder)
        readings, at = [], len(texts)
        for index, text in enumerate(texts):
            middle, until = at + len(clauses[index]), at + len(parts[index])
            reading = self._read_one(text, rows[index], self._hear(clauses[index], rows[at:middle]), engine)
            points = self._read_points(lists[index], rows[middle:until])
            readings.append(replace(reading, points=points) if points else reading)
            at = until
        return readings

    def _read_points(self, spans: Sequence[tuple[int, int]], rows: Array) -> tuple[Point, ...]:
        return tuple(Point(start, end, *self._decide(row)) for (start, end), row in zip(spans, rows, strict=True))

    def _read_one(self, text: str, row: Array, heard: Sequence[_Heard], engine: Engine) -> Reading:
        intent, confidence, unsure = _lead(self._decide(row), heard)
        category = intent.split(".")[0]
        unsure = unsure or not _says_something(text)
        return Reading(
            text=text, intent=intent, category=category, confidence=confidence, unsure=unsure,
            language=find_reading_language(text), entities=find_entities(text),
            also=_find_others(intent, heard), ranking=self._rank(row), engine=engine,
        )  # fmt: skip

    def _hear(self, clauses: Sequence[Clause], rows: Array) -> list[_Heard]:
        """Return the clauses that are requests on their own."""
        found = ((clause, row, *self._decide(row)) for clause, row in zip(clauses, rows, strict=True))
        return [
            _Heard(clause, intent, confidence, float(row[self._model.intents.index(intent)]))
            for clause, row, intent, confidence, _ in found
            if confidence >= ALSO_FROM and intent.split(".")[0] in _REQUESTS
        ]

    def _decide(self, row: Array) -> tuple[str, float, bool]:
        """Return the best intent of the best category, the category's probability, and whether that is unsure."""
        sums = dict.fromkeys(self._categories, 0.0)
        for intent, share in zip(self._model.intents, row.tolist(), strict=True):
            sums[intent.split(".")[0]] += share
        ordered = sorted(sums.items(), key=lambda item: -item[1])
        (category, best), (_, second) = ordered[0], ordered[1] if len(ordered) > 1 else ("", 0.0)
        members = [index for index, intent in enumerate(self._model.intents) if intent.split(".")[0] == category]
        intent = self._model.intents[max(members, key=lambda index: row[index])]
        return intent, min(best, 1.0), is_unsure(best, second)

    def _rank(self, row: Array) -> tuple[tuple[str, float], ...]:
        order = row.argsort()[::-1][:_RANKED]
        return tuple((self._model.intents[index], float(row[index])) for index in order)


def _lead(decided: tuple[str, float, bool], heard: Sequence[_Heard]) -> tuple[str, float, bool]:
    """Return what is asked first: the whole of "where is it? Also, the cup broke" sounds like a loss.

    The category stays the whole text's where that is sure, one of its requests, and nothing is said of other goods; who
    complains or wants a person, over whatever, does so first.
    """
    intent, confidence, unsure = decided
    if not unsure and intent.split(".", maxsplit=1)[0] in _BEFORE_ALL:
        return decided
    if not any(one.clause.is_joined and not one.clause.is_added for one in heard):
        return decided
    own = [one for one in heard if one.category == intent.split(".", maxsplit=1)[0]]
    if len(heard) > 1 and (unsure or not own or any(one.clause.is_elsewhere for one in heard[1:])):
        return heard[0].intent, heard[0].confidence, False
    return next((one.intent for one in own if one.is_clear), intent), confidence, unsure


def _find_others(intent: str, heard: Sequence[_Heard]) -> tuple[str, ...]:
    """Return the requests beside this one, each once, in the order they are made."""
    if intent.split(".", maxsplit=1)[0] not in _REQUESTS:
        return ()
    others: list[str] = []
    for one in heard:
        if all(_is_another(known, one) for known in (intent, *others)):
            others.append(one.intent)
    return tuple(others)


def _is_another(known: str, one: _Heard) -> bool:
    """Whether a clause asks for something else than what is known already."""
    category = known.split(".", maxsplit=1)[0]
    if one.clause.is_added and not one.clause.is_elsewhere and _only_adds(category, one):
        return False
    if one.category != category:
        return (category, one.category) not in _ONE_REQUEST or one.clause.is_elsewhere
    if one.intent == known or not (one.is_clear and one.clause.is_joined):
        return False
    return one.clause.is_elsewhere or not is_one_request(known, one.intent)


def _only_adds(category: str, one: _Heard) -> bool:
    """Whether a clause joined on by "而且" is more of what is wrong already: "而且质量也差", "而且客服也不回"."""
    if one.category == "complaint":
        return _COMPLAINT.search(one.clause.text) is None
    return {category, one.category} <= _ABOUT_GOODS


def is_unsure(best: float, second: float) -> bool:
    """Whether a category of this probability, with this one next to it, must be asked about."""
    return best < UNSURE_BELOW or best - second < UNSURE_MARGIN


def _says_something(text: str) -> bool:
    """Whether there is a word or a picture in it: what "???" or a bare number means, only the conversation knows."""
    return any(char.isalpha() or unicodedata.category(char) == "So" for char in text)


def find_reading_language(text: str) -> Language:
    """Return the language of a message without a conversation around it."""
    return detect_language(text, default="en" if re.search("[A-Za-z]", text) else "zh-Hans")


def _leave_out_proof(text: str) -> str:
    """Return a text without order number and phone digits given as proof; one that is nothing else stays as it is."""
    request = _PROOF.sub(" ", text)
    return request if _says_something(request) else text


def _leave_out_numbers(point: str) -> str:
    request = _NUMBERS_BEHIND.sub("", _leave_out_proof(point))
    return request if _says_something(request) else point
