"""Two processes on one database: whoever is connected to one hears at once of what happens in the other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.app import build_app
from bot.keys import SERVICES
from bot.live.bus import Change, InMemoryBus
from bot.live.relay import CHANNEL, NAME
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation.models import TicketRow
from escalation.ports import SystemClock
from escalation.testing import make_person
from tests.integration.chat import Chat
from tests.integration.machine import eventually
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def clients(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], sessions: Sessions
) -> AsyncIterator[tuple[Client, Client]]:
    """One application twice; Sue supervises. Both hear of one another."""
    async with sessions.begin() as session:
        session.add(make_person("sue", "supervisor", None, now=SystemClock().now(), token="sue's token"))
    apps = [build_app(settings, database_url=database_url, interpreter=interpreter) for _ in range(2)]
    async with TestClient(TestServer(apps[0])) as one, TestClient(TestServer(apps[1])) as other:
        await until_heard(one, other)
        await until_heard(other, one)
        yield one, other


async def until_heard(here: Client, there: Client) -> None:
    """Wait until what is hinted at here is heard there."""
    conversation, heard = uuid4(), asyncio.Event()
    with bus_of(there).watch(lambda hinted, _typing: heard.set() if hinted == conversation else None):

        async def is_heard() -> bool:
            bus_of(here).hint(conversation, Change.SAID)
            return heard.is_set()

        await eventually(is_heard)


def bus_of(client: Client) -> InMemoryBus:
    """The hints of one of them."""
    assert client.app is not None
    return client.app[SERVICES].bus


async def test_what_a_person_says_in_one_is_heard_in_the_other(
    clients: tuple[Client, Client], sessions: Sessions
) -> None:
    """The customer's socket is here, the agent's request comes there."""
    here, there = clients
    chat = await Chat.open(here, locale="en")
    await chat.write("I want to talk to a person")
    await chat.hear("SW-")
    async with sessions() as session:
        number = await session.scalar(select(TicketRow.number))
    said = await there.post(
        f"/api/v1/tickets/{number}/messages",
        json={"text": "This is Sue."},
        headers={"Authorization": "Bearer sue's token"},
    )
    assert 200 == said.status
    while not any("This is Sue." == message["text"] for message in chat.messages):
        await chat.until("message")


async def test_a_second_window_follows_in_the_other(clients: tuple[Client, Client]) -> None:
    """The same visitor, two windows, two processes: what is written here is shown there, and so is the answer."""
    here, there = clients
    first = await Chat.open(here, locale="en")
    second = await Chat.open(there, session=first.session)
    await first.write("I want to talk to a person")
    heard = await second.hear("SW-")
    assert heard["text"] == (await first.hear("SW-"))["text"]


async def test_typing_is_seen_in_the_other_once(clients: tuple[Client, Client]) -> None:
    """Who types comes along; whoever said it does not hear the echo."""
    here, there = clients
    conversation = uuid4()
    with bus_of(here).listen(conversation) as own, bus_of(there).listen(conversation) as other:
        bus_of(here).hint(conversation, typing="customer", but=own)
        assert ({Change.TYPING}, {"customer"}) == await asyncio.wait_for(other.wait(), PATIENCE_SECONDS)
        bus_of(there).hint(conversation, Change.SAID)
        # Had there been an echo, it would have come before.
        assert ({Change.SAID}, set()) == await asyncio.wait_for(own.wait(), PATIENCE_SECONDS)


async def test_many_hints_at_once_all_arrive(clients: tuple[Client, Client]) -> None:
    """More than fit into one notification."""
    here, there = clients
    wanted, heard, all_came = {uuid4() for _ in range(300)}, set[UUID](), asyncio.Event()

    def note(conversation: UUID, _typing: str | None) -> None:
        heard.add(conversation)
        if wanted <= heard:
            all_came.set()

    with bus_of(there).watch(note):
        for conversation in wanted:
            for change in (Change.SAID, Change.ANYTHING):
                bus_of(here).hint(conversation, change)
            bus_of(here).hint(conversation, typing="customer")
        await asyncio.wait_for(all_came.wait(), PATIENCE_SECONDS)


async def test_a_lost_connection_is_made_again(clients: tuple[Client, Client], sessions: Sessions) -> None:
    """The database ends the connections that listen: everybody looks again, and hears again."""
    here, there = clients
    conversation = uuid4()
    with bus_of(there).listen(conversation) as other:
        async with sessions.begin() as session:
            ended = select(func.pg_terminate_backend(text("pid"))).select_from(text("pg_stat_activity"))
            await session.execute(ended.where(text("application_name = :name")), {"name": NAME})
        assert {Change.ANYTHING} == (await asyncio.wait_for(other.wait(), PATIENCE_SECONDS))[0]
        bus_of(here).hint(conversation, Change.SAID)
        while Change.SAID not in (await asyncio.wait_for(other.wait(), PATIENCE_SECONDS))[0]:
            pass


@pytest.mark.parametrize(
    "nonsense", ["", "{}", "[1]", '[["x", "said", null]]', '[["", "said"]]', "null", "[[1, 2, 3]]"]
)
async def test_nonsense_on_the_channel_is_left_out(
    clients: tuple[Client, Client], sessions: Sessions, nonsense: str
) -> None:
    """Somebody else notifies; what comes behind it is heard."""
    here, there = clients
    conversation = uuid4()
    with bus_of(there).listen(conversation) as other:
        async with sessions.begin() as session:
            await session.execute(select(func.pg_notify(CHANNEL, nonsense)))
        bus_of(here).hint(conversation, Change.SAID)
        assert {Change.SAID} == (await asyncio.wait_for(other.wait(), PATIENCE_SECONDS))[0]
