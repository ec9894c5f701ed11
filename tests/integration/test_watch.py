"""A critical ticket that comes while its desk is off duty: somebody who can be reached hears of it at once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.background.notifying import Notifier
from bot.channels.email import EmailWay
from bot.channels.mail_server import parse_mail_server
from bot.texts import Catalogue
from escalation.presence import go_off_duty
from escalation.service_levels import load_service_levels
from tests.integration.desk import TEAM, Desk
from tests.integration.post_office import PostOffice, open_post_office
from tests.integration.test_business_clocks import CALENDARS, DEFAULT, QUALITY

pytestmark = pytest.mark.postgres

WORKERS = ("ann", "bo", "cy", "dee")
EVERYBODY = tuple(login for login, _, _ in TEAM)


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """The shop's mail server."""
    async with open_post_office() as opened:
        yield opened


async def send_away(desk: Desk, *logins: str) -> None:
    """They go home."""
    for login in logins:
        await desk.set_person(login, available=False, last_seen_at=None)


async def told(desk: Desk) -> list[str]:
    """Who was told that the desk is off duty."""
    return sorted(login for login, _ in await desk.told("off_duty"))


async def mail_all(desk: Desk, office: PostOffice) -> None:
    """Send what is due by mail."""
    server = parse_mail_server(f"smtp://127.0.0.1:{office.port}?starttls=no")
    way = EmailWay(server, "desk@shop.example", desk.clock)
    notifier = Notifier(desk.sessions, desk.clock, way, Catalogue("notices", zone=desk.levels.working_hours.zone))
    while await notifier.look():
        pass


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        ((), []),
        (("ann", "bo", "cy"), []),  # dee is here
        (WORKERS, []),  # the lead is here, and the owner
        ((*WORKERS, "lea"), ["sue"]),
        ((*WORKERS, "lea", "sue"), ["max"]),
        (EVERYBODY, ["max"]),  # the highest rank, wherever they are
    ],
)
async def test_the_lowest_rank_that_is_here_hears_of_it(desk: Desk, away: tuple[str, ...], expected: list[str]) -> None:
    """Once; the owner is told as always."""
    await send_away(desk, *away)
    number = await desk.open(seriousness="safety")
    assert expected == await told(desk)
    assert [(await desk.owner(number), ":")] == await desk.told("opened")


async def test_only_what_is_critical_gets_somebody_up(desk: Desk) -> None:
    await send_away(desk, *EVERYBODY)
    await desk.open()
    await desk.open(seriousness="loss")
    assert [] == await told(desk)


async def test_an_owner_who_is_here_does_not_help_after_hours(desk: Desk, tmp_path: Path) -> None:
    """Where the desk has a calendar, its claim clock stands still at night: whoever is here above it is told."""
    path = tmp_path / "levels.yml"
    path.write_text((DEFAULT + CALENDARS).replace(*QUALITY, 1), encoding="utf-8")
    desk.levels = load_service_levels(path)
    await send_away(desk, "lea")
    desk.clock.advance(timedelta(hours=1))
    await desk.open(seriousness="safety")
    assert [] == await told(desk)
    desk.clock.advance(timedelta(hours=8))
    await desk.open(seriousness="safety")
    assert ["sue"] == await told(desk)


async def test_the_last_one_who_goes_home_leaves_nobody_unaware(desk: Desk) -> None:
    """The ticket passes to the lead, who is away: the supervisor is told, once, however often nobody takes it up."""
    await send_away(desk, "bo", "cy", "dee", "lea")
    number = await desk.open(seriousness="safety")
    assert ("ann", []) == (await desk.owner(number), await told(desk))
    async with desk.sessions.begin() as session:
        ann = (await desk.ticket(number)).owner_id
        await go_off_duty(session, ann, levels=desk.levels, now=desk.clock.now())
    assert ("lea", ["sue"]) == (await desk.owner(number), await told(desk))
    await desk.pass_time(timedelta(minutes=6))
    assert ["sue"] == await told(desk)


async def test_a_reopened_one_whose_owner_went_home_is_told_again(desk: Desk) -> None:
    """Colleagues who are here cannot take it from its owner; those above can."""
    number = await desk.open(seriousness="safety")
    await desk.resolve(number, by="ann")
    await desk.reopen(number)
    assert [] == await told(desk)
    await desk.resolve(number, by="ann")
    await send_away(desk, "ann")
    await desk.reopen(number)
    assert ["lea"] == await told(desk)


async def test_who_is_reached_somewhere_goes_before_who_is_reached_nowhere(desk: Desk) -> None:
    """With nobody here and no address of the operations manager's, the supervisor's is used."""
    await send_away(desk, *EVERYBODY)
    await desk.set_person("sue", email="sue@shop.example")
    await desk.open(seriousness="safety")
    assert ["sue"] == await told(desk)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (None, "{}：紧急工单，负责的小组没人在岗，请您先接手（紧急）"),
        ("zh-Hant", "{}：緊急案件，負責的小組沒有人值班，請您先接手（緊急）"),
        ("en", "{}: A critical ticket came while its desk is off duty: please see to it (critical)"),
    ],
)
async def test_it_goes_out_at_night_in_the_readers_language(
    desk: Desk, office: PostOffice, language: str | None, subject: str
) -> None:
    """At three in the morning, not when the shop opens."""
    await send_away(desk, *EVERYBODY)
    await desk.set_person("max", email="max@shop.example", language=language)
    desk.clock.advance(timedelta(hours=15))
    number = await desk.open(seriousness="safety")
    await mail_all(desk, office)
    (mail,) = office.mails
    assert ("Max <max@shop.example>", subject.format(number)) == (mail["To"], mail["Subject"])
