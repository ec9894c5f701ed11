"""The audit log, read: who may, by what filters, in words; and whether it is whole, checked beside everything else."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from bot.app import build_app
from bot.keys import LOG_CHECK
from bot.operation.log_check import check_log
from bot.settings import Settings
from escalation import audit, people_changes
from escalation.anchors import Anchoring
from escalation.models import AuditRow, PersonRow, TicketRow
from escalation.people_changes import Wish
from escalation.ports import SystemClock
from escalation.proposals import Kind, Place
from tests.integration.office import ROLES, Client, Mute, Office, Sessions, is_problem, open_office

pytestmark = pytest.mark.postgres

READERS = {"operations_manager", "auditor", "admin"}
API = "/api/v1/audit"


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> AsyncIterator[Office]:
    """One of each role."""
    return await open_office(client, sessions)


async def write(office: Office, *entries: tuple[str, str, str]) -> None:
    """Write entries (subject, actor, action), a second apart, beginning an hour ago."""
    begin = SystemClock().now() - timedelta(hours=1)
    for index, (subject, actor, action) in enumerate(entries):
        async with office.sessions.begin() as session:
            at = begin + index * timedelta(seconds=1)
            await audit.append(session, subject=subject, actor=actor, action=action, details={}, at=at)


async def read(office: Office, query: str = "", *, by: str = "auditor") -> list[dict[str, Any]]:
    """The entries that a query finds."""
    status, answer = await office.ask(by, "GET", f"{API}{query}")
    assert 200 == status, answer
    return list(answer["entries"])


async def person(office: Office, login: str) -> PersonRow:
    """Somebody as they are."""
    async with office.sessions() as session:
        return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_read_the_log(role: str, office: Office) -> None:
    """Operations managers, auditors and admins; others neither read nor check it (product §6)."""
    for method, path in (("GET", API), ("GET", f"{API}/check"), ("POST", f"{API}/check")):
        status, answer = await office.ask(role, method, path)
        assert (path, role in READERS) == (path, status in {200, 202})
        assert role in READERS or is_problem(answer, 403)
    await office.client.server.app[LOG_CHECK].wait()


async def test_newest_first_a_page_at_a_time(office: Office) -> None:
    """None twice, none left out, also when some are written meanwhile."""
    await write(office, *[(f"faq/{index % 3}", "admin", "faq_edited") for index in range(7)])
    _, first = await office.ask("admin", "GET", f"{API}?limit=3")
    await write(office, ("faq/9", "admin", "faq_edited"))
    _, second = await office.ask("admin", "GET", f"{API}?limit=3&cursor={first['next']}")
    _, third = await office.ask("admin", "GET", f"{API}?limit=3&cursor={second['next']}")
    seen = [*first["entries"], *second["entries"], *third["entries"]]
    numbers = [entry["number"] for entry in seen if entry["subject"] != "faq/9"]
    assert (7, sorted(numbers, reverse=True), None) == (len(numbers), numbers, third["next"])


async def test_an_entry_stands_in_its_chain(office: Office) -> None:
    """With its place, its hash and that of the one before it."""
    await write(office, ("faq/a", "admin", "faq_edited"), ("faq/b", "admin", "x"), ("faq/a", "eve", "faq_edited"))
    newest, _, oldest = await read(office)
    assert ("faq/a", 2, oldest["hash"]) == (newest["subject"], newest["seq"], newest["previous_hash"])
    assert ({"login": "eve", "name": "Eve"}, 1, "0" * 64) == (newest["actor"], oldest["seq"], oldest["previous_hash"])


async def test_by_and_about_a_person(office: Office) -> None:
    """What they did, and what was done about them, each once; somebody there is not did nothing."""
    mate = await person(office, "mate")
    await write(
        office,
        ("faq/a", "mate", "faq_edited"),
        (f"person/{mate.id}", "admin", "renamed"),
        (f"person/{mate.id}", "mate", "signed_in"),
        ("faq/a", "eve", "faq_edited"),
    )
    found = await read(office, "?person=mate")
    assert ["signed_in", "renamed", "faq_edited"] == [entry["kind"] for entry in found]
    assert ["mate", "mate", None] == [entry["label"] for entry in found]
    assert [] == await read(office, "?person=nobody")
    assert ["renamed"] == [entry["kind"] for entry in await read(office, "?person=mate&kind=renamed")]


async def test_about_a_ticket(office: Office) -> None:
    """By its number, however it is written; one there is not has no entries."""
    number = await office.open("mate")
    await office.open("eve")
    entries = await read(office, f"?ticket={number.lower()}")
    assert {number} == {entry["label"] for entry in entries}
    async with office.sessions() as session:
        ticket = await session.scalar(select(TicketRow.id).where(TicketRow.number == number))
        count = await session.scalar(select(func.count()).where(AuditRow.subject == f"ticket/{ticket}"))
    assert count == len(entries)
    assert [] == await read(office, "?ticket=SW-9")


async def test_of_a_time(office: Office) -> None:
    """From an instant on, before another; a minute without a zone is the shop's."""
    await write(office, *[("faq/a", "admin", "faq_edited")] * 4)
    entries = await read(office)
    cut = entries[1]["at"].replace("+00:00", "Z")
    assert entries[:2] == await read(office, f"?since={cut}")
    assert entries[2:] == await read(office, f"?until={cut}")
    assert entries == await read(office, "?since=2020-01-01&until=2100-01-01T00:00")


