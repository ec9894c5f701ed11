"""A complaint's stages (§4.1): people move it on, the customer sees each, and by when each was promised is kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import casework
from escalation.errors import EscalationError, ForbiddenTransitionError, RefusedError
from escalation.ports import SystemClock
from escalation.testing import make_person
from escalation.tickets import Stage
from tests.integration.chat import Chat
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
TOKEN = "Sue's own token"


async def ask(client: Client, method: str, path: str, **body: Any) -> tuple[int, Any]:
    """Use the API as the supervisor."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    response = await client.request(method, f"/api/v1/tickets/{path}", headers=headers, json=body or None)
    return response.status, await response.json()


async def await_stage(chat: Chat, stage: str) -> None:
    """Return when the customer's window shows a stage."""
    while (chat.state.get("ticket") or {}).get("stage") != stage:
        await chat.until("state")


async def test_each_stage_is_seen_by_the_customer_as_people_reach_it(
    client: Client, sessions: async_sessionmaker[AsyncSession]
) -> None:
    """Accepted at once, then as somebody takes it up, answers, sets it back to investigating, and resolves it."""
    async with sessions.begin() as session:
        session.add(make_person("sue", "supervisor", None, now=SystemClock().now(), token=TOKEN))
    chat = await Chat.open(client, locale="en")
    await chat.ask("I want to make a complaint about your rude service", "SW-")
    await await_stage(chat, "accepted")
    number = chat.state["ticket"]["number"]
    for path, body, stage in (
        ("accept", {}, "being investigated"),
        ("messages", {"text": "I am Sue, and I look into it."}, "being handled"),
        ("stage", {"stage": "investigating"}, "being investigated"),
        ("stage", {"stage": "handling"}, "being handled"),
        ("resolve", {"outcome": "solved", "text": "We are sorry; here is a voucher."}, None),
    ):
        status, answer = await ask(client, "POST", f"{number}/{path}", **body)
        assert 200 == status, answer
        if stage:
            await await_stage(chat, stage)
    _, told = await ask(client, "GET", number)
    opened_at = datetime.fromisoformat(told["opened_at"])
    promised = {one["stage"]: datetime.fromisoformat(one["due_at"]) - opened_at for one in told["stages"]}
    hours = {"accepted": 0, "investigating": 24, "handling": 48, "fed_back": 72}
    assert {stage: timedelta(hours=count) for stage, count in hours.items()} == promised
    reached = [datetime.fromisoformat(one["at"]) for one in told["stages"]]
    assert all(opened_at <= at <= SystemClock().now() for at in reached)
    assert "fed_back" == told["stage"]


@pytest.mark.parametrize(
    ("category", "acts", "wanted", "error"),
    [
        ("quality", ["accept"], Stage.HANDLING, RefusedError),  # no complaint
        ("complaint", [], Stage.INVESTIGATING, RefusedError),  # nobody has taken it up
        ("complaint", ["accept"], Stage.ACCEPTED, ForbiddenTransitionError),
        ("complaint", ["accept"], Stage.FED_BACK, ForbiddenTransitionError),  # that takes an answer to the customer
        ("complaint", ["accept"], Stage.INVESTIGATING, ForbiddenTransitionError),  # it is there
        ("complaint", ["accept", "resolve"], Stage.HANDLING, RefusedError),
    ],
)
async def test_a_stage_that_cannot_be_is_refused_by_name(
    desk: Desk, category: str, acts: list[str], wanted: Stage, error: type[EscalationError]
) -> None:
    """And the ticket stays as it is."""
    number, now = await desk.open(category=category), desk.clock.now()
    for act in acts:
        if act == "accept":
            await desk.act(casework.accept, number, by="sue", now=now)
        else:
            await desk.resolve(number, by="sue")
    before = await desk.ticket(number)
    with pytest.raises(error, match=r"SW-|complaint"):
        await desk.act(casework.set_stage, number, by="sue", stage=wanted, now=now)
    assert before.stage == (await desk.ticket(number)).stage


async def test_every_stage_is_watched_by_a_clock_that_is_due_no_later(desk: Desk) -> None:
    """Whoever lets one lie is warned: taking up by the claim, handling by the answer, feeding back by the feedback."""
    number = await desk.open(category="complaint")
    clocks, opened_at = await desk.clocks(number), desk.clock.now()
    assert "major" == (await desk.ticket(number)).tier
    for kind, hours in (("claim", 24), ("response", 48), ("feedback", 72)):
        assert clocks[kind].due_at <= opened_at + timedelta(hours=hours)
        assert clocks[kind].next_step == "warn_half"
