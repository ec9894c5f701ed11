"""A message that may hold several requests, cut where one may end and the next begin. Pure; runs in both environments.

What each part asks for is the model's to say; here stands which parts there are, which were joined on as something
more ("另外", "also"), and which intents are one and the same request in other words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.nlu.entities import find_entities

_JOINED = (
    r"(?:另外|还有就是|還有就是|还有|還有|顺便|順便|以及|再就是|对了|對了)"
    r"|\b(?:and also|also|another thing|by the way|besides|secondly|plus)\b"
)
# Mostly another detail of the same; a second request only where it is one of another kind, or of other goods.
_ADDED = r"(?:而且|并且|並且|再加上)"
_END = re.compile(
    r"[。！？!?;；\n]+|\.\s+|[，,、 ](?=[^，,、。 ]{1,10}也)"
    r"|,?\s+and\s+(?=(?:the|my|i|i'm|i've|can|could|please|where|when|why)\b)"
    rf"|(?P<joined>{_JOINED})|(?P<added>{_ADDED})",
    re.IGNORECASE,
)
# Goods or parcels that are not the ones just spoken of.
_OTHERS = re.compile(
    r"(?:(?:另外?|还有|還有|其[他它余餘]|第二|别的|別的)(?:的?[一两兩几幾]?[个個件单單双雙台款包箱样樣批]|的)"
    r"|\b(?:another|(?:the|my) (?:other|second)|a (?:different|second))\b)"
    # "Another thing", "还有一个问题": of something else, not of other goods.
    r"(?!\s*(?:事|小?问题|小?問題|疑问|疑問|点|點|thing|question|issue|point|matter))",
    re.IGNORECASE,
)
_LOOK_AT = 1000
_SHORTEST = 4
_MOST = 6

# Intents of one category that are one request in other words: a second one beside the first is no second request.
_SAME = (
    frozenset({
        "logistics.tracking", "logistics.delivery_delay", "logistics.delivery_eta", "logistics.urge_delivery",
        "logistics.not_received",
    }),
    frozenset({"logistics.not_received", "logistics.lost_or_signed_not_received"}),
    frozenset({"logistics.courier_behaviour", "logistics.courier_contact"}),
    frozenset({"logistics.reschedule", "logistics.delivery_instruction"}),
    frozenset({"order.status", "order.dispatch_delay"}),
    frozenset({"order.payment", "order.exception"}),
    frozenset({
        "quality.functional_defect", "quality.poor_quality", "quality.damaged", "quality.fake_or_used",
    }),
    frozenset({"after_sales.return", "after_sales.refund", "after_sales.after_sales_service"}),
)  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A part of a message. `is_joined`: said to be something more; `is_elsewhere`: of other goods or another parcel.

    `is_added`: joined on by a word that rather goes on about the same ("而且").
    """

    text: str
    is_joined: bool
    is_elsewhere: bool
    is_added: bool = False


def split_clauses(text: str) -> list[Clause]:
    """Return the clauses of a text that may hold several requests; nothing for a text of one."""
    clauses, named = list[Clause](), set[str]()
    for part, whole, joint in _cut(text[:_LOOK_AT]):
        is_joined = joint is not None
        goods = {entity.value for entity in find_entities(part) if entity.name == "product"} if is_joined else set()
        is_elsewhere = is_joined and (bool(goods - named) or _OTHERS.search(whole) is not None)
        named |= goods or {entity.value for entity in find_entities(part) if entity.name == "product"}
        clauses.append(Clause(part, is_joined, is_elsewhere, is_added=joint == "added"))
    return clauses[:_MOST] if len(clauses) > 1 else []


def is_one_request(first: str, second: str) -> bool:
    """Whether two intents of one category ask for the same."""
    return first == second or any({first, second} <= same for same in _SAME)


def _cut(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield each clause, the same with the word that joins it on, and how: "joined", "added", or None."""
    start, begun, joint = 0, 0, None
    for end in (*_END.finditer(text), None):
        part = text[start : end.start() if end else len(text)].strip(" ,，、")
        if len(part) >= _SHORTEST:
            yield part, text[begun : end.start() if end else len(text)], joint
            joint = None
        if end:
            begun = begun if joint else end.start()
            # What is more is more, however it goes on: "而且还有".
            joint = "joined" if end["joined"] or joint == "joined" else "added" if end["added"] else joint
            start = end.end()
