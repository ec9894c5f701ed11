"""Questions that the shop has answered once: the FAQ's answer, entries to choose from, or an honest "I don't know".

Never an invention: what the FAQ is not sure of is asked back, and what it does not know goes to a person.
"""

import re
from dataclasses import replace

from actions.faq import Entry
from bot.dialogue.hearing import words
from bot.dialogue.hearing.harm_words import names_injury
from bot.dialogue.outcome import PERSON, Moment, Outcome, end, line, say, start
from bot.dialogue.records import Choice, Effect, Facts, FaqFacts, Heard, Needs, NotePick, NoteQuestion
from bot.dialogue.state import State
from bot.security.masking import mask_sensitive

COVERAGE = "coverage"
OUT_OF_SCOPE = "out_of_scope"
HANDOFF = "handoff.ask_human"
_ASKING_FLOWS = frozenset({COVERAGE, OUT_OF_SCOPE})
_LABELS = {
    "order.status": "choice.order_status",
    "order.payment": "choice.payment",
    "order.invoice": "choice.invoice",
    "logistics.tracking": "choice.parcel",
    "quality.functional_defect": "choice.faulty",
    "quality.fake_or_used": "choice.fake",
    "after_sales.return": "choice.return",
    "after_sales.refund": "choice.refund",
    "after_sales.installation": "choice.installation",
    "complaint.complaint": "choice.about_complaint",
    "handoff.ask_human": "choice.person",
}
_HELPFUL, _NOT_MEANT, _SHOW = "faq:helpful", "faq:not_meant", "faq:show"


_MY_GOODS = re.compile(r"我(家|们)?(的|买的)|\b(my|our) ")
_OF_GOODS = frozenset({"quality", "after_sales"})


def without_answer_elsewhere(heard: Heard, facts: Facts) -> Facts:
    """Return the facts without an answer that leads to another desk than what was asked of goods.

    To "how long does an exchange take" it speaks of something else in the same words: how soon a new order is sent.
    """
    reading, faq = heard.reading, facts.faq
    entry = faq.answer if faq else None
    of_goods = reading is not None and not reading.unsure and reading.category in _OF_GOODS
    if faq is None or entry is None or not of_goods or not entry.buttons:
        return facts
    led = {button.removeprefix("start:").partition(".")[0] for button in entry.buttons}
    return facts if led & {*_OF_GOODS, "handoff"} else replace(facts, faq=replace(faq, finding=None))


def find_needs(state: State, heard: Heard, *, chosen: str | None, may_ask: bool) -> Needs:
    """Name what a turn needs of the FAQ. `may_ask`: what was heard could be a question to it."""
    if chosen and chosen.startswith(f"{_SHOW}:"):
        return Needs(entry=_entry_of(chosen))
    if chosen and chosen.startswith(f"{_NOT_MEANT}:"):
        return Needs(question=state.question)
    return Needs(question=heard.text) if may_ask and heard.text.strip() else Needs()


def begins_flow(state: State) -> bool:
    """Tell whether the active flow has just been begun to answer a question."""
    frame = state.active
    return frame is not None and frame.flow in _ASKING_FLOWS and frame.asking is None


def may_go_before(state: State, heard: Heard, *, needs_order: bool) -> bool:
    """Tell whether a flow has just been begun by what may hold for everybody: "can I pay by card", "退货运费谁出".

    Who names an order, tells of something, is asked something, or goes on about what is being talked about ("and the
    other one?") has a matter of their own, and so has who was hurt or complains; who wants a person gets one, unless
    they ask when or how to reach one. The flow must be one that the answer can offer as a button. `needs_order`: the
    flow does; then an order that is being talked about is meant.
    """
    frame, reading = state.active, heard.reading
    if frame is None or frame.asking is not None or heard.photos or reading is None:
        return False
    if reading.also or reading.context is not None or not _may_yield(frame.slots.get("intent", ""), heard.text):
        return False
    if any(entity.name == "defect" for entity in reading.entities):
        return False
    about_order = needs_order and "order" in frame.slots
    if about_order or any(entity.name == "order_number" for entity in reading.entities):
        return False
    return words.names(words.ASKS, heard.text) and not words.names(words.OWN_MATTER, heard.text)


def _may_yield(intent: str, text: str) -> bool:
    if intent not in _LABELS or intent.startswith("complaint") or names_injury(text):
        return False
    return intent != HANDOFF or words.names(words.REACHING, text)