@pytest.mark.parametrize(
    "query",
    ["since=x", "until=9999-12-31", "since=0001-01-01", "cursor=1", "cursor=2026-01-01_1", "limit=0", "limit=201",
     "limit=x", "cursor=2026-01-01T00:00Z_99999999999999999999"],
)  # fmt: skip
async def test_what_cannot_be_read_is_named(query: str, office: Office) -> None:
    status, problem = await office.ask("auditor", "GET", f"{API}?{query}")
    assert (422, True) == (status, is_problem(problem, 422))
    page = await office.client.get(f"/console/audit?{query}", allow_redirects=False)
    assert 303 == page.status


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "role changed: agent → team lead · Orders"),
        ("zh-Hans", "角色变更：客服专员 → 组长 · 订单组"),
        ("zh-Hant", "角色變更：客服專員 → 組長 · 訂單組"),
    ],
)
async def test_an_entry_is_told_in_words(language: str, told: str, office: Office) -> None:
    """In the reader's language; whoever was only proposed is known by their login."""
    now, admin, boss = SystemClock().now(), await person(office, "admin"), await person(office, "operations_manager")
    wish = Wish(Kind.ROLE, "mate", "leads already", place=Place("team_lead", "order"))
    new = Wish(Kind.ADD, "nina", "the sale", place=Place("auditor", None), name="Nina")
    async with office.sessions.begin() as session:
        row = await people_changes.propose(session, wish, by=admin.id, levels=office.levels, now=now)
        await people_changes.approve(session, row.id, by=boss.id, levels=office.levels, now=now)
        await people_changes.propose(session, new, by=admin.id, levels=office.levels, now=now)
    entries = await read(office, f"?lang={language}")
    assert "nina" == entries[0]["label"]
    assert told == next(entry["text"] for entry in entries if entry["kind"] == "role_changed")
    assert not any("Nina" in json.dumps(entry) for entry in entries)


async def test_a_kind_that_is_not_known_stays_a_code(office: Office) -> None:
    """An entry of another release is shown all the same, and one that lacks details by its kind."""
    await write(office, ("faq/a", "robot", "turned_round"), ("faq/a", "admin", "role_changed"))
    assert ["role or desk changed", "turned_round"] == [entry["text"] for entry in await read(office, "?lang=en")]


async def check(office: Office) -> dict[str, Any]:
    """Have the log checked; returns what came of it."""
    assert 202 == (await office.ask("auditor", "POST", f"{API}/check", json={}))[0]
    await office.client.server.app[LOG_CHECK].wait()
    _, answer = await office.ask("auditor", "GET", f"{API}/check")
    assert (None, False) == (answer["running"], answer["failed"])
    return dict(answer)


