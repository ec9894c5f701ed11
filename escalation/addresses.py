"""Where notices reach people who work here: by mail, or in a chat of theirs.

Mail addresses are plain ones (RFC 5321 without quotes and comments), in ASCII.
"""

import re

EMAIL, TELEGRAM = "email", "telegram"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST = 254


def check_address(address: str) -> str:
    """Return the address; raises ValueError if mail cannot be sent to it."""
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no mail address")
    return address
