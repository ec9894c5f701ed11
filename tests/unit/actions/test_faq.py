"""The FAQ's file, and finding the entry that a question means."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.faq import (
    BUTTONS,
    Answered,
    Entry,
    Faq,
    FaqError,
    FaqIndex,
    Finding,
    Match,
    decide,
    load_default_faq,
    load_faq,
    read_entry,
    write_faq,
)
from actions.faq.entries import LANGUAGES, MOST_QUESTIONS
from actions.faq.matching import (
    ANSWER_BEYOND,
    ANSWER_FROM,
    ANSWER_MARGIN,
    SUGGEST_FROM,
    USUAL_BACKGROUND,
    Vectors,
)

WHOLE = """\
entries:
  - id: gift.wrap
    category: service
    questions:
      zh-Hans: [能包装吗]
      zh-Hant: [可以包裝嗎]
      en:
        - Do you wrap gifts
        - Gift paper
    answers:
      zh-Hans: 可以。
      zh-Hant: 可以喔。
      en: We do.
    buttons: [start:order.status]
"""


def load(tmp_path: Path, text: str) -> Faq:
    """Load a file with this in it."""
    path = tmp_path / "faq.yml"
    path.write_text(text, encoding="utf-8")
    return load_faq(path)


def faults_of(tmp_path: Path, text: str) -> list[str]:
    """What is said of a file, without the folder's name."""
    with pytest.raises(FaqError) as raised:
        load(tmp_path, text)
    return [str(fault).removeprefix(f"{tmp_path}/") for fault in raised.value.faults]


