"""A message that makes sense only in its conversation: "还没到", "still nothing". Pure.

What such words mean is asked of the model first; only where it is unsure does the topic decide. The reading says so.
"""

from dataclasses import replace

from bot.nlu.reading import Reading

# So likely the topic's own intents must be, together, for it to be meant.
_LIKELY = 0.2
_TOPICS = frozenset({"order", "logistics", "quality", "after_sales", "complaint"})


def read_in_context(reading: Reading, topic: str | None) -> Reading:
    """Return an unsure reading as one about the conversation's topic, if that is among what it may mean.

    `topic` is the category of the conversation's last request, None at its beginning.
    """
    if not reading.unsure or topic not in _TOPICS:
        return reading
    about = [(intent, share) for intent, share in reading.ranking if intent.partition(".")[0] == topic]
    likely = sum(share for _, share in about)
    if likely < _LIKELY:
        return reading
    intent = max(about, key=lambda one: one[1])[0]
    return replace(reading, intent=intent, category=topic, confidence=min(likely, 1.0), unsure=False, context=topic)
