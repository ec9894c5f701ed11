"""Something wrong with other goods, told while the first are being talked about: a matter of its own. Pure."""

import re

from bot.dialogue.flows.table import flow_for, flow_named
from bot.dialogue.hearing import words
from bot.dialogue.hearing.listening import listen
from bot.dialogue.hearing.reason_words import intent_of
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame

_ALSO = re.compile(r"也|还有|另外|而且|同样|\b(too|also|as well|another|besides|plus)\b")
# What belongs to goods of any kind.
_BELONGINGS = frozenset({"battery", "cable", "charger", "gift_box", "packaging_box", "remote_control"})
_GOODS = "quality.functional_defect"
_OF_WHAT_CAME = frozenset({"missing_item", "wrong_item"})
# Of an order, or of its item, nothing is settled yet.
_WHICH = frozenset({"item", "order"})


def tells_of_other_item(frame: Frame, heard: Heard) -> bool:
    """Tell whether a sentence tells what is wrong with other goods than those that a flow is about.

    A correction is about the same; so is what names no goods. Where it was never said which goods the flow is about,
    and where the wrong ones came, only "also" makes others of them.
    """
    told = listen(heard.text, heard.reading)
    reason, products = told.get("reason"), frozenset(told.get("products", ())) - _BELONGINGS
    if not _is_of_goods(frame) or not products or not (reason or "unexplained" in told):
        return False
    if words.corrected(heard.text) is not None or words.names(words.QUESTION, heard.text):
        return False
    known = frozenset(frame.slots.get("products", ()))
    if known & products or frame.asking in _WHICH - ({"order"} if known else frozenset()):
        return False
    plain = known and "wrong_item" not in {reason, frame.slots.get("reason")}
    return bool(plain) or words.names(_ALSO, heard.text)


def tells_of_another_matter(frame: Frame, heard: Heard) -> bool:
    """Tell whether goods are named for the first time, and what is wrong with them is not what a flow was about."""
    told = listen(heard.text, heard.reading)
    reasons = {told.get("reason"), frame.slots.get("reason")}
    unlike = len(reasons) > 1 and None not in reasons and bool(reasons & _OF_WHAT_CAME)
    return unlike and bool(told.get("products")) and not frame.slots.get("products")


def _is_of_goods(frame: Frame) -> bool:
    return frame.flow == "addition" or flow_named(frame.flow) is flow_for(_GOODS)


def intent_of_other_item(heard: Heard) -> str:
    """Return what a sentence about other goods begins."""
    reading, goods = heard.reading, flow_for(_GOODS)
    if reading is not None and not reading.unsure and flow_for(reading.intent) is goods:
        return reading.intent
    return intent_of(heard.text, listen(heard.text, reading).get("defects", ())) or _GOODS
