"""When a promise moves the customer hears of it, once, in their language and their time zone, whoever moved it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.app import build_app
from bot.background.telling import Teller
from bot.keys import SERVICES
from bot.models import Message
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation.models import TicketRow
from escalation.renewal import Renewal
from escalation.service_levels import load_service_levels
from escalation.testing import FakeClock, make_person
from escalation.ticker import Ticker
from tests.integration.chat import Chat
from tests.integration.machine import eventually

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
COMPLAINT = "I want to make a complaint about your rude service"
# A Thursday, 10:00 in Shanghai: the desk works.
NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
DEFAULT = Path(__file__).parents[2] / "escalation" / "service_levels.yml"


class House:
    """The application with a clock that the test moves, and its people."""

    def __init__(self, client: Client, sessions: Sessions, clock: FakeClock) -> None:
        self.client, self.sessions, self.clock = client, sessions, clock
        self.services = client.app[SERVICES]  # type: ignore[index]

    async def act(self, login: str, name: str, **body: Any) -> dict[str, Any]:
        """Do something to the only ticket, as somebody."""
        number = (await self.ticket()).number
        headers = {"Authorization": f"Bearer {login}'s token"}
        response = await self.client.post(f"/api/v1/tickets/{number}/{name}", json=body, headers=headers)
        answer: dict[str, Any] = await response.json()
        assert 200 == response.status, answer
        return answer

    async def ticket(self) -> TicketRow:
        """The only ticket."""
        async with self.sessions() as session:
            return (await session.scalars(select(TicketRow))).one()

    async def told(self) -> list[str]:
        """What the customer was told by nobody in particular, in order."""
        query = select(Message.text).where(Message.sender == "system").order_by(Message.seq)
        async with self.sessions() as session:
            return list(await session.scalars(query))

    async def tick(self) -> None:
        """Let the clock loop and the Teller do what is due."""
        ticker = Ticker(self.sessions, self.clock, self.services.levels)
        await ticker.tick()
        # The application's own loop may hold a ticket just now: it lets go of it before this has them all.
        async with self.sessions.begin() as session:
            await session.execute(select(TicketRow.id).with_for_update())
        while await ticker.tick():
            pass
        await Teller(self.services).look()


@pytest.fixture
async def house(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], sessions: Sessions
) -> AsyncIterator[House]:
    """Luo leads the complaints; Mei works there; Sue supervises."""
    clock = FakeClock(NOW)
    async with sessions.begin() as session:
        for login, role, desk in (("mei", "team_lead", "complaint"), ("sue", "supervisor", None)):
            session.add(make_person(login, role, desk, now=NOW, token=f"{login}'s token"))
    app = build_app(settings, database_url=database_url, interpreter=interpreter, clock=clock)
    async with TestClient(TestServer(app)) as client:
        yield House(client, sessions, clock)


async def complain(house: House, **hello: Any) -> tuple[Chat, dict[str, Any]]:
    """Make a complaint; returns the answer that has its number."""
    chat = await Chat.open(house.client, locale="en", **hello)
    await chat.write(COMPLAINT)
    return chat, await chat.hear("SW-")


async def test_the_stages_are_told_with_their_times_in_the_customers_zone(house: House) -> None:
    """10:00 in Shanghai is 11:00 in Tokyo; the zone is named, for its clocks show another time."""
    _, told = await complain(house, time_zone="Asia/Tokyo")
    assert "accepted 26 November at 11:00 (Japan Time)" in told["text"]
    assert "settled by 27 November at 11:00 (Japan Time)" in told["text"]
    assert "reported back by 28 November at 11:00 (Japan Time)" in told["text"]


@pytest.mark.parametrize("time_zone", [None, "Mars/Olympus", "Asia/Taipei", "../etc/passwd"])
async def test_where_the_clocks_show_the_same_no_zone_is_named(house: House, time_zone: str | None) -> None:
    """None told, none that anybody knows, one with the same time."""
    chat, told = await complain(house, time_zone=time_zone)
    assert "accepted 26 November at 10:00, looked into by" in told["text"]
    while not chat.state.get("ticket"):
        await chat.until("state")
    assert "27 November at 10:00" == chat.state["ticket"]["due"]


async def test_each_stage_is_told_once(house: House) -> None:
    """Taken up, answered, ended: three bubbles, none of them twice."""
    await complain(house)
    await house.act("sue", "accept")
    await house.act("sue", "accept")
    assert ["being investigated"] == [text.split(": ")[1].split(".")[0] for text in await house.told()]
    await house.act("sue", "messages", text="I am on it.")
    await house.act("sue", "messages", text="Still on it.")
    assert "being handled" in (await house.told())[-1]
    await house.act("sue", "resolve", outcome="solved", text="Done.")
    await house.tick()
    told = await house.told()
    assert 3 == len(told)
    assert "all four stages" in told[-1]


async def test_a_changed_tier_is_told_with_stage_method_and_time(house: House) -> None:
    """Eight hours instead of 24; once."""
    await complain(house)
    await house.act("sue", "tier", tier="critical", reason="a child was hurt")
    (told,) = await house.told()
    for part in ("has changed", "accepted", "with ", "How: we look into it", "Due by 26 November at 18:00"):
        assert part in told
    await house.tick()
    assert 1 == len(await house.told())


async def test_a_small_move_is_not_told(house: House) -> None:
    """A pause of 29 minutes; the one after that makes it more than half an hour."""
    chat, _ = await complain(house)
    await house.act("sue", "messages", text="Hello")
    before = len(await house.told())
    for minutes, told in ((29, 0), (2, 1)):
        await house.act("sue", "wait", text="What happened?")
        house.clock.advance(timedelta(minutes=minutes))
        await chat.write("This and that")

        async def goes_on() -> bool:
            return (await house.ticket()).state == "in_progress"

        await eventually(goes_on)
        await house.tick()
        assert told == len(await house.told()) - before
    assert "Due by 27 November at 10:31" in (await house.told())[-1]


async def test_a_handover_is_told_and_names_the_new_owner(house: House) -> None:
    """After the first answer; whose consent it needed is nobody's business."""
    await complain(house)
    await house.act("sue", "messages", text="Hello")
    await house.act("sue", "handover", to="mei", reason="holiday")
    assert "Mei has taken over" in (await house.told())[-1]


