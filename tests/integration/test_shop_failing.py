"""The shop's own system failing in every way, at every step: the case stays true and the customer is told.

A customer writes in the widget; the shop is the embedded one behind a server that misbehaves; time goes on by itself.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.breaker import Breaker
from actions.demo_shop import DemoOrder
from actions.embedded_shop import EmbeddedShop
from actions.http_shop import HttpShop
from actions.models import ShopCommandResult, ShopOrder
from bot.app import build_app
from bot.console.casebook import reply
from bot.keys import SERVICES, TURNS
from bot.models import Inbound, Message, ProofTally, ShopCommandRow, ShopLookupRow
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation import audit
from escalation.models import ClockRow, NoticeRow, PersonRow, TicketEventRow, TicketRow
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying
from tests.integration.machine import eventually
from tests.integration.shop_server import TOKEN, ShopServer, serving
from tests.integration.test_http_shop import HASTY
from tests.integration.victim import ClockAhead

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
READS = ("refuses", "hangs_up", "says_nothing", "error_500", "busy_429", "denied_401", "wrong_json", "no_json", "html",
         "endless", "cut_off", "redirects")  # fmt: skip
COMMANDS = (*READS[1:5], "wrong_json", "cut_off", "loses_answer_after_effect", "never_answers_after_effect",
            "error_after_effect")  # fmt: skip
LATER = timedelta(minutes=2)
IDENTITY_KEY = "a key of the shop's with more than 32 letters"
DOWN = "isn't answering just now"


@dataclass
class Counter:
    """The counter, with a customer at it and the shop's system behind it."""

    client: TestClient[Any, Any]
    chat: Chat
    server: ShopServer
    clock: ClockAhead
    sessions: Sessions
    orders: list[DemoOrder]

    async def break_down(self, fault: str) -> None:
        """From now on the shop's system is as it should not be."""
        if fault == "refuses":
            await self.server.stop()
        else:
            self.server.always = fault

    async def repair(self) -> None:
        """It is as it should be."""
        self.server.always = self.server.always_command = None
        await self.server.stop()
        await self.server.start()

    def pass_time(self) -> None:
        """Two minutes go by, and whoever waits for time looks at the clock."""
        self.clock.ahead += LATER
        self.client.app[TURNS].on_command.set()

    async def count(self, *what: Any) -> int:
        """Count rows."""
        async with self.sessions() as session:
            return await session.scalar(select(func.count()).where(*what)) or 0

    async def tickets(self) -> list[TicketRow]:
        """All of them, in their order."""
        async with self.sessions() as session:
            return list((await session.scalars(select(TicketRow).order_by(TicketRow.opened_at))).all())

    async def events(self, ticket: TicketRow) -> list[str]:
        """What happened to a ticket."""
        async with self.sessions() as session:
            query = select(TicketEventRow.kind).where(TicketEventRow.ticket_id == ticket.id)
            return list((await session.scalars(query.order_by(TicketEventRow.id))).all())

    async def rest(self) -> None:
        """Wait until nothing is left to do; then all is true: nothing said twice, none of their words left there."""

        async def at_rest() -> bool:
            waiting = await self.count(Inbound.handled_at.is_(None))
            return not waiting and not await self.count(ShopCommandRow.done_at.is_(None))

        await eventually(at_rest)
        async with self.sessions() as session:
            said = list((await session.scalars(select(Message.text).where(Message.sender == "bot"))).all())
            assert await audit.verify(session) is None
        assert len(said) == len(set(said))
        assert 0 == await self.count(Inbound.payload.has_key("slots"))

    async def sign_in(self, *captions: str) -> None:
        """Begin anew as a customer whom the shop has signed in, and whose orders these are."""
        numbers = [order_saying(self.orders, caption).number for caption in captions]
        async with self.sessions.begin() as session:
            await session.execute(update(ShopOrder).where(ShopOrder.number.in_(numbers)).values(customer_sub="c-7"))
        claims = {"sub": "c-7", "exp": datetime.now(UTC) + timedelta(hours=1)}
        identity = jwt.encode(claims, IDENTITY_KEY, algorithm="HS256")
        self.chat = await Chat.open(self.client, locale="en", identity=identity)

    def ask(self, caption: str, words: str) -> str:
        """Return a question about a demo order, with its proof."""
        order = order_saying(self.orders, caption)
        return f"{words} {order.number}, phone ends in {order.phone_last4}"


