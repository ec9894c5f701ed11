"""How well the FAQ is found, and how often it answers what it has no answer to: `python bench/faq.py [--wrong]`.

Asks every question of faq_questions.yml of the FAQ that comes with the product. None of them is one of its variants.
For each threshold (how far an entry's likeness must lie beyond 0.7 of the likeness to the background): `right` are
answerable questions that get their entry's answer, `wrong` those that get another's; `invented` are unanswerable ones
that get an answer at all; precision is right of all answers given. `offered` (last table) counts the answerable
questions whose entry is answered or among those suggested.
"""

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from threadpoolctl import threadpool_limits

from actions.faq import Answered, Entry, FaqIndex, Finding, load_default_faq
from actions.faq.matching import (
    ANSWER_BEYOND,
    ANSWER_FROM,
    ANSWER_MARGIN,
    BACKGROUND_WEIGHT,
    SUGGEST_BEYOND,
    SUGGEST_FROM,
    Match,
    Vectors,
)
from bot.nlu.data import load_examples
from bot.nlu.features import SentenceEncoder, prepare_texts

QUESTIONS = Path(__file__).with_name("faq_questions.yml")
SENTENCES = Path(__file__).parents[1] / "nlu_data" / "nlu"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
THRESHOLDS = [step / 100 for step in range(0, 31, 3)]
MARGINS = (0.0, 0.05, ANSWER_MARGIN)


@dataclass(frozen=True)
class Asked:
    """A question with the entry that answers it (None: none does), and what was found."""

    text: str
    language: str
    entry_id: str | None
    matches: tuple[Match, ...]
    finding: Finding


def ask_all(encoder: SentenceEncoder) -> list[Asked]:
    """Ask everything."""
    entries = load_default_faq().entries
    index = make_index(entries, encoder, encode_background(encoder))
    data = YAML(typ="safe").load(QUESTIONS.read_text(encoding="utf-8"))
    wanted = [
        (text, language, entry_id)
        for entry_id, by_language in data["answerable"].items()
        for language, texts in by_language.items()
        for text in texts
    ]
    wanted += [(text, language, None) for language, texts in data["unanswerable"].items() for text in texts]
    known = {variant for entry in entries.values() for variant in entry.variants}
    taught = [text for text, _, _ in wanted if text in known]
    if taught:
        raise SystemExit(f"these are variants, and measure nothing: {taught}")
    vectors = encoder.encode(prepare_texts([text for text, _, _ in wanted]))
    return [Asked(*one, index.rank(vector), index.find(vector)) for one, vector in zip(wanted, vectors, strict=True)]


def encode_background(encoder: SentenceEncoder) -> Vectors:
    """Return the vectors of what is out of scope, as the app has them in its model."""
    sentences = [one.text for one in load_examples(SENTENCES) if one.category == "out_of_scope"]
    return encoder.encode(prepare_texts(sentences))


def make_index(entries: Mapping[str, Entry], encoder: SentenceEncoder, background: Vectors) -> FaqIndex:
    """Return the FAQ as the app looks at it."""
    variants = {entry.id: entry.variants for entry in entries.values()}
    texts = [variant for asked in variants.values() for variant in asked]
    return FaqIndex(variants, encoder.encode(prepare_texts(texts)), background)


def is_answered(one: Asked, threshold: float, margin: float) -> bool:
    """Tell whether a question would be answered at all."""
    ahead = one.matches[0].score - one.matches[1].score
    needed = max(ANSWER_FROM, BACKGROUND_WEIGHT * one.finding.background + threshold)
    return one.matches[0].score >= needed and ahead >= margin


def is_right(one: Asked) -> bool:
    """Tell whether the best entry is the one meant."""
    return one.matches[0].entry_id == one.entry_id


def print_by_threshold(asked: list[Asked]) -> None:
    """One line a threshold and margin."""
    answerable = [one for one in asked if one.entry_id]
    unanswerable = [one for one in asked if not one.entry_id]
    print("margin  beyond  right          wrong  invented       precision")
    for margin in MARGINS:
        for threshold in sorted(THRESHOLDS):
            answered = [one for one in answerable if is_answered(one, threshold, margin)]
            right = sum(map(is_right, answered))
            wrong = len(answered) - right
            invented = sum(is_answered(one, threshold, margin) for one in unanswerable)
            precision = right / max(1, right + wrong + invented)
            mark = " *" if (threshold, margin) == (ANSWER_BEYOND, ANSWER_MARGIN) else ""
            print(
                f"{margin:6.2f}  {threshold:4.2f}  {right:4d} {right / len(answerable):7.1%}  {wrong:5d}  "
                f"{invented:4d} {invented / len(unanswerable):7.1%}  {precision:9.1%}{mark}"
            )


def print_as_set(asked: list[Asked]) -> None:
    """What the product's own thresholds do, by language."""
    print(
        f"\nanswer {ANSWER_BEYOND} beyond {BACKGROUND_WEIGHT} of the background, from {ANSWER_FROM}, with a margin of "
        f"{ANSWER_MARGIN}; suggest {SUGGEST_BEYOND} beyond, from {SUGGEST_FROM}:"
    )
    print("language    answerable: right  wrong  offered  nothing    unanswerable: answered  suggested  nothing")
    for language in LANGUAGES:
        found = [(one, one.finding) for one in asked if one.language == language]
        yes = [(one, finding) for one, finding in found if one.entry_id]
        no = [finding.answered for one, finding in found if not one.entry_id]
        right = sum(finding.answered is Answered.FOUND and is_right(one) for one, finding in yes)
        wrong = sum(finding.answered is Answered.FOUND and not is_right(one) for one, finding in yes)
        offered = sum(one.entry_id in {match.entry_id for match in finding.suggested} for one, finding in yes)
        nothing = sum(finding.answered is Answered.NONE for _, finding in yes)
        print(
            f"{language:10}  {len(yes):10d}: {right / len(yes):5.1%}  {wrong / len(yes):5.1%}  "
            f"{(right + offered) / len(yes):7.1%}  {nothing / len(yes):7.1%}    "
            f"{len(no):12d}: {no.count(Answered.FOUND) / len(no):8.1%}  {no.count(Answered.CLOSE) / len(no):9.1%}  "
            f"{no.count(Answered.NONE) / len(no):7.1%}"
        )


def print_wrong(asked: list[Asked]) -> None:
    """Every answer that should not have been given."""
    for one in asked:
        if one.finding.answered is Answered.FOUND and not is_right(one):
            best = one.matches[0]
            print(f"{best.score:.2f}  {one.text!r} -> {best.entry_id} ({best.variant!r}), meant: {one.entry_id}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="list every answer that should not have been given")
    wrong = parser.parse_args().wrong
    # As in the app.
    threadpool_limits(limits=1, user_api="blas")
    asked = ask_all(SentenceEncoder())
    print_by_threshold(asked)
    print_as_set(asked)
    encoder = SentenceEncoder()
    index = make_index(load_default_faq().entries, encoder, encode_background(encoder))
    [vector] = encoder.encode(prepare_texts(["weekend?"]))
    since = time.perf_counter()
    for _ in range(1000):
        index.find(vector)
    print(f"\nlooking one question up, its vector known: {(time.perf_counter() - since):.3f} ms")
    if wrong:
        print_wrong(asked)


if __name__ == "__main__":
    main()
