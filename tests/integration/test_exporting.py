"""One person's data as a file: all that is theirs, nothing of others, nothing that colleagues wrote for one another."""

import io
import json
from datetime import UTC, datetime
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.models import ShopCommandResult, ShopOrder
from bot.models import Conversation, ShopCommandRow
from bot.privacy.erasing import Reason
from bot.privacy.exporting import DATA, OVERVIEW, export_person
from bot.security.sealing import Seal
from escalation import audit
from escalation.models import AuditRow
from escalation.testing import make_person
from tests.integration.persons import Person, plant

pytestmark = pytest.mark.postgres

AT = datetime(2026, 3, 10, 4, tzinfo=UTC)
# What colleagues wrote for one another about somebody.
_NOTES = ("a note about {}", "ask {}", "{} is angry", "{} again", "called {}")


@pytest.fixture
def seal() -> Seal:
    """A shop's key."""
    return Seal("a key of the tests")


async def test_an_export_has_all_of_one_person_and_nothing_of_others(
    sessions: async_sessionmaker[AsyncSession], seal: Seal
) -> None:
    """What was sealed is readable, photos are files, and the log knows that it was made."""
    async with sessions.begin() as session:
        session.add(make_person("ann", "agent", "quality", now=AT))
    wang = await plant(sessions, seal, "wangxiaoming", at=AT)
    chen = await plant(sessions, seal, "chenmeili", at=AT)
    parts = await _export(sessions, seal, wang)
    told = parts[DATA].decode()
    for wanted in _list_theirs(wang):
        assert wanted in told, wanted
    photos = [content for name, content in parts.items() if name.startswith("photos/")]
    assert [True] == [wang.name.encode() in photo for photo in photos]
    everything = b"".join(parts.values()).decode("latin-1")
    assert [] == [word for word in (*chen.words, chen.ticket, chen.order) if word in everything]
    assert [] == [note for note in _NOTES if note.format(wang.name) in everything]
    assert {"notes_of_colleagues": 2} == json.loads(told)["not_included"]
    page = parts[OVERVIEW].decode()
    assert 'lang="zh-Hant"' in page
    assert "我們保存的有關您的資料" in page
    assert f"my name is {wang.name}" in page
    async with sessions() as session:
        assert await audit.verify(session) is None
        chain = select(AuditRow.action).where(AuditRow.subject == f"customer/{wang.customer_id}")
        assert ["exported"] == list(await session.scalars(chain))


def _list_theirs(person: Person) -> list[str]:
    name = person.name
    said = ("my name is {}", "before {}", "dear {}", "said {}", "road {}", "broken {}", "summary {}", "because {}",
            "more {}", "street {}", "comment {}", "asked {}", "sub-{}", "near {}", "by {}")  # fmt: skip
    return [
        person.phone,
        person.email,
        f"chat{person.chat}",
        person.ticket,
        person.order,
        *(s.format(name) for s in said),
    ]


async def test_of_an_order_that_is_somebody_elses_too_their_wishes_are_not_in_it(
    sessions: async_sessionmaker[AsyncSession], seal: Seal
) -> None:
    """The order itself is; what the other one asked for (where to send it, say) is about them."""
    async with sessions.begin() as session:
        session.add(make_person("ann", "agent", "quality", now=AT))
    wang = await plant(sessions, seal, "wangxiaoming", at=AT)
    chen = await plant(sessions, seal, "chenmeili", at=AT)
    async with sessions.begin() as session:
        (await session.get_one(ShopOrder, wang.order)).customer_sub = None
        for person in (wang, chen):
            talk = await session.get_one(Conversation, person.conversation_id)
            talk.state = {**talk.state, "proven": [person.order, wang.order]}
            asked = select(ShopCommandRow.key).where(ShopCommandRow.conversation_id == talk.id)
            key = (await session.scalars(asked)).first()
            sealed = seal.close(f'{{"address": "only {person.name} told it"}}')
            session.add(ShopCommandResult(key=key, kind="change_order", order_number=wang.order, details={},
                                          sealed_details=sealed, result={"done": True}, executed_at=AT))  # fmt: skip
    orders = json.loads((await _export(sessions, seal, wang))[DATA])["orders"]
    assert [wang.order] == [one["number"] for one in orders]
    assert [f"only {wang.name} told it"] == [one["address"] for one in orders[0]["changes"] if "address" in one]


async def test_what_people_wrote_is_no_markup_in_the_overview(
    sessions: async_sessionmaker[AsyncSession], seal: Seal
) -> None:
    """A name that is HTML stays text."""
    async with sessions.begin() as session:
        session.add(make_person("ann", "agent", "quality", now=AT))
    eve = await plant(sessions, seal, "<script>alert(1)</script>", at=AT)
    page = (await _export(sessions, seal, eve))[OVERVIEW].decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def _export(sessions: async_sessionmaker[AsyncSession], seal: Seal, person: Person) -> dict[str, bytes]:
    async with sessions.begin() as session:
        content = await export_person(
            session,
            seal,
            person.customer_id,
            by="ada",
            reason=Reason("customer_asked"),
            zone=ZoneInfo("Asia/Shanghai"),
            now=AT,
        )
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