@pytest.fixture
async def counter(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], sessions: Sessions
) -> AsyncIterator[Counter]:
    """The counter, open, in a shop that signs its customers in."""
    settings = settings.model_copy(update={"identity_key": SecretStr(IDENTITY_KEY)})
    clock = ClockAhead(timedelta())
    async with serving(EmbeddedShop(sessions, clock)) as server:
        shop = HttpShop(server.url, TOKEN, clock=clock, patience=HASTY, breaker=Breaker(failures_allowed=5))
        app = build_app(settings, database_url=database_url, interpreter=interpreter, shop=shop, clock=clock)
        async with TestClient(TestServer(app)) as client:
            yield Counter(client, await Chat.open(client, locale="en"), server, clock, sessions, seeded)
        await shop.close()


@pytest.mark.parametrize("fault", READS)
async def test_a_question_is_answered_once_the_shop_answers(fault: str, counter: Counter) -> None:
    """Told at once, taken as a case, looked up by itself; nothing is left to do, so the case ends."""
    await counter.break_down(fault)
    await counter.chat.ask(counter.ask("Not sent yet", "What is the status of my order"), DOWN)
    (taken,) = await counter.tickets()
    assert ("open", None) == (taken.state, taken.order_number)
    counter.pass_time()
    await eventually(lambda: _has_tried(counter))
    assert ["open"] == [ticket.state for ticket in await counter.tickets()]
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("The shop's system answers again")
    await counter.chat.hear("Is it solved?")
    await counter.rest()
    (ended,) = await counter.tickets()
    assert ("resolved", order_saying(counter.orders, "Not sent yet").number) == (ended.state, ended.order_number)
    assert ["opened", "shop_answered", "resolved"] == await counter.events(ended)
    assert 0 == await counter.count(ShopLookupRow.done_at.is_(None))


async def _has_tried(counter: Counter) -> bool:
    return await counter.count(ShopLookupRow.attempts > 0) == 1


@pytest.mark.parametrize("fault", ["refuses", "says_nothing", "error_500", "wrong_json"])
async def test_a_confirmation_is_acted_on_once_the_shop_answers(fault: str, counter: Counter) -> None:
    """What the customer confirmed is not asked again; once it is done, nothing is left to do in its case."""
    await counter.chat.ask(counter.ask("Not sent yet", "Please cancel my order"), "Cancel order")
    await counter.break_down(fault)
    await counter.chat.press("confirm=yes", DOWN)
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("The shop's system answers again")
    await counter.chat.hear("is cancelled")
    await counter.rest()
    assert 1 == await counter.count(ShopCommandResult.key.is_not(None))
    (ended,) = await counter.tickets()
    told = ["opened", "shop_answered", "shop_answered", "resolved"]
    assert ("resolved", told) == (ended.state, await counter.events(ended))
    assert 1 == await counter.count(NoticeRow.kind == "shop_answered")


@pytest.mark.parametrize("fault", COMMANDS)
async def test_a_command_is_carried_out_once_the_shop_answers(fault: str, counter: Counter) -> None:
    """Told when it takes long, with a case of its own; done once, told once, and the case ends."""
    await counter.chat.ask(counter.ask("Not sent yet", "Please cancel my order"), "Cancel order")
    counter.server.always_command = fault
    await counter.chat.choose("confirm=yes")
    await eventually(lambda: _has_failed(counter))
    counter.pass_time()
    await counter.chat.hear("hasn't answered yet")
    (taken,) = await counter.tickets()
    assert ("order", "open") == (taken.category, taken.state)
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("is cancelled")
    await counter.rest()
    assert 1 == await counter.count(ShopCommandResult.key.is_not(None))
    (ended,) = await counter.tickets()
    assert ("resolved", ["opened", "shop_answered", "resolved"]) == (ended.state, await counter.events(ended))


async def _has_failed(counter: Counter) -> bool:
    return await counter.count(ShopCommandRow.attempts > 0) == 1


async def test_whose_order_it_is_is_proven_when_it_is_looked_up(counter: Counter) -> None:
    """A request without its proof is answered with the question for it, not with the order."""
    order = order_saying(counter.orders, "Not sent yet")
    await counter.break_down("error_501")
    await counter.chat.ask(f"What is the status of my order {order.number}", DOWN)
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("answers again")
    await counter.chat.hear("last four digits")
    await counter.chat.ask(order.phone_last4, order.number)
    (ticket,) = await counter.tickets()
    assert "open" == ticket.state
    assert all(order.product["en"] not in message["text"] for message in counter.chat.messages[:4])


async def test_wrong_digits_given_while_it_was_down_show_nothing(counter: Counter) -> None:
    """They are judged when the shop answers, and counted like any other."""
    order = order_saying(counter.orders, "Not sent yet")
    await counter.break_down("error_501")
    await counter.chat.ask(f"What is the status of my order {order.number}, phone ends in 9999", DOWN)
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("don't match")
    async with counter.sessions() as session:
        assert [1] * 2 == list(await session.scalars(select(ProofTally.wrong)))
    (ticket,) = await counter.tickets()
    assert ("open", None) == (ticket.state, ticket.order_number)


