"""An entry of the FAQ: ways to ask, and the answer, in all three languages. What is not whole is no entry.

The same reading serves the shop's file and what is typed on the console's page.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
# What a button under an answer may begin.
BUTTONS = (
    "start:order.status",
    "start:order.payment",
    "start:order.invoice",
    "start:logistics.tracking",
    "start:quality.functional_defect",
    "start:quality.fake_or_used",
    "start:after_sales.return",
    "start:after_sales.refund",
    "start:after_sales.installation",
    "start:complaint.complaint",
    "start:handoff.ask_human",
)
LONGEST_QUESTION = 200
LONGEST_ANSWER = 1500
MOST_QUESTIONS = 60
MOST_BUTTONS = 3
_FIELDS = ("id", "category", "questions", "answers", "buttons")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_CATEGORY = re.compile(r"[a-z][a-z0-9_]{0,29}")
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class EntryFault:
    """One thing wrong with an entry: where in it, and why."""

    place: Place
    reason: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.reason}"


@dataclass(frozen=True)
class Entry:
    """One question answered. `questions` and `answers` by language."""

    id: str
    questions: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, str]
    category: str | None = None
    buttons: tuple[str, ...] = ()

    @property
    def titles(self) -> dict[str, str]:
        """The first way to ask in each language: what stands for the entry in lists and on buttons."""
        return {language: asked[0] for language, asked in self.questions.items()}

    @property
    def variants(self) -> tuple[str, ...]:
        """Every way to ask, in all languages."""
        return tuple(variant for language in LANGUAGES for variant in self.questions[language])

    def to_json(self) -> dict[str, Any]:
        """Return the entry as `read_entry` takes it."""
        content: dict[str, Any] = {
            "id": self.id,
            "category": self.category,
            "questions": {language: list(self.questions[language]) for language in LANGUAGES},
            "answers": {language: self.answers[language] for language in LANGUAGES},
            "buttons": list(self.buttons),
        }
        return {name: value for name, value in content.items() if value}


@dataclass(frozen=True)
class Faq:
    """All entries by id, in the file's order."""

    entries: Mapping[str, Entry] = field(default_factory=dict)


def read_entry(content: Any) -> tuple[Entry | None, list[EntryFault]]:
    """Return an entry of plain data, or None and everything that is wrong with it."""
    if not isinstance(content, Mapping):
        return None, [EntryFault((), "is not a table of id, questions and answers")]
    faults = [*_check_names(content), *_check_questions(content), *_check_answers(content), *_check_buttons(content)]
    if faults:
        return None, faults
    return Entry(
        id=content["id"],
        questions={language: tuple(map(_tidy, content["questions"][language])) for language in LANGUAGES},
        answers={language: content["answers"][language].strip() for language in LANGUAGES},
        category=content.get("category"),
        buttons=tuple(content.get("buttons") or ()),
    ), []


def find_doubles(entries: Mapping[str, Entry]) -> Iterator[tuple[str, str, str]]:
    """Yield (entry, question, other entry) for each question that an earlier entry has too."""
    owners: dict[str, str] = {}
    for entry in entries.values():
        for variant in entry.variants:
            owner = owners.setdefault(_fold(variant), entry.id)
            if owner != entry.id:
                yield entry.id, variant, owner


def _fold(question: str) -> str:
    return question.casefold().strip(" ?？!！.。")


def _tidy(question: str) -> str:
    return " ".join(question.split())


def _check_names(content: Mapping[str, Any]) -> Iterator[EntryFault]:
    for name in content:
        if name not in _FIELDS:
            yield EntryFault((str(name),), f"is not known here; known are {', '.join(_FIELDS)}")
    if "id" not in content:
        yield EntryFault(("id",), "is missing")
    elif not isinstance(content["id"], str) or not _NAME.fullmatch(content["id"]):
        yield EntryFault(("id",), "must be small letters, digits and . _ - (up to 60), such as delivery.cost")
    category = content.get("category")
    if category is not None and (not isinstance(category, str) or not _CATEGORY.fullmatch(category)):
        yield EntryFault(("category",), "must be one word of small letters, such as delivery")


def _check_languages(content: Mapping[str, Any], name: str) -> Iterator[EntryFault]:
    given = content.get(name)
    if not isinstance(given, Mapping):
        yield EntryFault((name,), f"is missing: a table of {', '.join(LANGUAGES)}")
        return
    for language in LANGUAGES:
        if not given.get(language):
            yield EntryFault((name, language), "the translation is missing")
    for language in given:
        if language not in LANGUAGES:
            yield EntryFault((name, str(language)), f"is not one of {', '.join(LANGUAGES)}")


def _check_questions(content: Mapping[str, Any]) -> Iterator[EntryFault]:
    faults = list(_check_languages(content, "questions"))
    yield from faults
    missing = {fault.place[-1] for fault in faults}
    for language in LANGUAGES if "questions" not in missing else ():
        if language not in missing:
            yield from _check_variants(content["questions"][language], language)


def _check_variants(variants: Any, language: str) -> Iterator[EntryFault]:
    place = ("questions", language)
    if not isinstance(variants, list | tuple):
        yield EntryFault(place, "must be a list of ways to ask")
        return
    if len(variants) > MOST_QUESTIONS:
        yield EntryFault(place, f"has {len(variants)} ways to ask; {MOST_QUESTIONS} are the most")
    seen: set[str] = set()
    for index, variant in enumerate(variants):
        if not isinstance(variant, str) or not any(char.isalnum() for char in variant):
            yield EntryFault((*place, index), "must be a sentence (a text with colon, # or a bare yes needs quotes)")
        elif len(variant) > LONGEST_QUESTION:
            yield EntryFault((*place, index), f"is longer than {LONGEST_QUESTION} characters")
        elif _fold(variant) in seen:
            yield EntryFault((*place, index), "stands here twice")
        else:
            seen.add(_fold(variant))


def _check_answers(content: Mapping[str, Any]) -> Iterator[EntryFault]:
    faults = list(_check_languages(content, "answers"))
    yield from faults
    missing = {fault.place[-1] for fault in faults}
    for language in LANGUAGES if "answers" not in missing else ():
        answer = content["answers"].get(language)
        if language in missing:
            continue
        if not isinstance(answer, str) or not answer.strip():
            yield EntryFault(("answers", language), "must be a text")
        elif len(answer) > LONGEST_ANSWER:
            yield EntryFault(("answers", language), f"is longer than {LONGEST_ANSWER} characters")


def _check_buttons(content: Mapping[str, Any]) -> Iterator[EntryFault]:
    buttons = content.get("buttons")
    if buttons is None:
        return
    if not isinstance(buttons, list | tuple):
        yield EntryFault(("buttons",), "must be a list")
        return
    if len(buttons) > MOST_BUTTONS:
        yield EntryFault(("buttons",), f"has {len(buttons)} buttons; {MOST_BUTTONS} are the most")
    for index, button in enumerate(buttons):
        if button not in BUTTONS:
            yield EntryFault(("buttons", index), f"is not one of {', '.join(BUTTONS)}")
