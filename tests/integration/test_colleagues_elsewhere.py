"""Colleagues on two processes of one database: who looks at a ticket, who answers it and who is on duty."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSCloseCode, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.app import build_app
from bot.console.auth import COOKIE
from bot.console.colleagues import NAMED_FOR_SECONDS, SAY_AGAIN_SECONDS, VALID_FOR_SECONDS, Colleagues
from bot.keys import COLLEAGUES
from bot.live.relay import COLLEAGUES_CHANNEL, NAME
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation.models import ParticipantRow, PersonRow
from escalation.ports import SystemClock
from escalation.signing_in import sign_in
from tests.integration.machine import Machine
from tests.integration.office import Office
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.postgres

SHOP = "https://shop.example"
Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


class Stopwatch:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return how many have passed."""
        return self.seconds


class Console:
    """An open console, as a program."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def look_at(self, number: str | None) -> None:
        """Open a ticket."""
        await self.socket.send_json({"type": "viewing", "number": number})

    async def hear(self, **wanted: Any) -> dict[str, Any]:
        """Wait for a frame that has this in it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                if wanted.items() <= frame.items():
                    return frame


@pytest.fixture
async def watch() -> Stopwatch:
    """The time that passes on the second of the two processes."""
    return Stopwatch()


@pytest.fixture
async def clients(
    settings: Settings,
    database_url: str,
    interpreter: EmbeddedInterpreter,
    seeded: list[DemoOrder],
    watch: Stopwatch,
) -> AsyncIterator[tuple[Client, Client]]:
    """One application twice, for a shop that embeds the chat."""
    settings = settings.model_copy(update={"allowed_origins": SHOP})
    apps = [build_app(settings, database_url=database_url, interpreter=interpreter) for _ in range(2)]
    apps[1][COLLEAGUES] = Colleagues(watch)
    async with TestClient(TestServer(apps[0])) as one, TestClient(TestServer(apps[1])) as other:
        yield one, other


@pytest.fixture
async def number(clients: tuple[Client, Client], sessions: Sessions) -> str:
    """A ticket of Lin's, with which Chen and Luo help."""
    office = Office(clients[0], sessions)
    number = await office.open("lin", category="after_sales")
    for helper in ("chen", "luo"):
        await office.let_help(number, helper)
    return number


