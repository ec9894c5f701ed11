"""Whether a text answers the open question of a flow, and what it gives: by its slot, and by what was offered. Pure."""

import re
from typing import Any

from bot.dialogue.flows.billing import read_invoice
from bot.dialogue.flows.table import flow_named, intent_by_words
from bot.dialogue.hearing import words
from bot.dialogue.hearing.few_words import LONGEST, says_only
from bot.dialogue.hearing.gibberish import says_nothing
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.slots import read_slot, reads_intact
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame, State
from bot.security.masking import mask_sensitive

# Questions that any words answer, but those that plainly begin something else.
_OPEN = frozenset({"addition", "detail", "item", "variant_detail"})

# Names and addresses that ask nothing: "how long will it take?" is no company's name.
_NO_QUESTION = frozenset({"addition", "note", "tax_number"})
# They may begin like a question: "May Flower Ltd", "When I opened the door he threw it at me".
_HARDLY_QUESTION = frozenset({"title", "recipient", "address", "happened"})
# No year and no sum.
_FOUR_DIGITS = re.compile(r"(?<![0-9a-z.#¥$-])[0-9]{4}(?![0-9a-z]|[.-][0-9]|[年元块]| ?(?:yuan|rmb)\b)")
# Politeness before a question is no yes to what cannot be undone.
_POLITE = frozenset({"好", "好的", "嗯", "可以", "行", "ok", "okay"})
# When the money comes, and what it costs; anything else asked behind a yes or no is a matter of its own.
_AFTER_CANCELLING = re.compile(
    r"退|到账|[钱费]|\b(money|refund\w*|fees?|charged?|cost\w*|how (long|soon) (does|will|would) (it|that|this))\b"
)
_TO_WHOM = r"(开|就|我们?|要|给|是|写){0,2}"
_WILL_DO = r"(的|名义|抬头)?(就?(行|好|可以|算))?(了|吧|啊|谢谢){0,2}"
_KINDS = {
    "personal": (re.compile(rf"{_TO_WHOM}(个人|私人|本人){_WILL_DO}"),
                 re.compile(r"(for )?(me|myself|personal|private|individual|a person)( please| one)?")),
    "company": (re.compile(rf"{_TO_WHOM}(公司|企业|单位){_WILL_DO}"),
                re.compile(r"(for )?((a|my|the|our) )?(company|business|firm|employer)( please| one)?")),
}  # fmt: skip


def fill_asked(state: State, frame: Frame, heard: Heard) -> dict[str, Any]:
    """Return what a text gives for the slot that was asked for, or {} where it is no answer."""
    if _is_no_answer(frame, heard):
        return {}
    filled = _read_answer(frame, heard)
    match frame.asking:
        case "addition" if filled or words.is_no(heard.text):
            told = "" if words.is_no(heard.text) else mask_sensitive(heard.text.strip())
            return {"addition": told, "addition_photos": heard.photos}
        case "remedy":
            return _fill_remedy(state, heard, filled)
        case "reason" if not filled and reads_intact(heard) and _only_tells(heard.text):
            return {"reason": "no_reason", "intact": "yes"}
        case "order" if not filled:
            return _fill_order(state, frame, heard)
    return filled


def _only_tells(text: str) -> bool:
    """Tell whether a text asks nothing, and for nothing: "a new one" is no word on the goods' state."""
    return remedy_in(text) is None and not words.is_question(text)


def invoice_kind_in(text: str) -> str | None:
    """Return for whom an invoice is, where a text says nothing else."""
    return next((kind for kind, only in _KINDS.items() if says_only(text, *only)), None)


def digits_in(text: str) -> str | None:
    """Return the four digits that an answer has beside a few words ("it's 2330, thanks"), or None."""
    found = all_digits_in(text)
    return found[0] if len(found) == 1 else None


def all_digits_in(text: str) -> tuple[str, ...]:
    """Return each four digits that a short answer has."""
    return tuple(_FOUR_DIGITS.findall(plain(text))) if len(text) <= LONGEST else ()


