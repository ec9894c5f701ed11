"""Clocks that run by calendars: stopped, resumed, set to another tier, and taken over into an edited service file."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from escalation import casework
from escalation.models import TicketRow
from escalation.renewal import Renewal
from escalation.service_levels import ServiceLevels, load_service_levels
from escalation.severity import Tier
from tests.integration.desk import Desk, Sessions, add_team

pytestmark = pytest.mark.postgres

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
DEFAULT = files("escalation").joinpath("service_levels.yml").read_text(encoding="utf-8")
CALENDARS = """
calendars:
  shop: {zone: Asia/Shanghai, week: {mon-fri: ["09:00-12:00", "13:00-18:00"]}, holidays: CN}
"""
GENERAL = ("  general:\n", "  general:\n    calendar: shop\n")
QUICK = ("resolution: PT48H", "resolution: PT8H")
QUALITY = ("{categories: [quality]}", "{categories: [quality], calendar: shop}")
Write = Callable[..., ServiceLevels]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a service file, the default one with calendars and other changes, and load it."""

    def load(*changes: tuple[str, str]) -> ServiceLevels:
        text = DEFAULT + CALENDARS
        for old, new in changes:
            text = text.replace(old, new, 1)
        path = tmp_path / "levels.yml"
        path.write_text(text, encoding="utf-8")
        return load_service_levels(path)

    return load


async def open_desk(sessions: Sessions, levels: ServiceLevels) -> Desk:
    """A team under a service file; it is Monday noon in Shanghai."""
    desk = Desk(sessions, levels)
    await add_team(sessions, desk)
    return desk


async def due(desk: Desk, number: str, kind: str = "resolution") -> str:
    """The deadline of a ticket's clock, in Shanghai."""
    due_at: datetime = (await desk.clocks(number))[kind].due_at
    return due_at.astimezone(SHANGHAI).strftime("%a %d %H:%M")


async def renew(desk: Desk, levels: ServiceLevels, *, batch: int = 200) -> list[int]:
    """Take the clocks over into another file; returns how many in each batch."""
    renewal, done = Renewal(desk.sessions, desk.clock, levels, batch=batch), []
    while count := await renewal.renew():
        done.append(count)
    desk.levels = levels
    return done


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        (2 * DAY + 3 * HOUR, "Thu 26 14:00"),  # until Wednesday night: three hours before lunch, one after it
        (4 * DAY + 22 * HOUR, "Mon 30 10:00"),  # until Saturday: start + 48 h + the time paused comes first
    ],
)
async def test_what_waits_for_the_customer_keeps_its_business_time(
    sessions: Sessions, write: Write, waited: timedelta, expected: str
) -> None:
    """Eight hours from Monday noon; the customer is asked at 17:00, with four left, which go on when they answer."""
    desk = await open_desk(sessions, write(GENERAL, QUICK))
    number = await desk.open()
    assert "Tue 24 12:00" == await due(desk, number)
    desk.clock.advance(5 * HOUR)
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    desk.clock.advance(waited)
    await desk.customer_writes(number)
    assert expected == await due(desk, number)


async def test_a_claim_does_not_run_while_the_desk_is_off_duty(sessions: Sessions, write: Write) -> None:
    """Opened on a Saturday, a ticket stays with its owner until two hours of Monday have passed."""
    desk = await open_desk(sessions, write(QUALITY))
    desk.clock.advance(5 * DAY)
    number = await desk.open()
    owner = await desk.owner(number)
    assert "Mon 30 11:00" == await due(desk, number, "claim")
    await desk.pass_time(DAY)
    assert owner == await desk.owner(number)
    await desk.pass_time(DAY - HOUR)
    assert owner != await desk.owner(number)