async def test_a_whole_log_is_told_so(office: Office) -> None:
    """With how much was looked at; that it was checked, by whom and what came of it is in the log."""
    assert (await office.ask("auditor", "GET", f"{API}/check"))[1]["last"] is None
    await write(office, *[("faq/a", "admin", "faq_edited")] * 3, ("faq/b", "admin", "faq_edited"))
    anchor = await Anchoring(office.sessions, SystemClock()).set_anchor()
    assert anchor is not None
    answer = await check(office)
    assert {"entries": 4, "chains": 2, "anchors": 1, "broken": None, "by": "auditor"}.items() <= answer["last"].items()
    assert anchor.hash.hex() == answer["anchor"]["hash"]
    newest = (await read(office, "?lang=en"))[0]
    assert ("audit/log", "checked the audit log: whole (4 entries)") == (newest["subject"], newest["text"])
    assert {"entries": 5, "chains": 3, "broken": None}.items() <= (await check(office))["last"].items()


async def test_the_place_of_a_break_is_told(office: Office) -> None:
    """A changed entry of a ticket, by the ticket's number; a gap; what an anchor covers and is gone."""
    number = await office.open("mate")
    async with office.sessions.begin() as session:
        changed = update(AuditRow).where(AuditRow.subject.like("ticket/%"), AuditRow.seq == 1)
        await session.execute(changed.values(actor="nobody"))
    broken = (await check(office))["last"]["broken"]
    assert (number, 1, "changed") == (broken["label"], broken["seq"], broken["fault"])


@pytest.mark.parametrize(
    ("removed", "told"),
    [
        (AuditRow.seq == 2, {"subject": "faq/a", "seq": 3, "fault": "missing_before", "covers": None}),
        (AuditRow.seq == 3, {"subject": "anchor", "seq": 1, "fault": "not_covered", "covers": [1, 3, 3]}),
    ],
)
async def test_what_is_gone_is_missed(removed: Any, told: dict[str, Any], office: Office) -> None:
    await write(office, *[("faq/a", "admin", "faq_edited")] * 3)
    await Anchoring(office.sessions, SystemClock()).set_anchor()
    async with office.sessions.begin() as session:
        await session.execute(delete(AuditRow).where(removed))
    assert {**told, "label": None} == (await check(office))["last"]["broken"]


async def test_two_who_check_at_once_check_once(office: Office) -> None:
    """The second follows the first's."""
    await write(office, ("faq/a", "admin", "faq_edited"))
    await asyncio.gather(*(office.ask(by, "POST", f"{API}/check", json={}) for by in ("auditor", "admin")))
    await office.client.server.app[LOG_CHECK].wait()
    assert 1 == len(await read(office, "?kind=log_checked"))


async def test_a_check_that_ends_is_told_as_such(office: Office, settings: Settings) -> None:
    """Without a database nothing is found out, and nothing written."""
    nowhere = build_app(settings, database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none", interpreter=Mute())
    log_check = nowhere[LOG_CHECK]
    log_check.start(office.sessions, SystemClock(), by="auditor")
    await log_check.wait()
    assert (True, None) == (log_check.failed, log_check.running)
    assert [] == await read(office, "?kind=log_checked")


async def test_progress_is_told(office: Office, database_url: str) -> None:
    """Every thousand entries, chains first, then anchors; the end is what was found."""
    async with office.sessions.begin() as session:
        now = SystemClock().now()
        await audit.append_all(session, [audit.Entry("faq/a", "admin", "x", {}, now) for _ in range(2500)])
    await Anchoring(office.sessions, SystemClock()).set_anchor()
    told: list[dict[str, Any]] = []
    await check_log(database_url, told.append)
    assert [0, 1000, 2000, 2500, 5000] == [one["done"] for one in told[:-1]]
    assert {5000} == {one["total"] for one in told[:-1]}
    assert {"entries": 2500, "chains": 1, "anchors": 1, "broken": None} == told[-1]