@asynccontextmanager
async def console(client: Client | ClientSession, sessions: Sessions, login: str) -> AsyncIterator[Console]:
    """Have somebody's console open on one of the processes."""
    async with sessions.begin() as session:
        person = (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()
        person.password_hash, person.must_change_password = PasswordHasher().hash("of my own"), False
    async with sessions.begin() as session:
        token = (await sign_in(session, login, "of my own", now=SystemClock().now())).token
    async with client.ws_connect("/ws/console", headers={"Cookie": f"{COOKIE}={token}"}) as socket:
        yield Console(socket)


async def test_a_viewer_on_one_is_seen_on_the_other(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """By name, each sees the other and not themselves; who opens another ticket or leaves is gone."""
    here, there = clients
    async with console(there, sessions, "chen") as chen:
        await chen.look_at(number)
        async with console(here, sessions, "lin") as lin:
            await lin.look_at(number)
            await lin.hear(type="viewing", number=number, people=["Chen"])
            await chen.hear(type="viewing", number=number, people=["Lin"])
            await lin.look_at("SW-9999")
            await chen.hear(type="viewing", number=number, people=[])
            await lin.look_at(number)
            await chen.hear(type="viewing", number=number, people=["Lin"])
        await chen.hear(type="viewing", number=number, people=[])


async def test_somebody_with_two_windows_has_left_with_the_second(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """One on each process: closing one changes nothing, and one's own other window is nobody else."""
    here, there = clients
    async with console(there, sessions, "chen") as chen, console(here, sessions, "lin") as lin:
        async with console(there, sessions, "lin") as second:
            for one in (chen, lin, second):
                await one.look_at(number)
            await second.hear(type="viewing", people=["Chen"])
            await lin.hear(type="viewing", people=["Chen"])
        await chen.look_at(None)
        await chen.look_at(number)
        await chen.hear(type="viewing", people=["Lin"])


async def test_who_answers_on_one_is_named_on_the_other(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """To those who look at the same ticket."""
    here, there = clients
    async with console(here, sessions, "lin") as lin, console(there, sessions, "luo") as luo:
        await luo.look_at(number)
        await luo.hear(type="viewing", number=number)
        await lin.socket.send_json({"type": "typing", "number": number})
        await luo.hear(type="answering", number=number, name="Lin")


@pytest.mark.parametrize("at", [0, 1])
async def test_who_was_renamed_is_called_by_the_new_name(
    clients: tuple[Client, Client], sessions: Sessions, number: str, watch: Stopwatch, at: int
) -> None:
    """Within a minute, on their own process and on the other, whether they answer or only look."""
    async with console(clients[at], sessions, "lin") as lin, console(clients[1], sessions, "luo") as luo:
        await luo.look_at(number)
        await lin.look_at(number)
        await luo.hear(type="viewing", number=number, people=["Lin"])
        async with sessions.begin() as session:
            await session.execute(update(PersonRow).where(PersonRow.login == "lin").values(name="Lin Yating"))
        watch.seconds += NAMED_FOR_SECONDS
        await lin.socket.send_json({"type": "typing", "number": number})
        await luo.hear(type="answering", number=number, name="Lin Yating")
        await lin.look_at("SW-9999")
        await lin.look_at(number)
        await luo.hear(type="viewing", number=number, people=["Lin Yating"])


async def test_who_is_set_away_on_one_hears_of_it_on_the_other(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """The page stops saying that they are here; rosters that are open look again."""
    here, there = clients
    office = Office(here, sessions)
    await office.add("sue", "supervisor", None)
    async with console(there, sessions, "lin") as lin:
        status, _ = await office.ask("sue", "POST", "/api/v1/roster/lin", json={"available": False})
        assert 200 == status
        wanted = {"presence", "changed"}
        while wanted:
            frame = await lin.hear()
            wanted.discard(frame["type"])
            assert frame["type"] != "presence" or {"login": "lin", "available": False}.items() <= frame.items()


async def test_a_process_that_begins_late_knows_who_looked_before(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """Also one that lost its line: it asks who is there, and says who is here."""
    here, there = clients
    async with console(here, sessions, "lin") as lin, console(there, sessions, "chen") as chen:
        await lin.look_at(number)
        await chen.look_at(number)
        await chen.hear(type="viewing", people=["Lin"])
        async with sessions.begin() as session:
            ended = select(func.pg_terminate_backend(text("pid"))).select_from(text("pg_stat_activity"))
            await session.execute(ended.where(text("application_name = :name")), {"name": NAME})
        await lin.look_at(None)
        await chen.hear(type="viewing", people=[])


async def test_who_was_on_a_killed_process_is_gone_in_time(
    clients: tuple[Client, Client],
    sessions: Sessions,
    number: str,
    watch: Stopwatch,
    database_url: str,
    tmp_path: Path,
    model_dir: Path,
) -> None:
    """It says no last word; its viewers stay until it has missed its third turn to say who is there."""
    _, there = clients
    async with AsyncExitStack() as process:
        # A console that is open and not read for as long as another process needs to start would be taken for dead.
        doomed = await process.enter_async_context(Machine(database_url, tmp_path, model_dir).running())
        async with console(there, sessions, "chen") as chen, console(doomed, sessions, "lin") as lin:
            await chen.look_at(number)
            await lin.look_at(number)
            await chen.hear(type="viewing", people=["Lin"])
            watch.seconds += VALID_FOR_SECONDS - SAY_AGAIN_SECONDS
            await chen.look_at(number)
            await chen.hear(type="viewing", people=["Lin"])
            await process.aclose()
            watch.seconds += VALID_FOR_SECONDS
            await chen.look_at(number)
            await chen.hear(type="viewing", people=[])


async def test_who_may_not_see_a_ticket_is_not_in_it(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """Nobody is told of them, nor they of anybody, whatever they ask for."""
    here, there = clients
    office = Office(here, sessions)
    await office.add("sue", "supervisor", None)
    own = await office.open("zhao", category="logistics")
    async with console(here, sessions, "zhao") as zhao, console(there, sessions, "sue") as sue:
        await sue.look_at(own)
        await zhao.look_at(own)
        await sue.hear(type="viewing", number=own, people=["Zhao"])
        await zhao.look_at(number)
        await sue.hear(type="viewing", number=own, people=[])
        async with console(here, sessions, "lin") as lin:
            await lin.look_at(number)
            assert [] == (await lin.hear(type="viewing", number=number))["people"]
            await zhao.look_at(own)
            frame = await zhao.hear(type="viewing")
            assert own == frame["number"]


async def test_who_may_not_see_a_ticket_any_more_has_left_it(
    clients: tuple[Client, Client], sessions: Sessions, number: str, watch: Stopwatch
) -> None:
    """Found out when there is something to tell of it."""
    here, there = clients
    async with console(here, sessions, "lin") as lin, console(there, sessions, "chen") as chen:
        await lin.look_at(number)
        await chen.look_at(number)
        await lin.hear(type="viewing", people=["Chen"])
        async with sessions.begin() as session:
            await session.execute(delete(ParticipantRow))
        watch.seconds += SAY_AGAIN_SECONDS / 2
        await lin.look_at(None)
        await lin.look_at(number)
        await lin.hear(type="viewing", people=[])


async def test_a_console_that_is_open_ends_no_break(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """Neither by saying that somebody is here nor by being opened again, until the person says so."""
    here, there = clients
    office = Office(here, sessions)
    await office.add("sue", "supervisor", None)
    async with console(there, sessions, "sue") as sue, console(here, sessions, "lin") as lin:
        await sue.look_at(number)
        assert 200 == (await office.ask("sue", "POST", "/api/v1/roster/lin", json={"available": False}))[0]
        await lin.socket.send_json({"type": "here"})
        await lin.look_at(number)
        await sue.hear(type="viewing", people=["Lin"])
        async with sessions() as session:
            person = (await session.scalars(select(PersonRow).where(PersonRow.login == "lin"))).one()
        assert (None, True) == (person.last_seen_at, person.on_break)
        await office.ask("sue", "POST", "/api/v1/roster/lin", json={"available": True})
        await lin.socket.send_json({"type": "here"})
        await lin.look_at(None)
        await sue.hear(type="viewing", people=[])
        async with sessions() as session:
            person = (await session.scalars(select(PersonRow).where(PersonRow.login == "lin"))).one()
        assert person.last_seen_at is not None


async def test_another_role_on_one_is_heard_of_on_the_other(clients: tuple[Client, Client], sessions: Sessions) -> None:
    """Whoever it is about loads anew, others do not; somebody who left is signed out, and their line is closed."""
    here, there = clients
    office = Office(here, sessions)
    for login, role in (("boss", "operations_manager"), ("ada", "admin")):
        await office.add(login, role, None)
    async with console(there, sessions, "lin") as lin, console(there, sessions, "chen") as chen:
        wish = {"kind": "role", "login": "lin", "role": "team_lead", "desk": "after_sales", "why": "leads already"}
        _, proposal = await office.ask("ada", "POST", "/api/v1/people/proposals", json=wish)
        await office.ask("boss", "POST", f"/api/v1/people/proposals/{proposal['id']}/approve", json={})
        await lin.hear(type="account")
        assert 200 == (await office.ask("boss", "POST", "/api/v1/people/lin/deactivate", json={}))[0]
        await lin.hear(type="account")
        assert WSCloseCode.POLICY_VIOLATION == (await until_closed(lin.socket))
        await chen.socket.send_json({"type": "here"})
        assert not chen.socket.closed


async def test_a_line_whose_session_has_ended_is_closed(clients: tuple[Client, Client], sessions: Sessions) -> None:
    """At the next frame, if nobody has said so before: as when an account is closed on the command line."""
    async with console(clients[0], sessions, "lin") as lin:
        async with sessions.begin() as session:
            await session.execute(update(PersonRow).where(PersonRow.login == "lin").values(active=False))
        await lin.socket.send_json({"type": "here"})
        assert WSCloseCode.POLICY_VIOLATION == (await until_closed(lin.socket))


async def until_closed(socket: ClientWebSocketResponse) -> int | None:
    """Read what still comes; returns the code that the line was closed with."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for _ in socket:
            pass
    return socket.close_code


async def test_a_shop_that_embeds_the_chat_cannot_open_the_console(
    clients: tuple[Client, Client], sessions: Sessions
) -> None:
    """Its page may chat; with the cookie of somebody who works here it may not listen."""
    async with clients[0].ws_connect("/ws/chat", headers={"Origin": SHOP}):
        pass
    with pytest.raises(WSServerHandshakeError) as refused:
        await clients[0].ws_connect("/ws/console", headers={"Origin": SHOP})
    assert 403 == refused.value.status


async def test_a_note_that_is_sent_twice_is_kept_once(
    clients: tuple[Client, Client], sessions: Sessions, number: str
) -> None:
    """By its key; the same words with another key are another note."""
    office = Office(clients[0], sessions)
    await office.add("sue", "supervisor", None)
    for key in ("one", "one", "another"):
        status, ticket = await office.ask(
            "sue", "POST", f"/api/v1/tickets/{number}/notes", json={"text": "look", "key": key}
        )
        assert 200 == status
    assert 2 == sum(event["kind"] == "note" for event in ticket["events"])


async def test_nothing_of_a_person_but_their_id_is_sent(
    clients: tuple[Client, Client], sessions: Sessions, engine: AsyncEngine, number: str
) -> None:
    """Neither name nor login: what is notified can be read by whoever has the database's password."""
    here, _ = clients
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with engine.connect() as pooled:
        connection: Any = (await pooled.get_raw_connection()).driver_connection
        await connection.add_listener(COLLEAGUES_CHANNEL, lambda *given: heard.put_nowait(given[-1]))
        async with console(here, sessions, "lin") as lin:
            await lin.look_at(number)
            payload = await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)
    assert number in payload
    assert "lin" not in payload.lower()
