"""The two engines together: Rasa while it is healthy, the embedded engine otherwise."""

from datetime import UTC, datetime, timedelta

import pytest

from actions.breaker import Breaker
from bot.nlu.rasa_server import RasaAddress
from bot.nlu.reading import InterpreterError, Reading
from bot.nlu.understanding import FallbackInterpreter, parse_address

_START = datetime(2026, 1, 1, tzinfo=UTC)


class SteppedClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = _START

    def now(self) -> datetime:
        """Return the instant the test has set."""
        return self.at


class ScriptedEngine:
    """An engine that counts its requests and fails while it is told to."""

    def __init__(self, engine) -> None:
        self.engine, self.fails, self.asked = engine, False, 0

    async def parse(self, text: str) -> Reading:
        """Answer, or fail."""
        self.asked += 1
        if self.fails:
            raise InterpreterError("down")
        return Reading(text, "handoff.ask_human", "handoff", 1.0, False, "en", (), (), (), self.engine)


@pytest.fixture
def parts():
    """Both engines, the clock, and the interpreter over them."""
    rasa, embedded, clock = ScriptedEngine("rasa"), ScriptedEngine("embedded"), SteppedClock()
    return rasa, embedded, clock, FallbackInterpreter(rasa, embedded, clock=clock)


async def test_a_healthy_rasa_answers(parts):
    """The first engine is asked, and alone."""
    rasa, embedded, _, interpreter = parts
    assert (await interpreter.parse("hi")).engine == "rasa"
    assert (rasa.asked, embedded.asked) == (1, 0)


async def test_every_message_is_answered_while_rasa_is_down_and_rasa_is_left_alone(parts):
    """After three failures in a row nobody waits for Rasa any more."""
    rasa, _, _, interpreter = parts
    rasa.fails = True
    engines = [(await interpreter.parse("hi")).engine for _ in range(10)]
    assert (engines, rasa.asked) == (["embedded"] * 10, 3)


async def test_rasa_is_tried_once_after_a_rest_and_then_again_after_the_next(parts):
    """One request in five seconds finds out whether it is back; a failed try starts the rest anew."""
    rasa, _, clock, interpreter = parts
    rasa.fails = True
    for seconds in (0, 0, 0, 4, 5, 5, 9, 10):
        clock.at = _START + timedelta(seconds=seconds)
        await interpreter.parse("hi")
    assert rasa.asked == 5


async def test_rasa_takes_over_as_soon_as_it_answers(parts):
    """One good answer closes the circuit."""
    rasa, _, clock, interpreter = parts
    rasa.fails = True
    for _ in range(3):
        await interpreter.parse("hi")
    rasa.fails, clock.at = False, _START + timedelta(seconds=5)
    assert [(await interpreter.parse("hi")).engine for _ in range(3)] == ["rasa"] * 3


async def test_a_failure_now_and_then_opens_nothing(parts):
    """Only failures in a row count."""
    rasa, _, _, interpreter = parts
    for number in range(9):
        rasa.fails = number % 3 == 0
        await interpreter.parse("hi")
    assert rasa.asked == 9


async def test_two_failed_engines_are_an_error(parts):
    """Where nobody understands, the turn must hear of it."""
    rasa, embedded, _, interpreter = parts
    rasa.fails = embedded.fails = True
    with pytest.raises(InterpreterError):
        await interpreter.parse("hi")


def test_only_one_request_tries_while_half_open():
    """The rest of a crowd does not wait for an engine that may still be dead."""
    breaker = Breaker(failures_allowed=1)
    breaker.record_failure(_START)
    later = _START + timedelta(seconds=5)
    assert [breaker.allows(later) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (RasaAddress("http://nlu:5005", "s3"), "http://nlu:5005?token=s3"),
        (RasaAddress("http://nlu:5005/base", None), "http://nlu:5005/base/"),
    ],
)
def test_an_operators_url_may_carry_the_token(address: RasaAddress, url: str):
    """Address and token are told apart."""
    assert address == parse_address(url)