def is_asked(text: str) -> bool:
    """Tell whether small talk may be a question all the same: "hello, when do you open?"."""
    return words.names(words.ASKS, text) or not words.is_small_talk(text)


def names_own_goods(heard: Heard) -> bool:
    """Tell whether words only name goods, or tell of one's own, and ask nothing ("my earphones crackle")."""
    reading = heard.reading
    goods = [entity for entity in reading.entities if entity.name == "product"] if reading else []
    if not goods or words.names(words.ASKS, heard.text):
        return False
    bare = len(goods) == 1 and goods[0].end - goods[0].start >= len(heard.text.strip(" .!。！~"))
    return bare or words.names(_MY_GOODS, heard.text)


def keep_asked(state: State, heard: Heard, facts: Facts, *, chosen: str | None) -> State:
    """Keep what was put to the FAQ: the buttons under its answer are about that."""
    if chosen is not None or heard.choice is not None or facts.faq is None:
        return state
    return replace(state, question=mask_sensitive(heard.text))


def note_unsure(state: State, heard: Heard, facts: Facts) -> tuple[Effect, ...]:
    """Note for the shop what could not be understood, where it is a question."""
    return _note(state, facts.faq, "no_answer") if words.names(words.ASKS, heard.text) else ()


def answer(moment: Moment) -> Outcome:
    """The FAQ's answer, else entries to choose from, else a person is offered; what it did not know is noted."""
    faq = moment.facts.faq
    if faq and faq.answer:
        return end(*give(faq.answer))
    note = _note(moment.state, faq, "close" if faq and faq.suggested else "no_answer")
    if faq and faq.suggested:
        return end(*note, say("faq.suggest", *map(_suggestion, faq.suggested), PERSON))
    return end(*note, say("out_of_scope.offer", PERSON, start("order.status", "choice.order_status")))


def give(entry: Entry, *, before: str | None = None) -> tuple[Effect, ...]:
    """Say an entry's answer, with what it leads to and whether it helped as buttons.

    `before`: the intent whose flow waits, should that have been meant.
    """
    intents = [button.removeprefix("start:") for button in entry.buttons]
    if before in _LABELS and before not in intents:
        intents.append(before)
    onward = (start(intent, _LABELS[intent]) for intent in intents)
    return (
        say(
            "faq.answer",
            *onward,
            _about(_HELPFUL, entry, "choice.helpful"),
            _about(_NOT_MEANT, entry, "choice.not_meant"),
            *(() if HANDOFF in intents else (PERSON,)),
            answer=dict(entry.answers),
        ),
    )


def reply(state: State, facts: Facts, *, chosen: str | None, before: str | None = None) -> tuple[Effect, ...]:
    """Answer in passing: what was asked (`before` the flow of an intent), or a button of the FAQ's."""
    if chosen is not None:
        return _take_word(state, chosen, facts)
    return give(facts.faq.answer, before=before) if facts.faq and facts.faq.answer else ()


def _take_word(state: State, value: str, facts: Facts) -> tuple[Effect, ...]:
    """A button of the FAQ's: it helped, it did not, or this entry is meant."""
    if value.startswith(f"{_HELPFUL}:"):
        return (say("faq.glad"),)
    if value.startswith(f"{_NOT_MEANT}:"):
        return (*_note(state, facts.faq, "not_meant"), say("faq.sorry", PERSON))
    entry = facts.faq.entries.get(_entry_of(value)) if facts.faq else None
    if entry is None:
        return (say("choice.stale"),)
    return (NotePick(entry.id), *give(entry))


def label_of(button: str) -> str:
    """Return the key of a button's words."""
    return _LABELS[button.removeprefix("start:")]


def _note(state: State, faq: FaqFacts | None, reason: str) -> tuple[NoteQuestion, ...]:
    if faq is None or not faq.vector or not state.question:
        return ()
    best = faq.finding.best if faq.finding else None
    nearest, score = (best.entry_id, best.score) if best else (None, None)
    return (NoteQuestion(state.question, faq.vector, reason, nearest, score),)


def _suggestion(entry: Entry) -> Choice:
    return _about(_SHOW, entry, "choice.faq_entry", question=entry.titles)


def _about(kind: str, entry: Entry, label: str, **params: object) -> Choice:
    return Choice(f"{kind}:{entry.id}", line(label, **params))


def _entry_of(value: str) -> str:
    return value.split(":", maxsplit=2)[2]
