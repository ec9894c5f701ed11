"""The FAQ: edits are in force at once and in other processes within seconds; what nothing answered is counted."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.faq import Answered, FaqError, load_default_faq, write_faq
from bot.dialogue.records import Needs
from bot.faq.book import FaqBook
from bot.faq.models import FaqEditRow, FaqQuestionRow
from bot.faq.questions import KEPT_FOR, drop_old_questions
from bot.nlu.embedded import EmbeddedInterpreter
from escalation import audit
from escalation.models import AuditRow
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.office import ROLES, Office, is_problem, open_office

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
LUMENS = "How many lumens does the projector have"
EDITORS = {"team_lead", "supervisor", "operations_manager"}


def make_entry(**changes: Any) -> dict[str, Any]:
    """An entry that answers what the shop's file does not."""
    return {
        "id": "product.lumens",
        "questions": {
            "zh-Hans": ["投影仪多少流明", "这款投影仪有多亮", "亮度是多少"],
            "zh-Hant": ["投影機幾流明", "這台投影機有多亮", "亮度是多少呢"],
            "en": [
                "How many lumens does the projector have?",
                "How bright is the projector",
                "Lumens of the projector",
            ],
        },
        "answers": {"zh-Hans": "2,200 流明。", "zh-Hant": "2,200 流明喔。", "en": "2,200 lumens."},
        **changes,
    }


def asked_in_english(*variants: str) -> dict[str, Any]:
    """The entry's questions with other English ones."""
    return {**make_entry()["questions"], "en": list(variants)}


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> Office:
    """One of each role."""
    return await open_office(client, sessions)


async def save(office: Office, login: str, *, version: int = 0, **changes: Any) -> tuple[int, Any]:
    """Save the entry as somebody."""
    body = {"version": version, "entry": make_entry(**changes)}
    return await office.ask(login, "POST", "/api/v1/faq/entries", json=body)


async def ask_twice(client: Client, text: str, part: str) -> Chat:
    """Somebody asks in a chat of their own, and hears something with this in it."""
    chat = await Chat.open(client, locale="en")
    await chat.ask(text, part)
    return chat


async def test_an_edit_changes_the_answer_at_once(office: Office, client: Client, sessions: Sessions) -> None:
    """What nothing answered is answered after saving, without a restart; taken out, it is not any more."""
    await ask_twice(client, LUMENS, "beyond me")
    status, told = await save(office, "supervisor")
    assert (200, 1, "supervisor") == (status, told["version"], told["edited_by"])
    await ask_twice(client, LUMENS, "2,200 lumens.")
    status, _ = await office.ask("supervisor", "POST", "/api/v1/faq/entries/product.lumens/remove", json={"version": 1})
    assert 200 == status
    await ask_twice(client, LUMENS, "beyond me")
    async with sessions() as session:
        entries = await session.scalars(select(AuditRow).where(AuditRow.subject == "faq/product.lumens"))
        assert [("set", 1), ("remove", 2)] == [(one.details["act"], one.details["version"]) for one in entries]
        assert await audit.verify(session) is None


async def test_an_edit_is_in_force_in_another_process(
    office: Office, sessions: Sessions, interpreter: EmbeddedInterpreter, tmp_path: Path
) -> None:
    """A book of its own, as another process has, takes it in when it looks; and a changed file too."""
    path = tmp_path / "faq.yml"
    entries = load_default_faq().entries
    path.write_text(write_faq([entries["shop.hours"]]), encoding="utf-8")
    other = FaqBook(path, sessions=sessions, encoder=interpreter, data_dir=tmp_path, clock=SystemClock())
    await other.refresh()
    assert Answered.NONE is (await other.preview(LUMENS))[0].answered
    await save(office, "team_lead")
    await other.refresh()
    assert Answered.FOUND is (await other.preview(LUMENS))[0].answered
    assert {"shop.hours", "product.lumens"} == set(other.entries)
    path.write_text(write_faq([entries["shop.hours"], entries["gift.wrap"]]), encoding="utf-8")
    await other.refresh()
    assert {"shop.hours", "gift.wrap", "product.lumens"} == set(other.entries)
    path.write_text("entries: [{id: broken}]", encoding="utf-8")
    await other.refresh()
    assert {"shop.hours", "gift.wrap", "product.lumens"} == set(other.entries)


