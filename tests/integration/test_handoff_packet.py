"""The hand-off packet over the API: what was said and tried is in it, in the reader's language, and it stays true."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.models import ShopOrder
from escalation.models import TicketRow
from escalation.ports import SystemClock
from escalation.testing import make_person
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
LANGUAGES = ("en", "zh-TW", "zh-CN")


@pytest.fixture
async def read(client: Client, sessions: Sessions) -> Callable[..., Any]:
    """Read the packet of the newest ticket, as the supervisor or the auditor, in a language."""
    async with sessions.begin() as session:
        now = SystemClock().now()
        session.add(make_person("sue", "supervisor", None, now=now, token="sue's token"))
        session.add(make_person("aud", "auditor", None, now=now, token="aud's token"))

    async def reading(who: str = "sue", language: str = "en") -> dict[str, Any]:
        async with sessions() as session:
            number = await session.scalar(select(TicketRow.number).order_by(TicketRow.opened_at.desc()).limit(1))
        headers = {"Authorization": f"Bearer {who}'s token", "Accept-Language": language}
        response = await client.get(f"/api/v1/tickets/{number}", headers=headers)
        assert 200 == response.status
        packet: dict[str, Any] = (await response.json())["packet"]
        return packet

    return reading


def told_by(packet: Mapping[str, Any], source: str) -> dict[str, str]:
    """The facts of a source, by name."""
    return {fact["name"]: fact["text"] for fact in packet["known"] if fact["source"] == source}


async def _upload(client: Client, chat: Chat) -> str:
    photo = io.BytesIO()
    Image.new("RGB", (80, 60), "grey").save(photo, "JPEG")
    mine = {"Authorization": f"Bearer {chat.session}", "Content-Type": "image/jpeg"}
    response = await client.post("/api/v1/attachments", data=photo.getvalue(), headers=mine)
    return str((await response.json())["id"])


async def test_a_refused_return_then_a_person(
    client: Client, seeded: list[DemoOrder], read: Callable[..., Any]
) -> None:
    """Wrong digits, a refusal by policy, then "a person please": all of it reaches whoever takes over."""
    order = order_saying(seeded, "too late for a return")
    chat = await Chat.open(client, locale="en")
    await chat.ask("I changed my mind and want to return it, really disappointed", "order number")
    await chat.ask(f"{order.number} 0000", "don't match")
    await chat.ask(f"{order.number} {order.phone_last4}", "no longer open")
    await chat.ask("I want to talk to a person", "will take over")
    packet = await read()
    assert ("after_sales.return", "Wants to return goods.") == (packet["wants"]["intent"], packet["wants"]["text"])
    assert ["I changed my mind and want to return it, really disappointed", "I want to talk to a person"] == (
        packet["wants"]["words"]
    )
    assert [("proof", [], []), ("decision", ["return.no_reason"])] == [
        ("proof", one["rules"], one["clauses"]) if one["kind"] == "proof" else (one["kind"], one["rules"])
        for one in packet["tried"]
    ]
    assert ("upset", ["disappointed"]) == (packet["mood"]["level"], packet["mood"]["signs"])
    assert {"count": 1, "days": 7} == packet["contacts"]
    assert [] == packet["open"]
    assert {"paid", "signed"} <= set(told_by(packet, "shop"))
    assert f"Order {order.number}" in packet["summary"]


async def test_what_is_added_while_the_ticket_waits_is_in_it(
    client: Client, seeded: list[DemoOrder], read: Callable[..., Any]
) -> None:
    """The question that it answers is no longer open; the summary is in the reader's language."""
    order = order_saying(seeded, "earphone dead")
    chat = await Chat.open(client, locale="en")
    await chat.ask("The left earphone is dead since Monday", "order number")
    await chat.ask(f"{order.number} {order.phone_last4}", "Which would you like")
    await chat.press("remedy=repair", "SW-")
    packet = await read()
    assert "repair" == packet["wants"]["wish"]
    assert any("Photos" in question for question in packet["open"])
    await chat.write("", attachments=(await _upload(client, chat),))
    await chat.hear("Added to case")
    packet = await read()
    assert "1" == told_by(packet, "customer")["photos"]
    assert [] == packet["open"]
    written = {language: await read(language=language) for language in LANGUAGES}
    assert ["The goods do not work properly.", "商品功能故障。", "商品功能故障。"] == [
        written[language]["wants"]["text"] for language in LANGUAGES
    ]
    assert "Would like: repair." in written["en"]["summary"]
    assert "希望維修。" in written["zh-TW"]["summary"]
    assert "希望维修。" in written["zh-CN"]["summary"]


