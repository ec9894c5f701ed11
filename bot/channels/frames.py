"""The widget's frames: what may come in, checked; every fault has a code and a sentence that says what to do."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from escalation.survey import Ratings

MAX_TEXT = 4000
MAX_ID = 80
MAX_ATTACHMENTS = 6
MAX_FRAME_BYTES = 4 * 1024 * 1024
# The largest number that the database counts to.
_MOST = 2**31 - 1


class FrameError(ValueError):
    """A frame that cannot be taken. `code` is for programs, the message for people; the socket stays open."""

    def __init__(self, code: str, message: str, frame_id: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.frame_id = code, message, frame_id


@dataclass(frozen=True)
class Hello:
    """The first frame of a socket."""

    session: str | None
    last_seq: int
    locale: str | None
    identity: str | None
    time_zone: str | None = None


@dataclass(frozen=True)
class MessageFrame:
    """What the customer wrote; `id` is the widget's own, kept over reconnects."""

    id: str
    text: str
    attachments: tuple[UUID, ...]


@dataclass(frozen=True)
class ChoiceFrame:
    """A button of the message numbered `reply_to`."""

    id: str
    reply_to: int
    value: str


@dataclass(frozen=True)
class TypingFrame:
    """The customer is typing."""


@dataclass(frozen=True)
class ReadFrame:
    """The customer has seen everything up to `seq`."""

    seq: int


@dataclass(frozen=True)
class SurveyFrame:
    """How it went: ratings, whether it is solved, words. `survey`: which one it answers, None for the newest."""

    id: str
    survey: UUID | None
    ratings: Ratings


Frame = Hello | MessageFrame | ChoiceFrame | TypingFrame | ReadFrame | SurveyFrame


def read_frame(raw: str) -> Frame:
    """Return the frame in a text; raises FrameError."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise FrameError("not_json", "A frame must be one JSON object.") from None
    if not isinstance(data, dict):
        raise FrameError("not_an_object", 'A frame must be a JSON object with a "type".')
    try:
        return _READERS[data["type"]](data)
    except (KeyError, TypeError):
        raise FrameError("unknown_type", f'"type" must be one of: {", ".join(_READERS)}.') from None


def _read_hello(data: dict[str, Any]) -> Hello:
    last_seq = data.get("last_seq", 0)
    if not isinstance(last_seq, int) or isinstance(last_seq, bool) or last_seq < 0:
        raise FrameError("bad_last_seq", '"last_seq" must be a whole number from 0.')
    return Hello(
        _optional(data, "session"),
        # Beyond the end is legal, however far.
        min(last_seq, _MOST),
        _optional(data, "locale"),
        _optional(data, "identity"),
        _optional(data, "time_zone"),
    )


def _read_message(data: dict[str, Any]) -> MessageFrame:
    frame_id = _required_id(data)
    text = data.get("text", "")
    if not isinstance(text, str):
        raise FrameError("bad_text", '"text" must be a string.', frame_id)
    text = clean_text(text)
    attachments = _attachment_ids(data, frame_id)
    if not text.strip() and not attachments:
        raise FrameError("empty", "Write something or add a photo.", frame_id)
    if len(text) > MAX_TEXT:
        raise FrameError(
            "too_long", f"A message holds at most {MAX_TEXT} characters; this one has {len(text)}.", frame_id
        )
    return MessageFrame(frame_id, text, attachments)


def _read_choice(data: dict[str, Any]) -> ChoiceFrame:
    frame_id = _required_id(data)
    reply_to, value = data.get("reply_to"), data.get("value")
    if not isinstance(reply_to, int) or not _is_count(reply_to):
        raise FrameError("bad_reply_to", '"reply_to" must be the seq of the message with the buttons.', frame_id)
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise FrameError("bad_value", '"value" must be the value of one of the buttons.', frame_id)
    return ChoiceFrame(frame_id, reply_to, value)


def _read_read(data: dict[str, Any]) -> ReadFrame:
    if not _is_count(data.get("seq")):
        raise FrameError("bad_seq", '"seq" must be a whole number from 0.')
    return ReadFrame(data["seq"])


def _read_survey(data: dict[str, Any]) -> Frame:
    frame_id = _required_id(data)
    for name in ("outcome", "service", "process"):
        if data.get(name) is not None and (not _is_count(data[name]) or not 1 <= data[name] <= 5):
            raise FrameError("bad_rating", f'"{name}" must be a whole number from 1 to 5, or null.', frame_id)
    solved, comment = data.get("solved"), data.get("comment") or ""
    if not isinstance(solved, bool | None) or not isinstance(comment, str):
        raise FrameError("bad_rating", '"solved" must be true, false or null, "comment" a string.', frame_id)
    ratings = Ratings(solved, data.get("outcome"), data.get("service"), data.get("process"), clean_text(comment))
    return SurveyFrame(frame_id, _survey_id(data.get("survey") or frame_id), ratings)


def _survey_id(value: object) -> UUID | None:
    """The survey's own id where it is given; a frame may also carry an id of the sender's."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


_READERS: dict[str, Callable[[dict[str, Any]], Frame]] = {
    "hello": _read_hello,
    "message": _read_message,
    "choice": _read_choice,
    "typing": lambda _data: TypingFrame(),
    "read": _read_read,
    "survey": _read_survey,
}


def clean_text(text: str) -> str:
    """Return the text without what no database or screen can hold: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _required_id(data: dict[str, Any]) -> str:
    frame_id = data.get("id")
    if not isinstance(frame_id, str) or not 0 < len(frame_id) <= MAX_ID or clean_text(frame_id) != frame_id:
        raise FrameError("bad_id", f'"id" must be a string of 1 to {MAX_ID} characters, your own and new each time.')
    return frame_id


def _attachment_ids(data: dict[str, Any], frame_id: str) -> tuple[UUID, ...]:
    ids = data.get("attachments") or []
    try:
        parsed = tuple(UUID(one) for one in ids)
    except (ValueError, TypeError, AttributeError):
        raise FrameError(
            "bad_attachments", '"attachments" must be a list of ids of uploaded photos.', frame_id
        ) from None
    if len(parsed) > MAX_ATTACHMENTS:
        raise FrameError("too_many_attachments", f"A message holds at most {MAX_ATTACHMENTS} photos.", frame_id)
    return parsed


def _optional(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > 4096):
        raise FrameError(f"bad_{name}", f'"{name}" must be a string or null.')
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
