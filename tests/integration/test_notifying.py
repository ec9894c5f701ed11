"""Notices reach people by mail: each once, in their language, without a customer's data; nobody waits for another."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.app import build_app
from bot.background.notifying import LEASE, TRIES_WHEN_REFUSED, Note, Notifier, NotTakenError
from bot.channels.email import EmailWay
from bot.channels.mail_server import parse_mail_server
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from bot.texts import Catalogue
from escalation import casework
from escalation.errors import PersonError
from escalation.models import AuditRow, NoticeDeliveryRow, NoticeRow, PersonRow
from escalation.notices import mark_read
from escalation.people import set_contact
from tests.integration.desk import Desk
from tests.integration.machine import eventually
from tests.integration.post_office import PASSWORD, PostOffice, open_post_office
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.postgres

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SENDER = "首問 <desk@shop.example>"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """The shop's mail server."""
    async with open_post_office() as opened:
        yield opened


def make_notifier(desk: Desk, port: int, *, login: str = "", starttls: str = "no", **more: Any) -> Notifier:
    """The worker for mail, as the application makes it."""
    server = parse_mail_server(f"smtp://{login}127.0.0.1:{port}?starttls={starttls}")
    catalogue = Catalogue("notices", zone=desk.levels.working_hours.zone)
    return Notifier(desk.sessions, desk.clock, EmailWay(server, SENDER, desk.clock), catalogue, **more)


async def drain(*notifiers: Notifier) -> None:
    """Let workers send what is due, all at once."""

    async def work(notifier: Notifier) -> None:
        while await notifier.look():
            pass

    await asyncio.gather(*map(work, notifiers))


async def give_addresses(desk: Desk, *logins: str, **more: Any) -> None:
    """Each is reached at login@shop.example."""
    for login in logins:
        await desk.set_person(login, email=f"{login}@shop.example", **more)


async def outcomes(desk: Desk) -> list[tuple[str | None, int]]:
    """What came of the deliveries, each with its tries."""
    async with desk.sessions() as session:
        rows = await session.execute(select(NoticeDeliveryRow.outcome, NoticeDeliveryRow.attempts))
        return [(row.outcome, row.attempts) for row in rows]


async def test_a_new_ticket_is_mailed_to_its_owner_once(desk: Desk, office: PostOffice) -> None:
    """A whole mail by the standards, with the facts, the link, and nothing of the customer."""
    await give_addresses(desk, "ann", language="en")
    number = await desk.open(seriousness="safety")
    notifier = make_notifier(desk, office.port, public_url="https://desk.shop.example/")
    await drain(notifier)
    await drain(notifier)
    (mail,) = office.mails
    assert f"{number}: A new ticket is yours (critical)" == mail["Subject"]
    assert ("Ann <ann@shop.example>", SENDER) == (mail["To"], mail["From"])
    assert ("auto-generated", "text/plain") == (mail["Auto-Submitted"], mail.get_content_type())
    assert desk.clock.now() == parsedate_to_datetime(mail["Date"])
    text = mail.get_content().replace("\r\n", "\n")
    assert (
        "A new ticket is yours.\n"
        f"Ticket {number}, quality, critical\n"
        "Due: taking it up, 23 November at 12:05\n"
        f"https://desk.shop.example/console#{number}\n"
    ) == text
    async with desk.sessions() as session:
        notice = (await session.scalars(select(NoticeRow))).one()
    assert (f"<notice-{notice.id}@shop.example>", desk.clock.now()) == (mail["Message-ID"], notice.emailed_at)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (None, "{}：有一件新工单由您负责（紧急）"),
        ("zh-Hant", "{}：有一件新案件由您負責（緊急）"),
        ("en", "{}: A new ticket is yours (critical)"),
    ],
)
async def test_people_read_their_language(desk: Desk, office: PostOffice, language: str | None, subject: str) -> None:
    """The shop's, if they have not chosen one; without a public address there is no link."""
    await give_addresses(desk, "ann", language=language)
    number = await desk.open(seriousness="safety")
    await drain(make_notifier(desk, office.port))
    (mail,) = office.mails
    assert subject.format(number) == mail["Subject"]
    assert "http" not in mail.get_content()


async def test_a_step_of_the_ladder_names_its_clock(desk: Desk, office: PostOffice) -> None:
    """And what was due, once it is overdue."""
    await give_addresses(desk, "lea", language="en")
    number = await desk.open(seriousness="safety")
    await desk.act(casework.accept, number, by=await desk.owner(number), now=desk.clock.now())
    await desk.pass_time(31 * MINUTE)
    await drain(make_notifier(desk, office.port))
    (mail,) = office.mails
    assert f"{number}: Overdue: the first answer (critical)" == mail["Subject"]
    assert "Was due: the first answer, 23 November at 12:30" in mail.get_content()


