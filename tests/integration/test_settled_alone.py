"""What the bot settled alone: counted by conversation, category and day; tickets and what waits are told apart."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import Inbound
from escalation.people import add_person
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
COMPLAINT = "I want to make a complaint about your terrible service"


async def ask_where(client: Client, seeded: list[DemoOrder]) -> Chat:
    """A customer asks where a parcel is, proves the order, and is told."""
    chat = await Chat.open(client, locale="en")
    order = order_saying(seeded, "On the way")
    await chat.ask(f"Where is my parcel? Order {order.number}, phone ends in {order.phone_last4}", order.number)
    return chat


async def complain(client: Client) -> Chat:
    """A customer complains, and a ticket is opened."""
    chat = await Chat.open(client, locale="en")
    await chat.ask(COMPLAINT, "SW-")
    return chat


async def leave_open(client: Client) -> None:
    """A customer begins something and does not answer the bot's question."""
    chat = await Chat.open(client, locale="en")
    await chat.ask("Where is my parcel?", "order number")


async def add_reader(sessions: Sessions, role: str, desk: str | None) -> dict[str, str]:
    """Add somebody; returns the headers of their requests."""
    async with sessions.begin() as session:
        added = await add_person(
            session, login="reader", name="Reader", role=role, desk=desk, now=SystemClock().now(), token=True
        )
    return {"Authorization": f"Bearer {added.token}"}


async def report(client: Client, headers: dict[str, str], query: str = "") -> dict[str, tuple[int, int, int, int]]:
    """The report by category: (requests, alone, with a person, waiting)."""
    answer = await client.get(f"/api/v1/reports/alone{query}", headers=headers)
    assert answer.status == 200
    lines = (await answer.json())["lines"]
    names = ("requests", "alone", "with_person", "waiting")
    return {line["category"]: tuple(line[name] for name in names) for line in lines}


async def test_settled_handed_over_and_left_open_are_told_apart(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Two parcels found, one question left unanswered, one complaint: a share of two in three, and of none."""
    await ask_where(client, seeded)
    await ask_where(client, seeded)
    await leave_open(client)
    await complain(client)
    found = await report(client, await add_reader(sessions, "supervisor", None))
    assert {"logistics": (3, 2, 0, 1), "complaint": (1, 0, 1, 0)} == found


async def test_one_conversation_may_ask_twice(client: Client, seeded: list[DemoOrder], sessions: Sessions) -> None:
    """A parcel found and then a complaint: the ticket of the one does not spoil the other."""
    chat = await ask_where(client, seeded)
    await chat.ask(COMPLAINT, "SW-")
    found = await report(client, await add_reader(sessions, "supervisor", None))
    assert {"logistics": (1, 1, 0, 0), "complaint": (1, 0, 1, 0)} == found


async def test_what_is_said_about_an_open_ticket_is_not_settled_alone(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The bot answers on the next day too, but a person has the case."""
    chat = await complain(client)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE tickets SET opened_at = opened_at - interval '1 day'"))
        await session.execute(text("UPDATE inbox SET received_at = received_at - interval '1 day'"))
    await chat.ask(COMPLAINT, "already")
    found = await report(client, await add_reader(sessions, "supervisor", None))
    assert {"complaint": (2, 0, 2, 0)} == found


async def test_small_talk_is_no_request(client: Client, sessions: Sessions) -> None:
    """Nobody wanted anything."""
    chat = await Chat.open(client, locale="en")
    await chat.ask("hello", "")
    async with sessions() as session:
        assert [None] == [entry.payload.get("topic") for entry in await session.scalars(select(Inbound))]
    assert {} == await report(client, await add_reader(sessions, "supervisor", None))


@pytest.mark.parametrize(
    ("query", "categories"),
    [
        ("", {"logistics", "complaint"}),
        ("?category=logistics", {"logistics"}),
        ("?desk=complaint", {"complaint"}),
        ("?desk=complaint&category=logistics", set()),
        ("?channel=widget", {"logistics", "complaint"}),
        ("?channel=telegram", set()),
        ("?until=2020-01-01&since=2020-01-01", set()),
    ],
)
async def test_the_report_is_narrowed(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, query: str, categories: set[str]
) -> None:
    """By period, category, desk and channel."""
    await ask_where(client, seeded)
    await complain(client)
    assert categories == set(await report(client, await add_reader(sessions, "supervisor", None), query))


@pytest.mark.parametrize(
    ("role", "desk", "categories"),
    [
        ("operations_manager", None, {"logistics", "complaint"}),
        ("auditor", None, {"logistics", "complaint"}),
        ("team_lead", "complaint", {"complaint"}),
        ("agent", "complaint", set()),
        ("admin", None, set()),
    ],
)
async def test_a_desk_sees_its_own(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, role: str, desk: str | None, categories: set[str]
) -> None:
    """A lead sees what their desk is spared; an agent nothing, for no person has a part in it."""
    await ask_where(client, seeded)
    await complain(client)
    assert categories == set(await report(client, await add_reader(sessions, role, desk)))
