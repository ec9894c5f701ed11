"""One short question when a sentence can mean several things: its likeliest categories as buttons, and a person."""

from bot.dialogue.outcome import PERSON, say, start
from bot.dialogue.records import Choice, Say
from bot.nlu.reading import Reading

# The flow that a button for a whole category begins.
_FIRST_INTENT = {
    "order": "order.status",
    "logistics": "logistics.tracking",
    "quality": "quality.functional_defect",
    "after_sales": "after_sales.return",
    "complaint": "complaint.complaint",
}
_MOST = 3


def ask_what_is_meant(reading: Reading | None) -> Say:
    """Return the question, likeliest category first."""
    ranked = [intent.split(".")[0] for intent, _ in reading.ranking] if reading else []
    likely = [category for category in dict.fromkeys((*ranked, *_FIRST_INTENT)) if category in _FIRST_INTENT]
    return say("unsure.ask", *(_button(category) for category in likely[:_MOST]), PERSON)


def _button(category: str) -> Choice:
    return start(_FIRST_INTENT[category], f"choice.about_{category}")
