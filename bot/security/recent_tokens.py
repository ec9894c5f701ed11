"""API tokens that were proven a moment ago: a caller who asks many times a second is not looked up each time.

One per process. A token that is withdrawn, or whose person is deactivated, stays good for `BELIEVED_FOR` at most: for
reading texts, which shows nobody's data. What does show it looks a person up on every request.
"""

from collections.abc import Callable

from escalation.people import digest_token

BELIEVED_FOR = 5.0
"""Seconds."""

_MOST = 1000


class RecentTokens:
    """Remembers digests of tokens for a few seconds; `now` tells seconds that never go back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._until: dict[bytes, float] = {}

    def knows(self, token: str) -> bool:
        """Whether the token was proven less than `BELIEVED_FOR` ago."""
        return self._until.get(digest_token(token), float("-inf")) > self._now()

    def remember(self, token: str) -> None:
        """Note that the token has just been proven."""
        if len(self._until) >= _MOST:
            self._until.clear()
        self._until[digest_token(token)] = self._now() + BELIEVED_FOR
