"""Questions that the shop has answered once: its file of them, and finding the one that a customer means."""

from actions.faq.entries import BUTTONS, Entry, EntryFault, Faq, read_entry
from actions.faq.loader import FaqError, FaqFault, load_default_faq, load_faq, write_faq
from actions.faq.matching import Answered, FaqIndex, Finding, Match, decide

__all__ = [
    "BUTTONS", "Answered", "Entry", "EntryFault", "Faq", "FaqError", "FaqFault", "FaqIndex", "Finding", "Match",
    "decide", "load_default_faq", "load_faq", "read_entry", "write_faq",
]  # fmt: skip
