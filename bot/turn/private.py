"""What tells something of a person (an address, a telephone number, an invoice's title) is sealed wherever it is kept.

A table of values keeps it under one name, `sealed`; the others stay as they are.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken

from actions.shop import PERSONAL_DETAILS
from bot.dialogue.state import State
from bot.security.sealing import Seal

log = logging.getLogger(__name__)

SEALED = "sealed"


def close_private(values: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    """Return the values with the personal ones sealed together."""
    private = {name: value for name, value in values.items() if name in PERSONAL_DETAILS}
    plain = {name: value for name, value in values.items() if name not in PERSONAL_DETAILS}
    return plain | ({SEALED: seal.close(json.dumps(private, ensure_ascii=False)).decode()} if private else {})


def open_private(values: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    """Return the values that were closed. What another key sealed is lost, and left out."""
    plain = {name: value for name, value in values.items() if name != SEALED}
    if SEALED not in values:
        return plain
    try:
        private: dict[str, Any] = json.loads(seal.open(str(values[SEALED]).encode()))
    except InvalidToken:
        log.warning("what another key sealed cannot be opened; it is left out")
        return plain
    return plain | private


def close_state(state: State, seal: Seal) -> dict[str, Any]:
    """Return a conversation's memory as the database keeps it."""
    data = state.to_json()
    ended = data["ended"]
    return data | {
        "frames": [_close_frame(frame, seal) for frame in data["frames"]],
        "ended": _close_frame(ended, seal) if ended else None,
    }


def _close_frame(frame: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    return {**frame, "slots": close_private(frame["slots"], seal)}


def open_state(data: Mapping[str, Any], seal: Seal) -> State:
    """Read what `close_state` made; {} is a new conversation."""
    frames = [_open_frame(frame, seal) for frame in data.get("frames", ())]
    ended = data.get("ended")
    return State.from_json({**data, "frames": frames, "ended": _open_frame(ended, seal) if ended else None})


def _open_frame(frame: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    return {**frame, "slots": open_private(frame.get("slots", {}), seal)}
