"""A message that makes sense only in its conversation: "还没到", "still nothing", "and the other one?". Pure.

What such words mean is asked of the model first. The topic decides where the model is unsure, and where the words by
themselves say nothing at all. The reading says so.
"""

import re
from dataclasses import replace

from bot.nlu.normalise import normalise
from bot.nlu.reading import Reading

# So likely the topic's own intents must be, together, for it to be meant.
_LIKELY = 0.2
_TOPICS = frozenset({"order", "logistics", "quality", "after_sales", "complaint"})
_MARKS = re.compile(r"[\s,，.。!！?？~、…]+")
# Words that point at something said before, and name no thing of their own.
_BARE = re.compile(
    r"(?:那|还有|那么)*(?:另外?|其[他它余]|别的|剩下的?|第二|下一?)(?:一)?[个件单双台款包箱样些的]*(?:呢|怎么[样办弄]|咋[办弄样])?"
    r"|(?:那|这|那个|这个)?(?:怎么|咋|要怎么|该怎么)(?:弄|办|处理|整|搞)(?:呢|啊|呀|的)?"
    r"|(?:怎么|到现在|都|我)*(?:还是?)(?:没|没有|未)有?(?:到|来|好|弄好|处理|动静|消息|结果|反应|下文)(?:呢|啊|吗|呀|啦|了)*"
    r"|(?:有|有没有)?(?:消息|结果|进展|下文)(?:了)?(?:吗|没|没有|呢)?|(?:还要|要|得)?(?:等)?多久(?:呢|啊|呀)?|怎么样了|好了吗|好了没"
    r"|(?:and )?(?:(?:what|how) about )?(?:the|my) (?:other|second|next|rest|others)(?: ones?)?"
    r"|(?:how do i do|what about) (?:that|this|it)|what do i do"
    r"|(?:and )?still (?:nothing|not|no|none|waiting)(?: yet| here| so far| (?:news|update|reply|answer))?"
    r"|not yet|nothing yet|any (?:news|updates?)(?: yet)?|how (?:much )?longer?|how long will it take"
)


def read_in_context(reading: Reading, topic: str | None, request: str | None = None) -> Reading:
    """Return a reading that says too little by itself as one about the conversation's topic.

    `topic` is the category of the conversation's last request, `request` its intent; None at the beginning.
    """
    if topic not in _TOPICS:
        return reading
    about = [(intent, share) for intent, share in reading.ranking if intent.partition(".")[0] == topic]
    likely = sum(share for _, share in about)
    if is_bare(reading.text) and _yields(reading.category, topic):
        intent = _choose(about, request if request and request.partition(".")[0] == topic else None)
    elif reading.unsure and likely >= _LIKELY:
        intent = _choose(about, None)
    else:
        intent = None
    if intent is None:
        return reading
    return replace(
        reading, intent=intent, category=topic, confidence=min(likely, 1.0), unsure=False, context=topic
    )  # fmt: skip


def is_bare(text: str) -> bool:
    """Whether a text points at something said before and names nothing itself."""
    return _BARE.fullmatch(_MARKS.sub(" ", normalise(text[:80]).lower()).strip()) is not None


def _yields(category: str, topic: str) -> bool:
    """Whether bare words of this category may be about the topic: what has not come may be money or new goods too."""
    return category not in _TOPICS or category == topic or (category, topic) == ("logistics", "after_sales")


def _choose(about: list[tuple[str, float]], request: str | None) -> str | None:
    """Return the request that goes on, else the topic's likeliest intent."""
    return request or (max(about, key=lambda one: one[1])[0] if about else None)