async def test_vectors_are_made_once(sessions: Sessions, interpreter: EmbeddedInterpreter, tmp_path: Path) -> None:
    """A second start encodes nothing; an edit encodes what it adds."""
    counting = Counting(interpreter)
    for expected in (len([v for e in load_default_faq().entries.values() for v in set(e.variants)]), 0):
        book = FaqBook(None, sessions=sessions, encoder=counting, data_dir=tmp_path, clock=SystemClock())
        before = counting.texts
        await book.refresh()
        assert (counting.texts - before > 600) == (expected > 0)
    (tmp_path / "faq_vectors.npz").write_bytes(b"not numbers")
    book = FaqBook(None, sessions=sessions, encoder=counting, data_dir=tmp_path, clock=SystemClock())
    await book.refresh()
    facts = await book.gather(Needs(question="忘记密码了怎么办"))
    assert facts is not None
    assert facts.answer is not None
    assert "account.password" == facts.answer.id


class Counting:
    """An encoder that counts what it is asked to encode."""

    def __init__(self, encoder: EmbeddedInterpreter) -> None:
        self._encoder, self.texts = encoder, 0

    async def encode(self, texts: Any) -> Any:
        """Encode, and count."""
        self.texts += len(texts)
        return await self._encoder.encode(texts)

    @property
    def background(self) -> Any:
        """The encoder's."""
        return self._encoder.background


def test_an_app_does_not_start_on_a_broken_file(tmp_path: Path, sessions: Sessions) -> None:
    """File, line, field and reason are named."""
    path = tmp_path / "faq.yml"
    path.write_text("entries:\n  - id: a\n    questions: {en: [x]}\n    answers: {en: y}\n", encoding="utf-8")
    with pytest.raises(FaqError, match=r"faq\.yml:3: a\.questions\.zh-Hant: the translation is missing"):
        FaqBook(path, sessions=sessions, encoder=None, data_dir=tmp_path, clock=SystemClock())


async def test_two_who_edit_at_once(office: Office, sessions: Sessions) -> None:
    """The second is told by whom and when; nothing is overwritten."""
    await save(office, "supervisor")
    status, told = await save(office, "operations_manager", version=0, category="shop")
    assert 409 == status
    assert told["detail"].startswith("supervisor edited this entry at")
    status, told = await save(office, "operations_manager", version=1, category="shop")
    assert (200, 2) == (status, told["version"])
    async with sessions() as session:
        assert 2 == await session.scalar(select(func.count()).select_from(FaqEditRow))


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_read_and_who_may_edit(office: Office, role: str) -> None:
    """Leads and those above edit; agents and auditors read; an admin sees nothing of customers."""
    reads = 403 if role == "admin" else 200
    edits = 200 if role in EDITORS else 403
    question = {"question": "Do you gift-wrap?"}
    assert reads == (await office.ask(role, "GET", "/api/v1/faq"))[0]
    assert reads == (await office.ask(role, "GET", "/api/v1/faq/questions"))[0]
    assert reads == (await office.ask(role, "POST", "/api/v1/faq/preview", json=question))[0]
    status, told = await save(office, role)
    assert edits == status
    assert edits == 200 or is_problem(told, 403)
    path = "/api/v1/faq/entries/shop.hours/remove"
    assert edits == (await office.ask(role, "POST", path, json={"version": 0}))[0]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"answers": {"en": "x", "zh-Hans": "y"}}, "answers.zh-Hant: the translation is missing"),
        ({"id": "Ünclear"}, "id: must be small letters"),
        ({"buttons": ["start:nothing"]}, "buttons.0: is not one of"),
        ({"questions": asked_in_english("Is it bright?", "is it bright")}, "stands here twice"),
        ({"questions": asked_in_english("what do members get")}, "question of membership.join too"),
        ({"colour": "red"}, "colour: is not known here"),
    ],
)  # fmt: skip
async def test_what_is_no_entry_is_refused(office: Office, changes: dict[str, Any], part: str) -> None:
    """Saying which field, and why."""
    status, told = await save(office, "supervisor", **changes)
    assert is_problem(told, 422)
    assert 422 == status
    assert part in told["detail"]


async def test_the_preview_shows_what_an_edit_changes(office: Office, sessions: Sessions) -> None:
    """With scores and the nearest wording; nothing is written."""
    body = {"question": "How bright is your projector?", "entry": make_entry()}
    _, told = await office.ask("agent", "POST", "/api/v1/faq/preview", json=body)
    assert ("none", "found") == (told["now"]["answered"], told["edited"]["answered"])
    best = told["edited"]["matches"][0]
    assert ("product.lumens", "How bright is the projector") == (best["id"], best["variant"])
    assert best["score"] > told["edited"]["matches"][1]["score"] + 0.1
    assert "2,200 lumens." == told["edited"]["answers"]["en"]
    async with sessions() as session:
        assert 0 == await session.scalar(select(func.count()).select_from(FaqEditRow))


