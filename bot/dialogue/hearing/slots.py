"""How an answer fills the slot that was asked for."""

import re
from collections.abc import Callable
from typing import Any

from bot.dialogue.flows.contact import read_email
from bot.dialogue.hearing import order_words, words
from bot.dialogue.hearing.counts import read_count
from bot.dialogue.hearing.goods_state import told_state
from bot.dialogue.hearing.order_slots import ORDER_SLOTS, read_order_slot
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.told_words import told_defects
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.records import Heard
from bot.nlu.reading import Entity, Reading


def read_slot(slot: str, heard: Heard | None, reading: Reading | None = None) -> dict[str, Any]:
    """Return what the answer gives for a slot (several values for an order: number and digits), or {}.

    The order is read from the reading's entities; give the reading alone where nothing was asked.
    """
    if slot == "order":
        return _read_order(heard.reading if heard else reading)
    if heard is not None and slot in ORDER_SLOTS:
        return read_order_slot(slot, heard)
    if heard is None or slot not in _PARSERS:
        return {}
    value = _PARSERS[slot](heard)
    return {} if value is None else {slot: value}


def _read_order(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {}
    # Of several orders the first is taken up first; a correction means the last.
    entities = reading.entities if words.corrected(reading.text) else reversed(reading.entities)
    found = {entity.name: entity.value for entity in sorted(entities, key=_is_bare_proof)}
    values = {"order": found.get("order_number"), "digits": found.get("phone_digits")}
    return {name: value for name, value in values.items() if value is not None}


def _is_bare_proof(entity: Entity) -> bool:
    """Four digits by themselves prove an order rather than those of a whole number, which may be a new one."""
    return entity.name == "phone_digits" and entity.end - entity.start <= _PROOF_LENGTH


def orders_in(reading: Reading | None) -> list[str]:
    """Return the orders that a sentence names, each once; of a correction only the last, which is meant."""
    named = [entity.value for entity in reading.entities if entity.name == "order_number"] if reading else []
    found = list(dict.fromkeys(named))
    return found[-1:] if reading and words.corrected(reading.text) else found


def _read_yes_no(heard: Heard) -> str | None:
    if words.is_yes(heard.text):
        return "yes"
    return "no" if words.is_no(heard.text) else None


def _read_looked(heard: Heard) -> str | None:
    return "yes" if words.names(order_words.LOOKED, heard.text) else _read_yes_no(heard)


def _read_intact(heard: Heard) -> str | None:
    """Whether goods are as they should be; who does not know is not guessed at."""
    state = told_state(heard.text)
    if state or _tells_wear(heard):
        return state or "no"
    if words.names(_INTACT, heard.text):
        return "yes"
    return "unsure" if words.names(words.UNKNOWN, heard.text) else _read_yes_no(heard)


def reads_intact(heard: Heard) -> bool:
    """Tell whether an answer says, unasked, that the goods are as they should be."""
    return words.names(_INTACT, heard.text) and not _tells_wear(heard)


def _tells_wear(heard: Heard) -> bool:
    return _WORN.search(_UNWORN.sub(" ", plain(heard.text))) is not None


def _read_reason(heard: Heard) -> str | None:
    defects = told_defects(heard.text, heard.reading.entities) if heard.reading else []
    answered = next((reason for reason, pattern in _CAUSES.items() if words.names(pattern, heard.text)), None)
    return answered or reason_in(heard.text, defects=defects)


def _read_remedy(heard: Heard) -> str | None:
    return remedy_in(heard.text)


def _read_photo(heard: Heard) -> str | None:
    return "none" if words.names(_NO_PHOTO, heard.text) or words.is_no(heard.text) else None


def _read_count(heard: Heard) -> str | None:
    return read_count(heard.text)


def _read_variant(heard: Heard) -> str | None:
    if words.names(_SAME, heard.text) or words.is_yes(heard.text):
        return "same"
    return heard.text.strip() if words.names(_ANOTHER, heard.text) or _names_variant(heard.reading) else None


def _names_variant(reading: Reading | None) -> bool:
    return reading is not None and any(entity.name in {"size", "colour"} for entity in reading.entities)


def _read_day(heard: Heard) -> str | None:
    dates = [entity.value for entity in heard.reading.entities if entity.name == "date"] if heard.reading else []
    if dates:
        return dates[-1]
    return "any" if words.names(_ANY_DAY, heard.text) else None


def _read_words(heard: Heard) -> str | None:
    """Any words, but those of another request."""
    reading = heard.reading
    elsewhere = reading is not None and not reading.unsure and reading.category in _OTHER_MATTERS
    return None if elsewhere or words.is_small_talk(heard.text) else heard.text.strip() or None


def _read_item(heard: Heard) -> str | None:
    """Which goods, in any words; a remedy by its name is none of them."""
    bare = len(heard.text.strip()) <= _BARE_WISH and remedy_in(heard.text) is not None
    return None if bare or told_state(heard.text) else _read_words(heard)


def _read_detail(heard: Heard) -> str | None:
    """What is wrong, in any words: a name embroidered wrongly sounds like an order to be changed."""
    reading = heard.reading
    asks = reading is not None and not reading.unsure and reading.category in _OTHER_MATTERS
    elsewhere = asks and words.names(words.QUESTION, heard.text)
    return None if elsewhere or words.is_small_talk(heard.text) else heard.text.strip() or None


def _read_addition(heard: Heard) -> str | None:
    """More for a case, but no request of its own."""
    reading = heard.reading
    elsewhere = reading is not None and not reading.unsure and reading.intent in _OTHER_REQUESTS
    # "Actually just refund me" changes what the case is about.
    changes = len(heard.text) <= _SHORT_WISH and remedy_in(heard.text) is not None
    return None if elsewhere or changes else _read_words(heard)


_PROOF_LENGTH = 4
_BARE_WISH = 8
_SHORT_WISH = 25
_OTHER_MATTERS = frozenset({"order", "logistics", "complaint", "handoff"})
_OTHER_REQUESTS = frozenset({"after_sales.compensation", "after_sales.installation", "after_sales.refund"})
_UNWORN = re.compile(
    r"(从)?(没|未)有?(怎么)?(穿|用|洗|拆|动|戴|开|剪)过?|没有?(坏|脏|破|污|划|缺|少)|"
    r"\b(never|not|haven'?t|hasn'?t|no) (even |been |really )?"
    r"(worn|wear|used?|washed|opened?|tried|scratch\w*|stain\w*|dirty|broken|damaged)"
)
_WORN = re.compile(
    r"不完好|不完整|坏|有(划痕|污|痕|瑕疵|味)|脏|剪(了|掉)|(?<!试)(洗|穿|用)过|丢了|没(有)?(吊牌|配件|包装)|(吊牌|标签|配件|包装|盒子?)(都|也|已经)?(没|不见)了|弄丢|缺|少了|"
    r"\b(not intact|broken|scratch\w*|stain\w*|dirty|worn|washed|used it|lost the|missing|no tags?|cut off|removed)\b"
)
_INTACT = re.compile(
    r"完好|完整|全新|没(有)?(拆|用|穿|动|开)过?|没(有)?(问题|坏)|都在|都有|只?试(了|穿|过)?|新的|"
    r"\b(intact|unopened|unused|brand new|as new|like new|(never|not|haven'?t|hasn'?t) (been )?(used|worn|opened)|"
    r"only tried|tried it|still (new|sealed)|fine|complete|perfect)\b"
)
_NO_PHOTO = re.compile(
    r"(没有?|不)(能|法|办法|方便|会|想)?(拍|照|有照)|没有?(照片|图)|拍不了|扔了|"
    r"\b(no (photo|picture|camera)s?|can'?t (take|send)|cannot (take|send)|don'?t have (a |any )?(photo|picture)s?|"
    r"threw it)\b"
)
_SAME = re.compile(r"一样|同样|原样|同款|不变|\b(same|identical|like it was)\b")
_ANOTHER = re.compile(
    r"[大小]一?(码|号)|别的|其他|另|换个|\b(bigger|larger|smaller|another|other|different|size up|size down)\b"
)
_ANY_DAY = re.compile(
    r"都(行|可以|好)|随便|随时|任何|尽快|越快越好|周末|上午|下午|晚上|"
    r"\b(any ?(day|time)|whenever|as soon as|asap|soonest|weekends?|mornings?|afternoons?|evenings?)\b"
)
# Answers to how it came to be broken.
_CAUSES = {
    "damaged_in_transit": re.compile(
        r"(?<!不是)((快递|物流|运输|运送|配送|送货)[^，,。]{0,8}|(?<!我在)(?<!我)(路上|途中)[^，,。我]{0,8})(弄|摔|压|搞|砸|磕|撞|的锅|的错|的问题)|"
        r"收到(就|时|的时候)|到手就|来就|一开始|拆开|打开就|"
        r"\b(courier|carrier|driver|in transit|on the way|delivery (man|guy|person))\b|"
        r"\b(arrived|(it|they) came (like|that|so|broken)|like that when|"
        r"when it came|already|from the start|on arrival|out of the box|when i opened)\b"
    ),
    "accidental_damage": re.compile(
        r"不小心|自己(弄|摔|碰)|我弄|摔|后来弄|\b(accident\w*|i (did|broke|dropped)|my fault|dropped|afterwards)\b"
    ),
    "functional_defect": re.compile(
        r"用着|自己(坏|裂|断)|正常(使)?用|用了|突然|"
        r"\b(by itself|on its own|normal use|while using|suddenly|just (stopped|broke))\b"
    ),
}  # fmt: skip

_PARSERS: dict[str, Callable[[Heard], str | None]] = {
    "confirm": _read_yes_no,
    "looked": _read_looked,
    "intact": _read_intact,
    "reason": _read_reason,
    "remedy": _read_remedy,
    "photo": _read_photo,
    "variant": _read_variant,
    "variant_detail": _read_words,
    "day": _read_day,
    "detail": _read_detail,
    "addition": _read_addition,
    "item": _read_item,
    "count": _read_count,
    "mail_to": read_email,
}