async def test_asked_again_while_it_is_down_it_is_answered_once(counter: Counter) -> None:
    """The same request waits once, with what was said since."""
    order = order_saying(counter.orders, "Not sent yet")
    await counter.break_down("error_501")
    await counter.chat.ask(f"What is the status of my order {order.number}", DOWN)
    await counter.chat.ask(counter.ask("Not sent yet", "What is the status of my order"), "There is a case")
    assert 1 == await counter.count(ShopLookupRow.key.is_not(None))
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("Is it solved?")
    assert 1 == len([message for message in counter.chat.messages if "answers again" in message["text"]])


@pytest.mark.parametrize("fault", ["refuses", "says_nothing", "error_500", "wrong_json"])
async def test_a_list_of_own_orders_that_fails_is_no_question_for_the_number(fault: str, counter: Counter) -> None:
    """Who is signed in is told, and the case is taken; once the shop answers, the only order they have is meant."""
    await counter.sign_in("Not sent yet")
    await counter.break_down(fault)
    await counter.chat.ask("What is the status of my order?", DOWN)
    assert not any("order number" in message["text"] for message in counter.chat.messages)
    counter.pass_time()
    await eventually(lambda: _has_tried(counter))
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("The shop's system answers again")
    await counter.chat.hear("Is it solved?")
    await counter.rest()
    (ended,) = await counter.tickets()
    assert ("resolved", order_saying(counter.orders, "Not sent yet").number) == (ended.state, ended.order_number)


async def test_of_several_own_orders_one_is_chosen_once_the_shop_answers(counter: Counter) -> None:
    """The list that could not be shown is shown then; the case stays until somebody has looked."""
    await counter.sign_in("Not sent yet", "Paid and ordered amounts disagree")
    await counter.break_down("error_501")
    await counter.chat.ask("What is the status of my order?", DOWN)
    await counter.repair()
    counter.pass_time()
    await counter.chat.hear("The shop's system answers again")
    await counter.chat.hear("Which order is it?")
    number = order_saying(counter.orders, "Not sent yet").number
    await counter.chat.press(f"order={number}", number)
    await counter.rest()
    assert ["open"] == [ticket.state for ticket in await counter.tickets()]


async def test_the_number_given_while_it_is_down_says_which_was_meant(counter: Counter) -> None:
    """The request waits once, now about that order."""
    await counter.sign_in("Not sent yet", "Paid and ordered amounts disagree")
    await counter.break_down("error_501")
    await counter.chat.ask("What is the status of my order?", DOWN)
    number = order_saying(counter.orders, "Not sent yet").number
    await counter.chat.ask(f"What is the status of my order {number}", "There is a case")
    assert 1 == await counter.count(ShopLookupRow.order_number == number)
    assert 1 == await counter.count(ShopLookupRow.key.is_not(None))


async def test_once_a_person_has_answered_they_are_told_and_the_bot_is_silent(counter: Counter) -> None:
    """The ticket gets the facts, its owner a notice; no answer is owed to the shop."""
    await counter.break_down("error_501")
    await counter.chat.ask(counter.ask("Not sent yet", "What is the status of my order"), DOWN)
    (taken,) = await counter.tickets()
    async with counter.sessions() as session:
        owner = await session.get_one(PersonRow, taken.owner_id)
    await reply(counter.client.app[SERVICES], taken.number, owner, "Let me see.", key=None)
    await counter.repair()
    counter.pass_time()
    await eventually(lambda: _is_noticed(counter))
    await counter.rest()
    assert ["opened", "answered", "shop_answered"] == await counter.events((await counter.tickets())[0])
    assert 0 == await counter.count(ClockRow.kind == "next_response")
    async with counter.sessions() as session:
        said = list(await session.scalars(select(Message.text).where(Message.sender == "bot")))
    assert not [text for text in said if "answers again" in text]


async def _is_noticed(counter: Counter) -> bool:
    return await counter.count(NoticeRow.kind == "shop_answered") == 1


async def test_a_command_is_not_lost_to_a_long_outage(counter: Counter) -> None:
    """However often it failed, it is tried again."""
    await counter.chat.ask(counter.ask("Not sent yet", "Please cancel my order"), "Cancel order")
    counter.server.always_command = "error_501"
    await counter.chat.choose("confirm=yes")
    await eventually(lambda: _has_failed(counter))
    async with counter.sessions.begin() as session:
        await session.execute(update(ShopCommandRow).values(attempts=10_000))
    counter.clock.ahead += timedelta(days=2)
    counter.client.app[TURNS].on_command.set()
    await counter.chat.hear("hasn't answered yet")
    await counter.repair()
    counter.clock.ahead += timedelta(minutes=6)
    counter.client.app[TURNS].on_command.set()
    await counter.chat.hear("is cancelled")
