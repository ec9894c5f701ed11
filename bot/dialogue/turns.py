"""What a turn is about, and the conversation's state with what was heard taken in."""

from dataclasses import dataclass
from enum import StrEnum

from bot.dialogue.state import State


class Turn(StrEnum):
    """What this turn is about."""

    FLOW = "flow"
    UNHEARD = "unheard"  # the asked slot was not in the answer: ask again
    STALE_CHOICE = "stale_choice"
    START_OVER = "start_over"
    SMALL_TALK = "small_talk"
    WELCOME = "welcome"
    HOLD_ON = "hold_on"
    DECLINED = "declined"
    TURNED_DOWN = "turned_down"  # an invoice, say, is not wanted
    UNREADABLE = "unreadable"  # a voice message, say
    NOTHING_SAID = "nothing_said"  # a text without a word
    ASKED_AFTER = "asked_after"  # a question about what is offered, and no choice of it
    UNSURE = "unsure"
    PHOTO = "photo"
    COMMAND = "command"
    FAQ = "faq"  # a button under an answer of the FAQ, or under its suggestions
    ANSWERED = "answered"  # the FAQ has an answer, whatever else might be asked
    DELAY = "delay"  # a command that the shop has not answered for a while
    KEPT = "kept"  # another matter, told in between: it is come to after this one
    LOOKUP = "lookup"  # the shop answers again: a request that had to wait is taken up


@dataclass(frozen=True)
class Route:
    """The conversation's state with what was heard taken in, and what the turn is about.

    `corrects`: the customer meant something else than was understood. `notes`: more was told, not what was asked.
    `apart`: it is a matter of its own, told in between. `chosen`: the FAQ's button that was pressed or named. `before`:
    the intent whose flow the FAQ's answer goes before. `listed`: how many wishes a list has, 0 for anything else.
    """

    turn: Turn
    state: State
    interrupted: bool = False
    corrects: bool = False
    chosen: str | None = None
    notes: bool = False
    apart: bool = False
    before: str | None = None
    listed: int = 0