async def test_general_matters_wait_for_working_hours_and_critical_ones_do_not(desk: Desk, office: PostOffice) -> None:
    """At one in the morning, and at nine."""
    await give_addresses(desk, *("ann", "bo", "cy", "dee"))
    desk.clock.advance(13 * HOUR)
    general, critical = await desk.open(), await desk.open(seriousness="safety")
    notifier = make_notifier(desk, office.port)
    await drain(notifier)
    assert [critical] == [mail["Subject"].split("：")[0] for mail in office.mails]
    desk.clock.advance(8 * HOUR)
    await drain(notifier)
    assert [critical, general] == [mail["Subject"].split("：")[0] for mail in office.mails]


async def test_what_was_read_ended_or_met_meanwhile_is_not_mailed(desk: Desk, office: PostOffice) -> None:
    """It stays in the console."""
    await give_addresses(desk, "ann", "bo", "cy")
    read, ended, met = [await desk.open(seriousness="safety") for _ in range(3)]
    owners = [await desk.owner(number) for number in (read, ended, met)]
    await drain(make_notifier(desk, office.port))
    office.mails.clear()
    for number, owner in zip((read, ended, met), owners, strict=True):
        await desk.act(casework.accept, number, by=owner, now=desk.clock.now())
    await desk.pass_time(15 * MINUTE)
    async with desk.sessions.begin() as session:
        reader = (await session.scalars(select(PersonRow).where(PersonRow.login == owners[0]))).one()
        await mark_read(session, reader.id, read, now=desk.clock.now())
    await desk.resolve(ended, by=owners[1])
    await desk.answer(met, by=owners[2])
    await drain(make_notifier(desk, office.port))
    assert [] == office.mails
    assert ["ended", "met", "read", "sent", "sent", "sent"] == sorted(str(what) for what, _ in await outcomes(desk))


async def test_only_people_with_an_address_get_mail(desk: Desk, office: PostOffice) -> None:
    """Who gets an address later is not sent what was before; who loses it, nothing more."""
    await desk.open(seriousness="safety")
    await give_addresses(desk, "ann", "bo")
    number = await desk.open(seriousness="safety")
    await desk.set_person(await desk.owner(number), email=None)
    await drain(make_notifier(desk, office.port))
    assert ([], [("unreachable", 1)]) == (office.mails, await outcomes(desk))


