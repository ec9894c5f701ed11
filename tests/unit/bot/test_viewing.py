"""Who looks at what in other processes: said again it stays, not said again it goes."""

import asyncio
import json
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.console import signals
from bot.console.colleagues import Colleagues, Console
from bot.console.signals import Answering, Begin, Duty, RosterChanged, Signal, Viewers
from bot.console.viewing import Viewing
from escalation.models import PersonRow
from tests.patience import PATIENCE_SECONDS

ADA, LEO = UUID(int=1), UUID(int=2)


def test_what_two_processes_say_is_added_up() -> None:
    """One takes back its own word alone."""
    viewing = Viewing(valid_for=45)
    assert viewing.hear("a", "SW-1", [ADA], at=0)
    assert viewing.hear("b", "SW-1", [LEO], at=0)
    assert {ADA, LEO} == viewing.people("SW-1")
    assert viewing.hear("a", "SW-1", [], at=1)
    assert {LEO} == viewing.people("SW-1")
    assert set() == viewing.people("SW-2")


def test_what_is_said_again_is_no_news_and_stays() -> None:
    """It counts from the last time it was said; its last instant is no longer in it."""
    viewing = Viewing(valid_for=45)
    viewing.hear("a", "SW-1", [ADA], at=0)
    assert not viewing.hear("a", "SW-1", [ADA], at=30)
    assert set() == viewing.expire(at=74.9)
    assert {ADA} == viewing.people("SW-1")
    assert {"SW-1"} == viewing.expire(at=75)
    assert set() == viewing.people("SW-1")
    assert set() == viewing.expire(at=76)


def test_a_process_that_begins_anew_has_said_nothing() -> None:
    """What others said stays."""
    viewing = Viewing(valid_for=45)
    viewing.hear("a", "SW-1", [ADA], at=0)
    viewing.hear("a", "SW-2", [ADA], at=0)
    viewing.hear("b", "SW-1", [LEO], at=0)
    assert {"SW-1", "SW-2"} == viewing.forget("a")
    assert {LEO} == viewing.people("SW-1")


def test_signals_come_back_as_they_were_written() -> None:
    """All kinds, with no more of a person than their id."""
    said: list[Signal] = [Viewers("SW-1", (ADA, LEO)), Viewers("SW-2", ()), Answering("SW-1", LEO), Duty(ADA, False)]
    said += [RosterChanged(), Begin()]
    (payload,) = signals.write("p1", said)
    assert ("p1", said) == signals.read(payload)


def test_many_signals_fit_into_notifications() -> None:
    """PostgreSQL takes less than 8,000 bytes each; a desk of 200 in one ticket beside 200 tickets of one each."""
    said: list[Signal] = [Viewers(f"SW-{n}", (UUID(int=n),)) for n in range(200)]
    said.append(Viewers("SW-999999999999", tuple(UUID(int=n) for n in range(200))))
    payloads = list(signals.write("12345678", said))
    assert max(len(payload.encode()) for payload in payloads) < 8000
    heard = [signal for payload in payloads for signal in signals.read(payload)[1]]
    assert 201 == len(heard)


def test_of_somebodys_duty_the_last_word_is_sent_last() -> None:
    """Away, back and away again before it could be sent: away."""
    colleagues = Colleagues(lambda: 0.0)
    ada = PersonRow(id=ADA, login="ada", name="Ada")
    with colleagues.relay(lambda: None):
        for available in (False, True, False):
            colleagues.set_duty(ada, available=available)
            colleagues.change_roster()
        (payload,) = colleagues.send()
    assert [Duty(ADA, False), RosterChanged()] == signals.read(payload)[1]


async def test_who_left_while_the_line_was_closed_is_gone() -> None:
    """Their process's last word of it is lost, and its next answer names only who is there."""
    colleagues = Colleagues(lambda: 0.0)
    ada, leo = PersonRow(id=ADA, login="ada", name="Ada"), PersonRow(id=LEO, login="leo", name="Leo")
    telling = asyncio.create_task(colleagues.run(async_sessionmaker()))
    with colleagues.join(ada), colleagues.join(leo) as console:
        colleagues.view(console, "SW-1")
        (payload,) = signals.write("elsewhere", [Viewers("SW-1", (ADA,))])
        colleagues.hear(payload)
        assert ["Ada"] == await _told_viewers(console)
        colleagues.begin()
        assert [] == await _told_viewers(console)
    telling.cancel()
    assert {telling} == (await asyncio.wait([telling], timeout=PATIENCE_SECONDS))[0]


async def _told_viewers(console: Console) -> list[str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await console.wait()
    people: list[str] = json.loads(console.take()[-1])["people"]
    return people


def test_a_console_that_does_not_read_is_told_the_newest_alone() -> None:
    """In the order in which it was said last; what waits does not grow with what happens."""
    console = Console(ADA)
    for n in range(1000):
        console.tell({"type": "viewing", "number": "SW-1", "people": [f"{n}"]})
        console.tell({"type": "changed"})
    console.tell({"type": "viewing", "number": "SW-2", "people": []})
    assert [
        '{"type": "viewing", "number": "SW-1", "people": ["999"]}',
        '{"type": "changed"}',
        '{"type": "viewing", "number": "SW-2", "people": []}',
    ] == console.take()
    assert [] == console.take()


@pytest.mark.parametrize("people", [79, 80, 200])
def test_no_notification_is_empty(people: int) -> None:
    """Also where a crowd in one ticket fills one by itself."""
    said = [Viewers("SW-1", tuple(UUID(int=n) for n in range(people)))]
    payloads = list(signals.write("p1", said))
    assert all(signals.read(payload)[1] for payload in payloads)
    assert max(len(payload) for payload in payloads) < 8000


@pytest.mark.parametrize(
    "nonsense",
    ["", "{}", "[1]", "null", '["p", 1]', '["p", [[]]]', '["p", [["viewing", 1]]]', '["p", [["viewing", "x"]]]',
     '["p", [["viewing", "SW-1", "x"]]]', '["p", [["duty", "x", 1]]]', '["p", [["shout"]]]', "[" * 20000],
)  # fmt: skip
def test_nonsense_is_refused(nonsense: str) -> None:
    """By one error, whatever it is."""
    with pytest.raises(ValueError, match=r"."):
        signals.read(nonsense)
