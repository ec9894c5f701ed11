"""The whole story over Telegram, against a Bot API that delivers every update twice and answers 429 now and then."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import Conversation, Inbound, Message
from escalation.models import PersonRow, SurveyRow, TicketRow
from escalation.people import digest_token
from tests.integration.conftest import order_saying
from tests.integration.telegram_chat.bot_api import BotApi, Phone
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
Client = TestClient[Any, Any]
COMPLAINT = "I want to make a complaint about your terrible service"


def picture() -> bytes:
    """A small photo."""
    file = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "JPEG")
    return file.getvalue()


class Colleague:
    """A person with an API token."""

    def __init__(self, client: Client, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    async def do(self, number: str, what: str, **body: Any) -> None:
        """Do something to a ticket."""
        path = f"/api/v1/tickets/{number}/{what}"
        async with self._client.post(path, json=body, headers=self._headers) as response:
            assert response.status == 200, await response.text()

    async def look(self, number: str) -> dict[str, Any]:
        """Read a ticket."""
        async with self._client.get(f"/api/v1/tickets/{number}", headers=self._headers) as response:
            found: dict[str, Any] = await response.json()
        return found

    async def sees(self, number: str, is_so: Callable[[dict[str, Any]], bool]) -> None:
        """Look until it is so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so(await self.look(number)):
                pass


async def owner_of(sessions: Sessions, client: Client, number: str) -> Colleague:
    """Give a ticket's owner an API token."""
    async with sessions.begin() as session:
        query = select(PersonRow).join(TicketRow, TicketRow.owner_id == PersonRow.id)
        person = (await session.scalars(query.where(TicketRow.number == number))).one()
        person.token_digest = digest_token("a token of the owner's")
    return Colleague(client, "a token of the owner's")


async def only_ticket(sessions: Sessions) -> TicketRow:
    """Return the one ticket there is."""
    async with sessions() as session:
        return (await session.scalars(select(TicketRow))).one()


async def test_a_greeting_has_buttons_that_work(phone: Phone, api: BotApi) -> None:
    await phone.write("/start")
    welcome = await phone.hear("phone and card numbers are masked")
    assert welcome["reply_markup"]["inline_keyboard"]
    await phone.press("parcel")
    await phone.hear("order number")
    await api.until(lambda: any("☑" in edit["text"] for edit in api.edits))
    assert api.answered