# The file


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """Everything that it says."""
    entry = load(tmp_path, WHOLE).entries["gift.wrap"]
    assert ("service", ("start:order.status",)) == (entry.category, entry.buttons)
    assert ("能包装吗", "可以包裝嗎", "Do you wrap gifts", "Gift paper") == entry.variants
    assert {"zh-Hans": "能包装吗", "zh-Hant": "可以包裝嗎", "en": "Do you wrap gifts"} == entry.titles
    assert "We do." == entry.answers["en"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("      zh-Hant: 可以喔。\n", "", "faq.yml:10: gift.wrap.answers.zh-Hant: the translation is missing"),
        ("      zh-Hant: [可以包裝嗎]\n", "", "faq.yml:4: gift.wrap.questions.zh-Hant: the translation is missing"),
        ("[能包装吗]", "[]", "faq.yml:5: gift.wrap.questions.zh-Hans: the translation is missing"),
        ("[能包装吗]", "能包装吗", "faq.yml:5: gift.wrap.questions.zh-Hans = 能包装吗: must be a list of ways to ask"),
        ("Gift paper", "Do you wrap gifts?", "faq.yml:9: gift.wrap.questions.en.1 = Do you wrap gifts?: stands here"),
        ("Gift paper", "yes: no", "faq.yml:9: gift.wrap.questions.en.1: must be a sentence"),
        ("Gift paper", "'???'", "faq.yml:9: gift.wrap.questions.en.1 = ???: must be a sentence"),
        ("Gift paper", "x" * 201, "is longer than 200 characters"),
        ("We do.", "''", "faq.yml:13: gift.wrap.answers.en: the translation is missing"),
        ("We do.", "true", "faq.yml:13: gift.wrap.answers.en = True: must be a text"),
        ("We do.", "x" * 1501, "is longer than 1500 characters"),
        ("gift.wrap", "Gift wrap", "faq.yml:2: Gift wrap.id = Gift wrap: must be small letters"),
        ("category: service", "category: 7", "faq.yml:3: gift.wrap.category = 7: must be one word of small letters"),
        ("start:order.status", "start:nothing", "faq.yml:14: gift.wrap.buttons.0 = start:nothing: is not one of"),
        ("[start:order.status]", "start:order.status", "faq.yml:14: gift.wrap.buttons = start:order.status: must be"),
        ("category", "kategory", "faq.yml:3: gift.wrap.kategory = service: is not known here"),
        ("entries:", "entry:", "faq.yml:1: entries: is missing: a list"),
        ("en: We do.", "en: We do.\n      fr: Oui.", "faq.yml:14: gift.wrap.answers.fr = Oui.: is not one of zh-Hans,"),
        ("  - id", "  - [", "can't be read"),
    ],
)  # fmt: skip
def test_a_fault_names_line_field_and_reason(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """So that whoever edits the file finds it."""
    assert old in WHOLE
    assert any(fault in told for told in faults_of(tmp_path, WHOLE.replace(old, new, 1)))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """In the file's order; an id and a question can be there once."""
    second = WHOLE.removeprefix("entries:\n").replace("gift.wrap", "gift.box").replace("Gift paper", "gift paper?")
    faults = faults_of(tmp_path, WHOLE + second + "  - id: gift.box\n  - 7\n")
    assert "faq.yml:22: gift.box.questions.en.1 = gift paper?: is a question of gift.wrap too" in "\n".join(faults)
    assert "is not a table of id, questions and answers" in faults[-1]
    assert faults == sorted(faults, key=lambda told: int(told.split(":")[1]))
    twice = WHOLE + WHOLE.removeprefix("entries:\n")
    assert any("there is an entry of this id already" in told for told in faults_of(tmp_path, twice))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Export and import change nothing."""
    faq = load_default_faq()
    assert faq == load(tmp_path, write_faq(faq.entries.values()))


def test_the_products_own_faq_is_rich() -> None:
    """Thirty entries, five ways to ask each in every language, and no entry says the same in two scripts by mistake."""
    entries = load_default_faq().entries
    assert len(entries) >= 30
    for entry in entries.values():
        assert all(len(entry.questions[language]) >= 5 for language in LANGUAGES), entry.id
        assert entry.answers["zh-Hans"] != entry.answers["zh-Hant"], entry.id
    assert all(button in BUTTONS for entry in entries.values() for button in entry.buttons)


texts = st.text(min_size=1, max_size=20)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["en", "zh-Hans", "id"]) | texts, inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "category", "questions", "answers", "buttons", "other"]), anything))
def test_anything_is_an_entry_or_has_faults(content: dict[str, Any]) -> None:
    """Whatever is typed: never an exception, never both, never neither."""
    entry, faults = read_entry(content)
    assert (entry is None) == bool(faults)


def test_too_many_ways_to_ask_are_refused() -> None:
    """They would be looked at for every question of every customer."""
    content = load_default_faq().entries["gift.wrap"].to_json()
    content["questions"]["en"] = [f"Way {number}" for number in range(MOST_QUESTIONS + 1)]
    _, faults = read_entry(content)
    assert [f"questions.en: has {MOST_QUESTIONS + 1} ways to ask; {MOST_QUESTIONS} are the most"] == list(
        map(str, faults)
    )


# Finding


def unit(*numbers: float) -> Vectors:
    """A unit vector."""
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def make_index(**variants: list[Vectors]) -> FaqIndex:
    """An index of these vectors, by entry."""
    names = {entry: [f"{entry}{number}" for number in range(len(vectors))] for entry, vectors in variants.items()}
    return FaqIndex(names, np.array([vector for vectors in variants.values() for vector in vectors]))


def test_the_likest_entry_comes_first_with_its_nearest_wording() -> None:
    """Its score lies between its nearest wording and the mean of its three nearest."""
    index = make_index(a=[unit(1, 0, 0), unit(0, 1, 0)], b=[unit(0, 0, 1)])
    first, second = index.rank(unit(1, 0, 0))
    assert ("a", "a0", pytest.approx((1 + 0.5) / 2)) == (first.entry_id, first.variant, first.score)
    assert ("b", pytest.approx(0)) == (second.entry_id, second.score)


def test_one_chance_likeness_is_not_enough() -> None:
    """An entry all of whose wordings are near goes before one with a single nearer one."""
    near, nearer, far = unit(1, 0.5, 0), unit(1, 0.4, 0), unit(0, 0, 1)
    index = make_index(chance=[nearer, far, far], all_of_it=[near, near, near])
    assert "all_of_it" == index.rank(unit(1, 0, 0))[0].entry_id


def test_an_empty_faq_finds_nothing() -> None:
    """And vectors that do not fit are refused."""
    assert () == make_index().rank(unit(1, 0))
    assert Answered.NONE is decide(()).answered
    with pytest.raises(ValueError, match="1 vectors for 2 questions"):
        FaqIndex({"a": ["x", "y"]}, np.array([unit(1, 0)]))


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=9), min_size=1, max_size=60))
def test_ranking_agrees_with_looking_at_everything(seeds: list[list[int]]) -> None:
    """The best entry is the one that a plain walk over all wordings finds."""
    vectors = {
        f"e{n}": [unit(*np.random.default_rng(seed).normal(size=8)) for seed in own] for n, own in enumerate(seeds)
    }
    question = unit(*range(1, 9))
    likeness = {name: sorted((float(one @ question) for one in own), reverse=True) for name, own in vectors.items()}
    scores = {name: (own[0] + sum(own[:3]) / len(own[:3])) / 2 for name, own in likeness.items()}
    best = make_index(**vectors).rank(question)[0]
    assert max(scores.values()) == pytest.approx(best.score, abs=1e-5)


def name_matches(finding: Finding) -> list[tuple[str, str]]:
    """Which entries were found, by which of their wordings."""
    return [(match.entry_id, match.variant) for match in finding.matches]


@pytest.mark.parametrize("background", [0, 2, 90])
def test_many_questions_find_what_each_finds_alone(background: int) -> None:
    """More of them than are compared together; with and without other matters to compare with."""
    made = np.random.default_rng(5)
    vectors = [np.array([unit(*one) for one in made.normal(size=(n, 8))]).reshape(n, 8) for n in (24, background, 150)]
    index = FaqIndex({name: [f"{name}{n}" for n in range(6)] for name in "abcd"}, *vectors[:2])
    found = list(index.find_all(vectors[2]))
    alone = [index.find(one) for one in vectors[2]]
    assert [name_matches(one) for one in alone] == [name_matches(one) for one in found]
    for one, other in zip(alone, found, strict=True):
        figures = [[finding.background, *(match.score for match in finding.matches)] for finding in (one, other)]
        assert figures[0] == pytest.approx(figures[1], abs=1e-6)
    assert [] == list(index.find_all(vectors[2][:0]))


BARELY = 1e-6
FOREIGN = 0.6  # 0.7 of it is 0.42: answered from 0.57, suggested from 0.47


@pytest.mark.parametrize(
    ("scores", "background", "answered", "suggested"),
    [
        ((), FOREIGN, Answered.NONE, 0),
        ((0.47 - BARELY,), FOREIGN, Answered.NONE, 0),
        ((0.47 + BARELY,), FOREIGN, Answered.CLOSE, 1),
        ((0.54 - BARELY, 0.1), FOREIGN, Answered.CLOSE, 1),
        ((0.54 + BARELY, 0.1), FOREIGN, Answered.FOUND, 0),
        ((0.54 + BARELY,), FOREIGN, Answered.FOUND, 0),
        ((0.54 + BARELY,), FOREIGN + 0.1, Answered.CLOSE, 1),
        ((ANSWER_FROM - BARELY,), 0.0, Answered.CLOSE, 1),
        ((ANSWER_FROM,), 0.0, Answered.FOUND, 0),
        ((SUGGEST_FROM - BARELY,), 0.0, Answered.NONE, 0),
        ((0.9, 0.9 - ANSWER_MARGIN - BARELY), FOREIGN, Answered.FOUND, 0),
        ((0.9, 0.9 - ANSWER_MARGIN + BARELY), FOREIGN, Answered.CLOSE, 2),
        ((0.6, 0.6, 0.6, 0.6), FOREIGN, Answered.CLOSE, 3),
    ],
)
def test_what_is_sure_enough(scores: tuple[float, ...], background: float, answered: Answered, suggested: int) -> None:
    """Answered from what the background asks for, and with a margin; between, asked back; below, nothing."""
    finding = decide([Match(f"e{number}", score, "x") for number, score in enumerate(scores)], background)
    assert (answered, suggested) == (finding.answered, len(finding.suggested))


def test_what_is_like_other_matters_must_be_liker_to_be_answered() -> None:
    """The background is compared as an entry is; without one, it counts as usual."""
    question, variant, far = unit(1, 0, 0), unit(1, 0.5, 0), unit(0, 0, 1)
    near = unit(1, 0, 0.4)

    def find(*background: Vectors) -> Finding:
        return FaqIndex({"a": ["x"]}, np.array([variant]), np.array(background)).find(question)

    assert Answered.FOUND is find(far, far, far).answered
    assert find(near, far, far).answer_from < find(near, near, near).answer_from
    assert 0.7 * float(near @ question) + ANSWER_BEYOND == pytest.approx(find(near, near, near).answer_from)
    assert 0.7 * USUAL_BACKGROUND + ANSWER_BEYOND == pytest.approx(make_index(a=[variant]).find(question).answer_from)


def test_an_entry_reads_back_from_its_own_json() -> None:
    """What is kept in the database is an entry again."""
    entry = Entry(
        "a", dict.fromkeys(LANGUAGES, ("x",)), dict.fromkeys(LANGUAGES, "y"), category="shop", buttons=(BUTTONS[0],)
    )
    assert (entry, []) == read_entry(entry.to_json())