def _read_answer(frame: Frame, heard: Heard) -> dict[str, Any]:
    kind = invoice_kind_in(heard.text) if frame.flow == "invoice" else None
    if kind:
        return {"invoice_kind": kind}
    answered = read_slot(frame.asking or "", heard) or _read_about_cancelling(frame, heard.text)
    return _read_of_invoice(heard.text) | answered if frame.flow == "invoice" else answered


def _read_of_invoice(text: str) -> dict[str, Any]:
    """Return what an answer tells of an invoice beside what was asked: its number, title, or where to send it."""
    told = read_invoice(text, None)
    return {name: told[name] for name in ("title", "tax_number", "email") if told[name]}


def _is_no_answer(frame: Frame, heard: Heard) -> bool:
    """Tell whether a text asks something, or is about another matter, where any words could be the answer."""
    asks = (frame.asking in _NO_QUESTION and words.is_question(heard.text)) or (
        frame.asking in _HARDLY_QUESTION and words.asks_plainly(heard.text)
    )
    return asks or (frame.asking in _OPEN and _is_elsewhere(frame, heard))


def _is_elsewhere(frame: Frame, heard: Heard) -> bool:
    """Tell whether words are no answer to a question that any words answer: another matter, another order, none."""
    if intent_by_words(heard.text, heard.reading) or says_nothing(heard.text):
        return True
    own, named = frame.slots.get("order"), read_slot("order", heard).get("order")
    return frame.asking == "addition" and named is not None and own not in {None, "none", named}


def _read_about_cancelling(frame: Frame, text: str) -> dict[str, Any]:
    """Read "not yet" and "cancel it after all" as the answers they are to "shall I cancel it?"."""
    if (frame.flow, frame.asking) != ("cancel", "confirm"):
        return {}
    first, asked = words.split_question(text)
    behind = _read_cancelling(first) if words.names(_AFTER_CANCELLING, asked) else {}
    return behind or _read_cancelling(text)


def _read_cancelling(text: str) -> dict[str, Any]:
    if text and plain(text).strip() not in _POLITE and (words.is_yes(text) or words.is_no(text)):
        return {"confirm": "yes" if words.is_yes(text) else "no"}
    if words.names(words.CANCEL_AFTER_ALL, text) or words.names(words.YES_CANCEL, text):
        return {"confirm": "yes"}
    return {"confirm": "no"} if words.names(words.NOT_CANCEL, text) or words.names(words.RESTORE, text) else {}


def _fill_remedy(state: State, heard: Heard, filled: dict[str, Any]) -> dict[str, Any]:
    """A remedy by its name, or "yes" to the only one offered."""
    if filled and not words.asks_after_offer(heard.text):
        return {"remedy": as_offered(filled["remedy"], state.offered)}
    offered = [value.removeprefix("remedy=") for value in state.offered if value.startswith("remedy=")]
    return {"remedy": offered[0]} if words.is_yes(heard.text) and len(offered) == 1 else {}


def _fill_order(state: State, frame: Frame, heard: Heard) -> dict[str, Any]:
    """An order without its number: "yes" to the only one offered, or none where the flow can do without."""
    offered = _orders_in(state.offered)
    digits = digits_in(heard.text)
    if digits and frame.slots.get("order") not in {None, "none"}:
        return {"digits": digits}
    if words.is_yes(heard.text) and len(offered) == 1:
        return {"order": offered[0]}
    optional = flow_named(frame.flow).order_optional
    has_none = words.names(words.SKIP, heard.text) and not words.names(words.HOLD_ON, heard.text)
    return {"order": "none"} if optional and has_none else {}


def _orders_in(offered: tuple[str, ...]) -> list[str]:
    return [value.removeprefix("order=") for value in offered if value.startswith("order=") and value != "order=none"]


def as_offered(remedy: str, offered: tuple[str, ...]) -> str:
    """Whoever is offered a refund and says "return" means it, and the other way round."""
    same = {"return": "refund", "refund": "return"}.get(remedy, remedy)
    return same if f"remedy={remedy}" not in offered and f"remedy={same}" in offered else remedy
