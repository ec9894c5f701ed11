"""Who comes back after a silence: what was shown long ago must be shown again, and where we were is said. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.state import State

# So long after the last word nobody need remember what was asked.
REMIND_AFTER = timedelta(hours=2)
# So long after the last word somebody else may sit at the same screen: whose order it is must be shown again.
PROOF_LASTS = timedelta(hours=12)


def is_back_after_silence(state: State, at: datetime) -> bool:
    """Tell whether the customer comes back after a silence."""
    return state.heard_at is not None and at - state.heard_at >= REMIND_AFTER


def forget_stale_proofs(state: State, at: datetime) -> State:
    """Return the state without proofs that are too old; who is signed in needs none."""
    if state.heard_at is None or at - state.heard_at < PROOF_LASTS:
        return state
    return replace(state, proven=())
