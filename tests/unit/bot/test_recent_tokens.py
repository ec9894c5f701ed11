"""A proven token is believed for a few seconds, and no longer."""

from bot.security.recent_tokens import BELIEVED_FOR, RecentTokens


class Seconds:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the seconds it stands at."""
        return self.now


def test_a_token_is_known_until_its_time_is_over() -> None:
    """At the very instant it is no longer: a withdrawn token must end."""
    seconds = Seconds()
    tokens = RecentTokens(seconds)
    assert not tokens.knows("one")
    tokens.remember("one")
    assert tokens.knows("one")
    assert not tokens.knows("another")
    seconds.now += BELIEVED_FOR
    assert not tokens.knows("one")


def test_knowing_many_tokens_forgets_the_first() -> None:
    """Memory is bounded; who is forgotten is looked up again."""
    tokens = RecentTokens(Seconds())
    for number in range(1001):
        tokens.remember(str(number))
    assert not tokens.knows("0")
    assert tokens.knows("1000")