async def test_an_edited_service_file_is_told_in_working_hours(house: House, tmp_path: Path) -> None:
    """A general matter at night: the time moves at once, the customer hears of it in the morning."""
    chat = await Chat.open(house.client, locale="en")
    await chat.write("I want to talk to a person")
    await chat.hear("SW-")
    house.clock.advance(timedelta(hours=12))
    edited = tmp_path / "service.yml"
    shorter = DEFAULT.read_text(encoding="utf-8").replace("resolution: PT48H", "resolution: PT20H")
    edited.write_text(shorter, encoding="utf-8")
    # The clock loop may hold the ticket just now: `run` comes back to it.
    await Renewal(house.sessions, house.clock, load_service_levels(edited)).run()
    await Teller(house.services).look()
    assert [] == await house.told()
    house.clock.advance(timedelta(hours=12))
    await Teller(house.services).look()
    (told,) = await house.told()
    assert "has changed" in told


async def test_a_silent_customer_is_reminded_then_told_that_it_ended(house: House) -> None:
    """48 hours, 72 hours: each told once."""
    await complain(house)
    await house.act("sue", "wait", text="What happened?")
    before = len(await house.told())
    house.clock.advance(timedelta(hours=48))
    await house.tick()
    await house.tick()
    house.clock.advance(timedelta(hours=24))
    await house.tick()
    await house.tick()
    reminder, ended = (await house.told())[before:]
    assert "We still need your answer" in reminder
    assert "29 November at 10:00" in reminder
    assert "closed for now" in ended


async def test_two_tellers_tell_it_once(house: House) -> None:
    """Processes share the work; the conversation's lock keeps them apart."""
    await complain(house)
    async with house.sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
        ticket.told = {**(ticket.told or {}), "due_at": NOW.isoformat()}
        ticket.untold_since = NOW
    await Teller(house.services).look()
    await Teller(house.services).look()
    async with house.sessions() as session:
        assert 1 == await session.scalar(select(func.count()).where(Message.sender == "system"))