async def test_the_earphone_story(
    phone: Phone, api: BotApi, client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Told, proven, decided, a photo, a person's answer, resolved, rated 5-4-5 with words."""
    order = order_saying(seeded, "earphone")
    await phone.ask(f"the left side of my earphones is dead, order {order.number}", "last four digits")
    await phone.write(order.phone_last4)
    await phone.hear("?")
    await phone.press("Exchange")
    number = (await phone.hear("SW-"))["text"].split("SW-")[1][:4]
    number = f"SW-{number}"
    await phone.send_photo(picture(), caption="this side")
    await phone.hear("Added")

    person = await owner_of(sessions, client, number)
    await person.do(number, "accept")
    await person.do(number, "messages", text="I have your photo. A new pair goes out today.", key="one")
    await phone.hear("A new pair goes out today.")
    await phone.write("thank you, which courier?")
    await person.sees(number, lambda ticket: ticket["messages"][-1]["text"] == "thank you, which courier?")
    assert any(message["attachments"] for message in (await person.look(number))["messages"])
    await person.do(number, "resolve", outcome="solved", text="With SF, tomorrow.", key="two")
    await phone.hear("With SF, tomorrow.")
    await phone.hear("Is it solved?")
    await phone.hear("The result: from 1 (poor) to 5")
    await phone.press("5 ★")
    await api.until(lambda: any("How we treated you: from" in edit["text"] for edit in api.edits))
    await phone.press("4 ★")
    await api.until(lambda: any("How it went (speed, effort): from" in edit["text"] for edit in api.edits))
    await phone.press("5 ★")
    asked = await phone.hear("add something")
    assert asked["reply_markup"]["force_reply"]
    chat = {"id": phone.chat, "type": "private"}
    reply_to = {"message_id": asked["message_id"], "date": 1, "chat": chat, "text": asked["text"]}
    await phone.write("quick and kind", reply_to_message=reply_to)
    await phone.hear("Noted")
    await phone.press("Solved")
    await phone.hear("is closed")
    async with sessions() as session:
        survey = (await session.scalars(select(SurveyRow))).one()
        state = await session.scalar(select(TicketRow.state))
    assert (survey.outcome, survey.service, survey.process, survey.comment) == (5, 4, 5, "quick and kind")
    assert state == "closed"
    assert api.floods > 0
    texts = [message["text"] for message in phone.received]
    assert len(texts) == len(set(texts)), "something was said twice"


async def test_every_update_is_handled_once(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    await phone.ask(COMPLAINT, "SW-")
    await phone.ask("my phone is 13812345678", "")
    await api.until(lambda: api.calls.count("getUpdates") >= 4)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(TicketRow)) == 1
        written = list(await session.scalars(select(Message.text).where(Message.sender == "customer")))
        assert written == [COMPLAINT, "my phone is 138****5678"]
        assert await session.scalar(select(func.count()).where(Inbound.channel == "telegram")) == 2


async def test_a_button_pressed_twice_is_pressed_once(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    await phone.write("/start")
    await phone.hear("phone and card numbers are masked")
    welcome = phone.received[-1]
    data = welcome["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await phone.press_data(data, welcome)
    await phone.press_data(data, welcome)
    await api.until(lambda: len(api.answered) >= 4)
    async with sessions() as session:
        presses = select(func.count()).where(Inbound.kind == "choice", Inbound.external_id.contains("press"))
        assert await session.scalar(presses) == 1


@pytest.mark.parametrize(
    "data", ["", "nonsense", "c:AAAA:1:0", "c:" + "A" * 22 + ":1:0", "r:" + "A" * 22 + ":9", "x:y:z"]
)
async def test_a_button_that_is_not_ours_says_so(data: str, phone: Phone, api: BotApi) -> None:
    await phone.write("/start")
    welcome = await phone.hear("phone and card numbers are masked")
    await phone.press_data(data, welcome)
    await api.until(lambda: any("no longer in use" in one["text"] or "late" in one["text"] for one in api.answered))


async def test_nobody_presses_the_buttons_of_another_chat(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    await phone.write("/start")
    welcome = await phone.hear("phone and card numbers are masked")
    data = welcome["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    stranger = Phone(api, chat=666)
    await stranger.press_data(data, welcome)
    await api.until(lambda: any("no longer in use" in one["text"] for one in api.answered))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).where(Inbound.kind == "choice")) == 1  # the /start itself


async def test_what_cannot_be_read_is_kept_and_said(phone: Phone, sessions: Sessions) -> None:
    await phone.send(voice={"file_id": "v", "file_unique_id": "v", "duration": 3})
    await phone.hear("few words")
    await phone.send_photo(b"this is no photo", caption="see here")
    await phone.hear("few words")
    async with sessions() as session:
        written = list(await session.scalars(select(Message.text).where(Message.sender == "customer")))
    assert written == ["[voice message]", "[a photo that could not be fetched] see here"]


async def test_an_edited_message_is_answered_as_edited(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    await phone.ask("hello", "What can I do")
    message = await phone.write("where is my parcel, order 1")
    await phone.hear("")
    await phone.edit(message, COMPLAINT)
    await phone.hear("SW-")
    async with sessions() as session:
        bubble = (await session.scalars(select(Message).where(Message.text == COMPLAINT))).one()
        count = await session.scalar(select(func.count()).where(Message.sender == "customer"))
    assert [one["text"] for one in bubble.earlier] == ["where is my parcel, order 1"]
    assert count == 2


async def test_an_edit_of_what_was_overtaken_only_shows(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    first = await phone.write("hello")
    await phone.hear("What can I do")
    await phone.ask("thanks", "")
    said = len(phone.received)
    await phone.edit(first, "hello there")
    await phone.ask("bye", "")
    assert len(phone.received) == said + 1
    async with sessions() as session:
        written = list(
            await session.scalars(select(Message.text).where(Message.sender == "customer").order_by(Message.seq))
        )
    assert written == ["hello there", "thanks", "bye"]


async def test_a_customer_who_blocked_the_bot_is_noticed_and_hears_all_on_return(
    phone: Phone, api: BotApi, client: Client, sessions: Sessions
) -> None:
    await phone.ask(COMPLAINT, "SW-")
    ticket = await only_ticket(sessions)
    person = await owner_of(sessions, client, ticket.number)
    await person.do(ticket.number, "accept")
    api.blocked.add(phone.chat)
    await person.do(ticket.number, "messages", text="We are sorry. What happened?", key="one")
    await person.sees(ticket.number, lambda seen: _has_event(seen, "customer_unreachable"))
    await person.do(ticket.number, "messages", text="Are you there?", key="two")
    api.blocked.discard(phone.chat)
    await phone.change_membership("member")
    await phone.hear("We are sorry.")
    await phone.hear("Are you there?")
    await person.sees(ticket.number, lambda seen: _has_event(seen, "customer_reachable"))


def _has_event(ticket: dict[str, Any], kind: str) -> bool:
    return kind in [event["kind"] for event in ticket["events"]]


async def test_several_conversations_in_a_row(phone: Phone, sessions: Sessions) -> None:
    await phone.ask("hello", "What can I do")
    await phone.write("/new")
    await phone.hear("phone and card numbers are masked")
    await phone.ask(COMPLAINT, "SW-")
    await phone.write("/new")
    await phone.hear("phone and card numbers are masked")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 2
        assert await session.scalar(select(func.count(Conversation.customer_id.distinct()))) == 1


async def test_the_language_is_the_customers(api: BotApi, client: Client) -> None:
    taiwanese = Phone(api, chat=7, language="zh-hant")
    await taiwanese.write("/start")
    await taiwanese.hear("手機號碼")
    await taiwanese.ask("你好", "請問")
    mainlander = Phone(api, chat=8, language=None)
    await mainlander.write("/start")
    await mainlander.hear("手机号")
    await mainlander.ask("hello, can you help me?", "What can I do")


async def test_a_long_answer_comes_in_parts(phone: Phone, api: BotApi, client: Client, sessions: Sessions) -> None:
    await phone.ask(COMPLAINT, "SW-")
    ticket = await only_ticket(sessions)
    person = await owner_of(sessions, client, ticket.number)
    await person.do(ticket.number, "accept")
    await person.do(ticket.number, "messages", text="😀 sorry\n" * 490 + "the end")
    first = await phone.hear("sorry")
    last = await phone.hear("the end")
    assert first is not last


async def test_groups_are_not_spoken_in(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    message = phone.compose(text=COMPLAINT)
    await api.push(message={**message, "chat": {"id": -5, "type": "group", "title": "friends"}})
    await phone.ask("hello", "What can I do")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 1


async def test_an_update_of_no_known_kind_keeps_nobody_out(phone: Phone, api: BotApi) -> None:
    await api.push(poll={"strange": True})
    await api.push(chat_boost=None)
    await phone.ask("hello", "What can I do")