async def test_the_files_own_entry_comes_back(office: Office) -> None:
    """Edited and reverted: what the file says holds; an entry of one's own cannot be reverted."""
    hours = load_default_faq().entries["shop.hours"]
    other = {**hours.to_json(), "answers": {"en": "Never.", "zh-Hans": "从不。", "zh-Hant": "從不。"}}
    body = {"version": 0, "entry": other}
    await office.ask("supervisor", "POST", "/api/v1/faq/entries", json=body)
    path = "/api/v1/faq/entries/shop.hours/revert"
    status, told = await office.ask("supervisor", "POST", path, json={"version": 1})
    assert (200, hours.to_json()) == (status, told["entry"])
    await save(office, "supervisor")
    path = "/api/v1/faq/entries/product.lumens/revert"
    assert 422 == (await office.ask("supervisor", "POST", path, json={"version": 1}))[0]
    path = "/api/v1/faq/entries/no.such/remove"
    assert 404 == (await office.ask("supervisor", "POST", path, json={"version": 0}))[0]


async def find_groups(office: Office, query: str = "") -> list[dict[str, Any]]:
    """What the page shows of questions that nothing answered."""
    _, told = await office.ask("agent", "GET", f"/api/v1/faq/questions{query}")
    groups: list[dict[str, Any]] = told["questions"]
    return groups


async def test_the_like_of_a_question_counts_together(office: Office, client: Client, sessions: Sessions) -> None:
    """By meaning, in either Chinese, the most frequent first, masked; answered or set aside, it is gone."""
    for text in (LUMENS, "how many lumens has the projector?", LUMENS, "这款投影仪多少流明", "這款投影機多少流明"):
        await ask_twice(client, text, "beyond me" if text.isascii() else "答不")
    await ask_twice(client, "Can it be engraved with a name, 13812345678?", "beyond me")
    groups = await find_groups(office)
    assert [3, 2, 1] == [group["count"] for group in groups]
    assert [["en"], ["zh-Hans", "zh-Hant"], ["en"]] == [group["languages"] for group in groups]
    assert "138****5678" in groups[2]["text"]
    await save(office, "supervisor")
    assert [1] == [group["count"] for group in await find_groups(office)]
    body = {"ids": groups[2]["ids"]}
    assert 403 == (await office.ask("agent", "POST", "/api/v1/faq/questions/ignore", json=body))[0]
    assert 200 == (await office.ask("team_lead", "POST", "/api/v1/faq/questions/ignore", json=body))[0]
    assert [] == await find_groups(office)
    await ask_twice(client, "Can it be engraved with a name?", "beyond me")
    assert [] == await find_groups(office)
    assert [2] == [group["count"] for group in await find_groups(office, "?ignored=1")]
    await office.ask("team_lead", "POST", "/api/v1/faq/questions/ignore", json={**body, "ignored": False})
    assert [2] == [group["count"] for group in await find_groups(office)]


async def test_an_answer_beside_the_point_is_counted(office: Office, client: Client, sessions: Sessions) -> None:
    """With the customer's question, although the FAQ still thinks that it knows the answer."""
    chat = await ask_twice(client, "How can I use my points", "100 points are worth 1 yuan")
    await chat.press("faq:not_meant:membership.points", "missed the point")
    [group] = await find_groups(office)
    assert ("How can I use my points", 1) == (group["text"], group["count"])
    async with sessions() as session:
        row = (await session.scalars(select(FaqQuestionRow))).one()
    assert ("not_meant", "membership.points") == (row.reason, row.nearest)


async def test_what_a_customer_chose_is_kept(office: Office, client: Client) -> None:
    """Beside the question, so that the shop can add the wording to that entry."""
    chat = await ask_twice(client, "discount for regulars?", "Is it one of these")
    await chat.press("faq:show:shop.price", "Offers that are on now")
    [group] = await find_groups(office)
    assert "shop.price" == group["picked"]


async def test_questions_are_kept_for_a_while(office: Office, client: Client, sessions: Sessions) -> None:
    """Then they go, but for those that were set aside."""
    await ask_twice(client, LUMENS, "beyond me")
    later = SystemClock().now() + KEPT_FOR
    async with sessions.begin() as session:
        await drop_old_questions(session, now=later)
    assert [] == await find_groups(office)


async def test_pages_are_for_who_may_see_them(client: Client, office: Office) -> None:
    """Nobody signed in is sent to the door; an edit without the page's token is refused."""
    for path in ("/console/faq", "/console/faq/new", "/console/faq/entries/shop.hours"):
        response = await client.get(path, allow_redirects=False)
        assert (303, "/console") == (response.status, response.headers["Location"])
    response = await client.post("/api/v1/faq/entries", json={"version": 0, "entry": make_entry()})
    assert 401 == response.status