async def test_a_suspicion_of_the_shops_is_for_the_person_alone(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, read: Callable[..., Any]
) -> None:
    """Why a person decides is in the ticket, in the reader's language; the customer hears nothing of it."""
    order = order_saying(seeded, "Day 6 of 7")
    async with sessions.begin() as session:
        flagged = update(ShopOrder).where(ShopOrder.number == order.number).values(suspected_abuse=True)
        await session.execute(flagged)
    chat = await Chat.open(client, locale="en")
    await chat.ask("I changed my mind and want to return the jacket", "order number")
    await chat.ask(f"{order.number} {order.phone_last4}", "SW-")
    packet = await read()
    assert "the shop suspects abuse; the customer is not told" == told_by(packet, "policy")["only_person"]
    assert "yes; for us alone, the customer is not told" == told_by(packet, "shop")["suspected_abuse"]
    assert "商店懷疑濫用售後；請勿告知顧客" == told_by(await read(language="zh-TW"), "policy")["only_person"]
    assert {} == told_by(await read("aud"), "shop")
    assert not any("abuse" in message["text"] or "suspect" in message["text"] for message in chat.messages)


async def test_an_auditor_reads_codes_and_no_words(
    client: Client, seeded: list[DemoOrder], read: Callable[..., Any]
) -> None:
    """What the customer wrote is hidden, and so is the shop's record; what follows from codes is there."""
    order = order_saying(seeded, "earphone dead")
    chat = await Chat.open(client, locale="en")
    await chat.ask("The left earphone is dead, this is ridiculous", "order number")
    await chat.ask(f"{order.number} {order.phone_last4}", "Which would you like")
    await chat.press("remedy=repair", "SW-")
    packet = await read("aud")
    assert "ridiculous" not in str(packet)
    assert {} == told_by(packet, "shop")
    assert ("angry", []) == (packet["mood"]["level"], packet["mood"]["signs"])
    assert "does not work" == told_by(packet, "customer")["reason"]


@pytest.mark.parametrize(
    ("language", "rule"),
    [
        ("en", "faulty, within the time for returning"),
        ("zh-TW", "品質問題，退貨期內"),
        ("zh-CN", "质量问题，退货期内"),
    ],
)
async def test_what_is_wanted_by_now_and_why_it_is_open(
    client: Client, seeded: list[DemoOrder], read: Callable[..., Any], language: str, rule: str
) -> None:
    """The later wish goes before the first, whose words stay; the policy's rule is named in the reader's words."""
    order = order_saying(seeded, "Faulty on day 3")
    chat = await Chat.open(client, locale="en")
    first = f"The earphones won't charge, please exchange them. Order {order.number}, phone ending {order.phone_last4}"
    await chat.ask(first, "SW-")
    await chat.ask("actually just refund me", "changed case SW-")
    packet = await read(language=language)
    assert "return" == packet["wants"]["wish"]
    assert ["won't charge" in words for words in packet["wants"]["words"]] == [True]
    assert "actually just refund me" == told_by(packet, "customer")["added"]
    assert told_by(packet, "policy")["rules"].startswith(rule)


async def test_a_reason_told_after_a_refusal_stands_beside_the_first(
    client: Client, seeded: list[DemoOrder], read: Callable[..., Any]
) -> None:
    """Money for what is faulty was refused; what was sent is the wrong thing after all: both reasons are seen."""
    order = order_saying(seeded, "earphone dead")
    chat = await Chat.open(client, locale="en")
    await chat.ask("The left earphone is dead, I would like an exchange", "order number")
    await chat.ask(f"{order.number} {order.phone_last4}", "SW-")
    await chat.ask("actually just refund me", "noted in case SW-")
    assert "earlier_reason" not in told_by(await read(), "customer")
    await chat.ask("Actually you sent me the wrong item, I want a refund", "SW-")
    told = told_by(await read(), "customer")
    assert ("wrong item", "does not work") == (told["reason"], told["earlier_reason"])