async def test_a_raised_tier_leaves_the_calendar(sessions: Sessions, write: Write) -> None:
    """Critical runs round the clock: eight hours from noon."""
    desk = await open_desk(sessions, write(GENERAL, QUICK))
    number = await desk.open()
    await desk.answer(number, by="ann")
    await desk.act(
        casework.change_tier, number, by="ann", tier=Tier.CRITICAL, reason="fire", levels=desk.levels,
        now=desk.clock.now(),
    )  # fmt: skip
    clock = (await desk.clocks(number))["resolution"]
    assert ("Mon 23 20:00", None) == (await due(desk, number), clock.calendar)


async def test_an_edited_file_moves_running_clocks_when_they_are_renewed(sessions: Sessions, write: Write) -> None:
    """Not before; every clock of the tier, once, and those of other tiers not at all."""
    desk = await open_desk(sessions, write())
    number, critical = await desk.open(), await desk.open(seriousness="safety")
    levels = write(GENERAL, QUICK)
    assert "Wed 25 12:00" == await due(desk, number)
    assert [4] == await renew(desk, levels)
    assert "Tue 24 12:00" == await due(desk, number)
    assert "Mon 23 20:00" == await due(desk, critical)
    assert [] == await renew(desk, levels)


async def test_a_renewal_goes_by_batches(sessions: Sessions, write: Write) -> None:
    """A ticket at a time, if told so, and none is left out."""
    desk = await open_desk(sessions, write())
    numbers = [await desk.open() for _ in range(3)]
    assert [4, 4, 4] == await renew(desk, write(GENERAL, QUICK), batch=1)
    assert {"Tue 24 12:00"} == {await due(desk, number) for number in numbers}


async def test_a_ticket_that_somebody_holds_is_renewed_the_next_time(sessions: Sessions, write: Write) -> None:
    """Those behind it do not wait for it."""
    desk = await open_desk(sessions, write())
    numbers = [await desk.open() for _ in range(3)]
    levels = write(GENERAL, QUICK)
    async with sessions.begin() as session:
        await session.execute(select(TicketRow.id).where(TicketRow.number == numbers[1]).with_for_update())
        assert [4, 4] == await renew(desk, levels, batch=1)
    assert [4] == await renew(desk, levels, batch=1)


async def test_an_edited_file_breaches_nothing(sessions: Sessions, write: Write) -> None:
    """Half an hour before the end of 48 h, eight hours are long over: the deadline stays."""
    desk = await open_desk(sessions, write())
    number = await desk.open()
    desk.clock.advance(47.5 * HOUR)
    await renew(desk, write(QUICK))
    assert "Wed 25 12:00" == await due(desk, number)


async def test_what_is_breached_stays_breached(sessions: Sessions, write: Write) -> None:
    """More time afterwards undoes no breach, and the renewal ends."""
    desk = await open_desk(sessions, write(QUICK))
    number = await desk.open()
    await desk.pass_time(9 * HOUR)
    await renew(desk, write())
    clock = (await desk.clocks(number))["resolution"]
    assert ("Mon 23 20:00", clock.due_at) == (await due(desk, number), clock.breached_at)


async def test_a_restart_with_the_same_file_changes_nothing(sessions: Sessions, write: Write) -> None:
    """Not even a deadline that a late change of tier has put off."""
    desk = await open_desk(sessions, write())
    number = await desk.open()
    await desk.answer(number, by="ann")
    desk.clock.advance(20 * HOUR)
    await desk.act(
        casework.change_tier, number, by="ann", tier=Tier.CRITICAL, reason="fire", levels=desk.levels,
        now=desk.clock.now(),
    )  # fmt: skip
    before = await due(desk, number)
    desk.clock.advance(HOUR / 4)
    assert ("Tue 24 08:48", []) == (before, await renew(desk, write()))
    assert before == await due(desk, number)


async def test_the_renewal_runs_until_nothing_is_left(
    sessions: Sessions, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    """As it does when the app starts; holidays that are not known yet are said loudly."""
    desk = await open_desk(sessions, write())
    number = await desk.open()
    await Renewal(sessions, desk.clock, write(GENERAL, QUICK)).run()
    assert "Tue 24 12:00" == await due(desk, number)
    assert ["WARNING"] == [record.levelname for record in caplog.records if "CN in 2027" in record.message]