async def test_one_refused_address_holds_up_no_other(
    desk: Desk, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried three times and given up with a line in the log that does not name it."""
    await give_addresses(desk, "ann", "bo")
    office.refusals["ann@shop.example"] = "550 no such mailbox"
    numbers = [await desk.open(seriousness="safety") for _ in range(2)]
    assert {"ann", "bo"} == {await desk.owner(number) for number in numbers}
    notifier = make_notifier(desk, office.port)
    for _ in range(TRIES_WHEN_REFUSED + 2):
        await drain(notifier)
        desk.clock.advance(HOUR)
    assert (["bo@shop.example"], TRIES_WHEN_REFUSED) == (office.recipients, office.tries["ann@shop.example"])
    assert {("sent", 1), ("given_up", TRIES_WHEN_REFUSED)} == set(await outcomes(desk))
    assert "given up" in caplog.text
    assert "ann@" not in caplog.text


async def test_what_is_refused_for_now_is_tried_again_after_a_while(desk: Desk, office: PostOffice) -> None:
    """Not at once, but until it is taken."""
    await give_addresses(desk, "ann")
    office.refusals["ann@shop.example"] = "451 come back later"
    await desk.open(seriousness="safety")
    notifier = make_notifier(desk, office.port)
    await drain(notifier)
    await drain(notifier)
    assert 1 == office.tries["ann@shop.example"]
    for _ in range(5):
        desk.clock.advance(10 * MINUTE)
        await drain(notifier)
    office.refusals.clear()
    desk.clock.advance(10 * MINUTE)
    await drain(notifier)
    assert [("sent", 7)] == await outcomes(desk)


async def test_a_server_that_is_away_loses_nothing_of_a_day(desk: Desk, office: PostOffice) -> None:
    """What is older than that is no news any more."""
    await give_addresses(desk, "ann", "bo")
    await desk.open(seriousness="safety")
    async with open_post_office() as closed:
        pass
    await drain(make_notifier(desk, closed.port))
    desk.clock.advance(23 * HOUR)
    await desk.open(seriousness="safety")
    await drain(make_notifier(desk, closed.port))
    desk.clock.advance(2 * HOUR)
    await drain(make_notifier(desk, office.port))
    assert [("late", 3), ("sent", 2)] == sorted((str(what), tries) for what, tries in await outcomes(desk))


async def test_several_processes_send_each_notice_once(desk: Desk, office: PostOffice) -> None:
    """Three workers, twenty notices."""
    await give_addresses(desk, "ann", "bo", "cy", "dee")
    for _ in range(20):
        await desk.open(seriousness="safety")
    await drain(*(make_notifier(desk, office.port) for _ in range(3)))
    assert 20 == len(office.mails) == len({mail["Message-ID"] for mail in office.mails})


class Hanging:
    """A way that takes what it is given, and is cut off before it can say so."""

    name = "email"

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    def can_reach(self, person: PersonRow) -> bool:
        """Everybody."""
        return True

    async def send(self, note: Note) -> None:
        """Never answer."""
        self.begun.set()
        await asyncio.Event().wait()
        raise NotTakenError


async def test_what_a_dead_process_had_in_hand_is_sent_when_its_lease_ends(desk: Desk, office: PostOffice) -> None:
    """Never before."""
    await give_addresses(desk, "ann")
    await desk.open(seriousness="safety")
    hanging = Hanging()
    catalogue = Catalogue("notices", zone=desk.levels.working_hours.zone)
    dying = asyncio.create_task(Notifier(desk.sessions, desk.clock, hanging, catalogue).look())
    await asyncio.wait_for(hanging.begun.wait(), PATIENCE_SECONDS)
    notifier = make_notifier(desk, office.port)
    await drain(notifier)
    assert [] == office.mails
    desk.clock.advance(LEASE)
    await drain(notifier)
    assert 1 == len(office.mails)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


@pytest.mark.parametrize(("password", "expected"), [("p%40ss%2Fword", 1), ("wrong", 0)])
async def test_the_server_may_ask_for_a_password(
    desk: Desk, password: str, expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong one is no fault of the mail: it stays, and the log does not show the password."""
    await give_addresses(desk, "ann")
    await desk.open(seriousness="safety")
    async with open_post_office(asks_password=True) as office:
        await drain(make_notifier(desk, office.port, login=f"shop:{password}@"))
    assert expected == len(office.mails)
    assert [("sent" if expected else None, 1)] == await outcomes(desk)
    assert PASSWORD not in caplog.text
    assert "wrong" not in caplog.text


async def test_starttls_is_insisted_on(desk: Desk, office: PostOffice) -> None:
    """A server that cannot gets no mail."""
    await give_addresses(desk, "ann")
    await desk.open(seriousness="safety")
    await drain(make_notifier(desk, office.port, starttls="yes"))
    assert ([], [(None, 1)]) == (office.mails, await outcomes(desk))


async def test_contacts_are_set_and_kept_in_the_audit_log_without_the_address(desk: Desk) -> None:
    """A bad address or an unknown login is refused."""
    async with desk.sessions.begin() as session:
        await set_contact(session, "ann", email="ann@shop.example", language="zh-Hant", now=desk.clock.now())
    async with desk.sessions() as session:
        ann = (await session.scalars(select(PersonRow).where(PersonRow.login == "ann"))).one()
        entry = (await session.scalars(select(AuditRow).where(AuditRow.action == "contact_changed"))).one()
    assert ("ann@shop.example", "zh-Hant") == (ann.email, ann.language)
    assert {"changed": ["email", "language"]} == entry.details
    for login, email in (("nobody", "a@shop.example"), ("ann", "ann@"), ("ann", "a\r\nBcc: b@shop.example")):
        async with desk.sessions() as session:
            with pytest.raises(PersonError):
                await set_contact(session, login, email=email, now=desk.clock.now())


async def test_the_application_mails_by_itself(
    desk: Desk, office: PostOffice, settings: Settings, database_url: str, interpreter: EmbeddedInterpreter
) -> None:
    """With a mail server in its settings."""
    await give_addresses(desk, "ann")
    await desk.open(seriousness="safety")
    mail = {"smtp_url": f"smtp://127.0.0.1:{office.port}", "mail_from": SENDER}
    configured = Settings.model_validate(settings.model_dump() | mail)
    app = build_app(configured, database_url=database_url, clock=desk.clock, interpreter=interpreter)

    async def is_sent() -> bool:
        return await outcomes(desk) == [("sent", 1)]

    async with TestClient(TestServer(app)):
        await eventually(is_sent)
    assert len(office.mails) == 1
