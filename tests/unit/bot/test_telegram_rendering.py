"""How bubbles look on Telegram: everything fits, nothing is lost, and a button says what it stands for."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.rendering import (
    MAX_UNITS,
    RATED,
    Press,
    Rating,
    count_units,
    read_button,
    render,
    render_rating,
    split_text,
)
from bot.models import Message

CONVERSATION = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)
long_texts = st.lists(st.sampled_from(["word ", "没有空格的一句话", "😀", "line\n", " ", "x" * 900]), max_size=40).map(
    "".join
)


def say(key: str, **params: object) -> str:
    """A catalogue that shows what it is asked for."""
    return f"{key}{params or ''}"


def bubble(text: str = "hello", **more: object) -> Message:
    """A bubble as the database has it."""
    given: dict[str, object] = {"choices": [], "survey": None, "sender_name": None, "seq": 7, **more}
    return Message(conversation_id=CONVERSATION, text=text, **given)


@given(st.one_of(texts, long_texts))
def test_a_split_text_fits_and_loses_only_space(text: str) -> None:
    pieces = split_text(text)
    assert all(count_units(piece) <= MAX_UNITS for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(long_texts.filter(str.strip))
def test_no_piece_is_empty(text: str) -> None:
    assert all(piece.strip() for piece in split_text(text) if count_units(text) > MAX_UNITS)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=12), st.integers(1, 2**31 - 1))
def test_every_button_comes_back_as_the_choice_it_was(labels: list[str], seq: int) -> None:
    choices = [{"value": f"v{index}", "label": label} for index, label in enumerate(labels)]
    [part] = render(bubble(choices=choices, seq=seq), say)
    buttons = [button for row in part.rows for button in row]
    assert [label for label, _data in buttons] == labels
    assert [read_button(data) for _label, data in buttons] == [
        Press(CONVERSATION, seq, index) for index in range(len(labels))
    ]
    assert all(len(data.encode()) <= 64 for _label, data in buttons)


@given(st.text(max_size=64))
def test_any_data_is_a_button_or_none(data: str) -> None:
    assert read_button(data) is None or isinstance(read_button(data), Press | Rating)


@given(st.lists(st.integers(1, 5), max_size=2))
def test_a_rating_carries_what_was_given_before(marks: list[int]) -> None:
    part = render_rating(CONVERSATION, tuple(marks), say)
    pressed = [read_button(data) for row in part.rows for _label, data in row]
    assert pressed == [Rating(CONVERSATION, (*marks, mark)) for mark in range(1, 6)]


def test_with_all_ratings_there_is_nothing_left_to_press() -> None:
    assert render_rating(CONVERSATION, (5,) * len(RATED), say).rows == ()


def test_a_person_is_named_and_a_survey_has_a_question_of_its_own() -> None:
    [named] = render(bubble("good day", sender_name="Lin"), say)
    assert named.text == "Lin:\ngood day"
    asked, rating = render(bubble(survey={"id": str(CONVERSATION), "ticket": "SW-1"}), say)
    assert asked.text == "hello"
    assert rating.rows
    [comment] = render(bubble(survey={"id": str(CONVERSATION), "comment": True}), say)
    assert comment.wants_reply
