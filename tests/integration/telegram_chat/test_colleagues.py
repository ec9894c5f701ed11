"""A person's own Telegram: linked by a code of theirs, and then their notices come there."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.channels.telegram.colleagues import CODE_VALID_FOR, make_link_code, read_link_code
from bot.keys import SERVICES
from bot.security.sealing import Seal
from escalation.models import PersonRow
from escalation.ports import SystemClock
from tests.integration.telegram_chat.bot_api import BotApi, Phone

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


async def _code_of(login: str, client: Client, sessions: Sessions) -> str:
    async with sessions() as session:
        person_id = (await session.scalars(select(PersonRow.id).where(PersonRow.login == login))).one()
    return make_link_code(client.app[SERVICES].seal, person_id, now=SystemClock().now())


async def test_a_new_ticket_comes_to_its_owners_own_chat(api: BotApi, client: Client, sessions: Sessions) -> None:
    own = Phone(api, chat=31)
    await own.write(f"/link {await _code_of('luo', client, sessions)}")
    await own.hear("Luo")
    customer = Phone(api)
    await customer.ask("I want to make a complaint about your terrible service", "SW-")
    notice = await own.hear("SW-1001")
    assert "terrible" not in notice["text"]


async def test_a_chat_has_one_person(api: BotApi, client: Client, sessions: Sessions) -> None:
    own = Phone(api, chat=31)
    await own.write(f"/link {await _code_of('luo', client, sessions)}")
    await own.hear("Luo")
    await own.write(f"/link {await _code_of('lin', client, sessions)}")
    await own.hear("Lin")
    async with sessions() as session:
        linked = list(await session.scalars(select(PersonRow.login).where(PersonRow.telegram_chat_id == 31)))
    assert linked == ["lin"]


@pytest.mark.parametrize("code", ["", "nonsense", "AAAA", "ü", "A" * 48])
async def test_a_code_that_is_none_links_nobody(code: str, api: BotApi, client: Client, sessions: Sessions) -> None:
    stranger = Phone(api, chat=32)
    await stranger.write(f"/link {code}")
    await stranger.hear("失效")
    async with sessions() as session:
        assert not list(await session.scalars(select(PersonRow).where(PersonRow.telegram_chat_id.is_not(None))))


def test_a_code_holds_for_a_quarter_of_an_hour_and_for_this_shop() -> None:
    seal, now = Seal("k" * 32), SystemClock().now()
    person_id = uuid4()
    code = make_link_code(seal, person_id, now=now)
    assert read_link_code(seal, code, now=now) == person_id
    assert read_link_code(seal, code, now=now + CODE_VALID_FOR) is None
    assert read_link_code(Seal("q" * 32), code, now=now) is None
    assert read_link_code(seal, code, now=now + CODE_VALID_FOR - timedelta(seconds=2)) == person_id
