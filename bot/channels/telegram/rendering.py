"""How a bubble looks on Telegram: parts that fit, buttons that carry what they stand for. Pure.

Telegram allows 4096 UTF-16 units a message and 64 bytes a button, so a button names its bubble (conversation and
number) and its place there; what it offers is read from the database.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bot.models import Message

MAX_UNITS = 4000
_SHORT_LABEL = 16
_MARKS = "12345"
RATED = ("outcome", "service", "process")

Say = Callable[..., str]
Rows = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Part:
    """One message of Telegram's: text, rows of (label, data or address) buttons, and whether a reply is asked for."""

    text: str
    rows: Rows = ()
    wants_reply: bool = False


@dataclass(frozen=True)
class Press:
    """A button of a bubble: the choice at `index`."""

    conversation_id: UUID
    seq: int
    index: int


@dataclass(frozen=True)
class Rating:
    """A button of a survey; `marks` are those given so far, this one included."""

    survey_id: UUID
    marks: tuple[int, ...]


def render(message: Message, say: Say, *, page: str | None = None) -> list[Part]:
    """Return the parts of a bubble, in order; its buttons are below the last.

    `say(key)` writes in its language; `page` is the address of the survey's page, for a bubble that asks how it went.
    """
    said = f"{message.sender_name}:\n{message.text}" if message.sender_name else message.text
    texts = split_text(said)
    survey = message.survey or {}
    if survey.get("comment"):
        return [*map(Part, texts[:-1]), Part(texts[-1], wants_reply=True)]
    parts = [*map(Part, texts[:-1]), Part(texts[-1], _choice_rows(message))]
    if not survey:
        return parts
    ask = render_rating(UUID(survey["id"]), (), say)
    on_page = (((say("telegram.rate.page"), page),),) if page else ()
    return [*parts, replace(ask, rows=(*ask.rows, *on_page))]


def render_rating(survey_id: UUID, marks: tuple[int, ...], say: Say) -> Part:
    """Return the question for the next of the three ratings; with all three there is nothing left to press."""
    given = [f"{say(f'telegram.rate.{name}')}: {'★' * mark}" for name, mark in zip(RATED, marks, strict=False)]
    if len(marks) == len(RATED):
        return Part("\n".join(given))
    ask = say("telegram.rate.ask", what=say(f"telegram.rate.{RATED[len(marks)]}"))
    so_far = "".join(map(str, marks))
    row = tuple((f"{mark} ★", f"r:{_short(survey_id)}:{so_far}{mark}") for mark in _MARKS)
    return Part("\n".join([*given, ask]), (row,))


def read_button(data: str) -> Press | Rating | None:
    """Return what a button stands for, or None for one that is not ours."""
    try:
        kind, where, rest = data.split(":", 2)
        whose = UUID(bytes=base64.urlsafe_b64decode(where + "=="))
        if kind == "r":
            marks = tuple(int(mark) for mark in rest if mark in _MARKS)
            return Rating(whose, marks) if 0 < len(marks) == len(rest) <= len(RATED) else None
        seq, index = (int(number) for number in rest.split(":"))
    except ValueError:
        return None
    return Press(whose, seq, index) if kind == "c" and 0 < seq < 2**31 and 0 <= index < 2**31 else None


def split_text(text: str) -> list[str]:
    """Cut a text into pieces that fit, at line ends where there are any, then at spaces; nothing is lost but those."""
    pieces = []
    while count_units(text) > MAX_UNITS:
        end = _fitting(text)
        cut = max(text.rfind("\n", 0, end), text.rfind(" ", 0, end))
        cut = cut if cut > end // 2 else end
        pieces.append(text[:cut].rstrip() or text[:cut])
        text = text[cut:].lstrip(" \n") if text[cut:].strip() else ""
    return [*pieces, text] if text or not pieces else pieces


def count_units(text: str) -> int:
    """Return the length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _fitting(text: str) -> int:
    """How many characters fit; a character outside the basic plane counts twice."""
    end = min(len(text), MAX_UNITS)
    while count_units(text[:end]) > MAX_UNITS:
        end -= max(1, (count_units(text[:end]) - MAX_UNITS) // 2)
    return end


def _choice_rows(message: Message) -> Rows:
    buttons = [
        (choice["label"], f"c:{_short(message.conversation_id)}:{message.seq}:{index}")
        for index, choice in enumerate(message.choices)
    ]
    wide = any(len(label) > _SHORT_LABEL for label, _data in buttons)
    return _in_rows(buttons, 1 if wide else 2)


def _in_rows(buttons: Sequence[tuple[str, str]], per_row: int) -> Rows:
    return tuple(tuple(buttons[start : start + per_row]) for start in range(0, len(buttons), per_row))


def _short(one: UUID) -> str:
    return base64.urlsafe_b64encode(one.bytes).decode().rstrip("=")
