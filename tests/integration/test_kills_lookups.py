"""The app is killed between any two steps of looking up what the shop could not answer: it is answered once."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.embedded_shop import EmbeddedShop
from bot.models import Inbound, Message, ShopLookupRow
from bot.nlu.embedded import EmbeddedInterpreter
from escalation import audit
from escalation.models import TicketRow
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying
from tests.integration.machine import PAST_THE_LEASE, Machine, eventually
from tests.integration.shop_server import TOKEN, serving

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def machine(database_url: str, tmp_path: Path, model_dir: Path, interpreter: EmbeddedInterpreter) -> Machine:
    """A machine on the test's database; its model is trained already."""
    return Machine(database_url, tmp_path, model_dir)


@pytest.mark.parametrize("step", ["lookup_claimed", "lookup_answered", "lookup_recorded", "applied", "committed"])
async def test_a_lookup_while_the_app_is_killed(
    step: str, machine: Machine, seeded: list[DemoOrder], sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer is answered once, the ticket ends once."""
    order = order_saying(seeded, "Not sent yet")
    async with serving(EmbeddedShop(sessions)) as server:
        monkeypatch.setenv("SHOUWEN_SHOP_URL", server.url)
        monkeypatch.setenv("SHOUWEN_SHOP_TOKEN", TOKEN)
        server.always = "wrong_json"
        async with machine.running() as client:
            chat = await Chat.open(client, locale="en")
            await chat.ask(
                f"What is the status of my order {order.number}, phone ends in {order.phone_last4}", "isn't answering"
            )
        server.always = None
        machine.pass_time(PAST_THE_LEASE)
        machine.arm(step)
        await machine.run_to_death()
        async with machine.running() as client:
            chat = await Chat.open(client, session=chat.session, locale="en")
            await chat.hear("answers again")
            await chat.hear("Is it solved?")
            await eventually(lambda: _is_at_rest(sessions))
    await _check_answered_once(sessions)


async def _is_at_rest(sessions: Sessions) -> bool:
    async with sessions() as session:
        return not await session.scalar(select(func.count()).where(Inbound.handled_at.is_(None)))


async def _check_answered_once(sessions: Sessions) -> None:
    async with sessions() as session:
        said = list((await session.scalars(select(Message.text).where(Message.sender == "bot"))).all())
        ticket = (await session.scalars(select(TicketRow))).one()
        lookup = (await session.scalars(select(ShopLookupRow))).one()
        assert await audit.verify(session) is None
    assert len(said) == len(set(said))
    assert ("resolved", True, None) == (ticket.state, lookup.done_at is not None, lookup.sealed_digits)
