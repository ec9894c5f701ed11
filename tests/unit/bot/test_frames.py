"""The widget's frames: good ones are read, bad ones are told what is wrong with them; nothing else is ever raised."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.frames import (
    MAX_ATTACHMENTS,
    MAX_ID,
    MAX_TEXT,
    ChoiceFrame,
    Frame,
    FrameError,
    Hello,
    MessageFrame,
    ReadFrame,
    TypingFrame,
    clean_text,
    read_frame,
)

PHOTO = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("type", "id", "text", "attachments", "session", "last_seq", "locale", "identity", "reply_to", "value", "seq")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"type": "hello"}, Hello(None, 0, None, None)),
        (
            {"type": "hello", "session": "s", "last_seq": 7, "locale": "en", "identity": "j"},
            Hello("s", 7, "en", "j"),
        ),
        ({"type": "hello", "last_seq": 2**53 - 1}, Hello(None, 2**31 - 1, None, None)),
        ({"type": "message", "id": "1", "text": "hi"}, MessageFrame("1", "hi", ())),
        ({"type": "message", "id": "1", "text": "hi", "attachments": None}, MessageFrame("1", "hi", ())),
        ({"type": "message", "id": "1", "attachments": [PHOTO]}, MessageFrame("1", "", (UUID(PHOTO),))),
        (
            {"type": "message", "id": "x" * MAX_ID, "text": "长" * MAX_TEXT},
            MessageFrame("x" * MAX_ID, "长" * MAX_TEXT, ()),
        ),
        ({"type": "message", "id": "1", "text": "a\x00b"}, MessageFrame("1", "ab", ())),
        ({"type": "choice", "id": "1", "reply_to": 3, "value": "confirm=yes"}, ChoiceFrame("1", 3, "confirm=yes")),
        ({"type": "typing"}, TypingFrame()),
        ({"type": "read", "seq": 0}, ReadFrame(0)),
        ({"type": "read", "seq": 2, "and": "more"}, ReadFrame(2)),
    ],
)
def test_a_good_frame_is_read(sent: dict[str, Any], read: Frame) -> None:
    """As the widget sends it, with unknown fields left alone."""
    assert read == read_frame(json.dumps(sent))


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("too_long", {"type": "message", "id": "m", "text": "x" * (MAX_TEXT + 1)}),
        ("bad_text", {"type": "message", "id": "m", "text": 7}),
        ("empty", {"type": "message", "id": "m", "text": "  "}),
        ("bad_attachments", {"type": "message", "id": "m", "attachments": ["x"]}),
        ("too_many_attachments", {"type": "message", "id": "m", "attachments": [PHOTO] * (MAX_ATTACHMENTS + 1)}),
        ("bad_reply_to", {"type": "choice", "id": "m", "reply_to": "1", "value": "v"}),
        ("bad_value", {"type": "choice", "id": "m", "reply_to": 1, "value": ""}),
        ("bad_rating", {"type": "survey", "id": "m", "outcome": 6}),
    ],
)
def test_an_error_names_the_message_it_is_about(code: str, sent: dict[str, Any]) -> None:
    """So that the widget can mark that bubble, and no other."""
    with pytest.raises(FrameError) as told:
        read_frame(json.dumps(sent))
    assert (code, "m") == (told.value.code, told.value.frame_id)


@given(st.text() | ANYTHING.map(json.dumps))
def test_any_text_is_a_frame_or_an_error(raw: str) -> None:
    """No text raises anything else."""
    _read_or_refuse(raw)


@given(
    st.sampled_from(["hello", "message", "choice", "read", "survey"]),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
)
def test_any_fields_are_a_frame_or_an_error(kind: str, fields: dict[str, Any]) -> None:
    """Whatever stands in the fields of a known frame."""
    _read_or_refuse(json.dumps({**fields, "type": kind}))


def _read_or_refuse(raw: str) -> None:
    refused: FrameError | None = None
    try:
        assert isinstance(read_frame(raw), Frame)
    except FrameError as error:
        refused = error
    assert refused is None or (refused.code and refused.message.endswith("."))
    assert refused is None or refused.frame_id is None or 0 < len(refused.frame_id) <= MAX_ID


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_clean_text_can_be_stored(text: str) -> None:
    """UTF-8 throughout, without NUL; a text that was clean is unchanged."""
    clean = clean_text(text)
    assert "\x00" not in clean.encode("utf-8").decode("utf-8")
    assert clean == clean_text(clean)
