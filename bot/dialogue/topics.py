"""What is being talked about, in a few words: by its intent where that has a name, else by its category."""

from actions.lines import Line
from bot.dialogue.flows.table import is_known
from bot.dialogue.hearing import order_words, words
from bot.dialogue.outcome import line
from bot.nlu.reading import CATEGORIES

_CHANGE = "order.change"


def topic_of(intent: str, said: str = "") -> Line:
    """Return the words for what a request is about; `said` tells an address from whatever else may be changed."""
    if intent == _CHANGE and words.names(order_words.ADDRESS, said):
        return line("topic.order.change_address")
    if "." in intent and is_known(intent):
        return line(f"topic.{intent}")
    category = intent.partition(".")[0]
    return line(f"topic.{category if category in CATEGORIES else 'out_of_scope'}")
