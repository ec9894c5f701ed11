"""Personal data over the API: masked for everybody, whole for who works on the ticket and says why, and recorded."""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import build_app
from bot.console.masked import CONTACT
from bot.keys import SERVICES
from bot.models import Conversation, CustomerContact, Message, ShopCommandRow
from bot.security.personal import seal_for
from bot.settings import Settings
from bot.turn.private import SEALED, close_private
from escalation.disclosure import MOST_A_DAY
from escalation.models import AuditRow, TicketEventRow, TicketRow
from escalation.ports import SystemClock
from tests.integration.office import ROLES, Mute, Office, is_problem
from tests.integration.staff.test_rights import OWNERS, may, open_for, rate, read_page

pytestmark = pytest.mark.postgres

WHOLE = {
    "facts/address": "杭州市西湖区文三路90号5栋301室",
    "facts/phone": "13812345678",
    "facts/recipient": "李小明",
    "facts/title": "青禾示例有限公司",
    "facts/tax_number": "91330106MA2700001L",
    "facts/email": "books@example.com",
    CONTACT: "anna.smith@example.com",
}
ADDED, PREPARED = "12 Maple Street, Apt 4", "Carla Brown"
# As a chat keeps it: no numbers, but a name and a title.
SAID = "给李小明，发票开青禾示例有限公司，税号91330106MA2700001L"
SECRETS = (*WHOLE.values(), ADDED, PREPARED)


async def fill(office: Office, number: str) -> None:
    """Put personal data wherever a ticket may hold some: packet, history, a prepared command, the contact."""
    seal = office.client.app[SERVICES].seal  # type: ignore[union-attr]
    told = {name.partition("/")[2]: value for name, value in WHOLE.items() if name.startswith("facts/")}
    now = SystemClock().now()
    async with office.sessions.begin() as session:
        ticket = await _find(session, number)
        ticket.packet = {"flow": "change", "facts": close_private({"said": SAID, **told}, seal)}
        conversation = await session.get_one(Conversation, ticket.conversation_id)
        conversation.last_seq = 1
        said = Message(conversation_id=conversation.id, seq=1, sender="customer", text=SAID, at=now)
        session.add(said)
        added = close_private({"said": f"and {PREPARED} too", "photos": 0, "address": ADDED}, seal)
        session.add(TicketEventRow(ticket_id=ticket.id, kind="facts_added", actor="customer", details=added, at=now))
        sealed = close_private({"recipient": PREPARED}, seal)[SEALED].encode()
        session.add(
            ShopCommandRow(
                key=f"{ticket.cause}/9", kind="change_order", order_number="20261123004", details={},
                sealed_details=sealed, ticket_number=number, conversation_id=ticket.conversation_id, created_at=now,
            )
        )  # fmt: skip
        mailed = await seal_for(session, seal, ticket.customer_id, WHOLE[CONTACT])
        session.add(CustomerContact(customer_id=ticket.customer_id, sealed_email=mailed, given_at=now))


async def _find(session: AsyncSession, number: str) -> TicketRow:
    return (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()


async def reveal(office: Office, login: str, number: str, **body: Any) -> tuple[int, Any]:
    """Ask for masked values as somebody."""
    asked = {"reason": "shop_system", **body}
    return await office.ask(login, "POST", f"/api/v1/tickets/{number}/reveal", json=asked)


async def recorded(office: Office, number: str) -> list[dict[str, Any]]:
    """What the audit log holds of revealing on a ticket."""
    async with office.sessions() as session:
        subject = f"ticket/{(await _find(session, number)).id}"
        which = (AuditRow.subject == subject) & (AuditRow.action == "revealed")
        rows = await session.scalars(select(AuditRow).where(which).order_by(AuditRow.seq))
        return [{"actor": row.actor, **row.details} for row in rows]


async def test_nothing_is_shown_whole_to_anybody(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the case nor in lists, notices or logs; what is masked can be recognised."""
    caplog.set_level(logging.DEBUG)
    number = await office.open("agent")
    await fill(office, number)
    for login in ROLES:
        for path in (f"/api/v1/tickets/{number}", "/api/v1/tickets", "/api/v1/notices", "/api/v1/surveys"):
            _, answer = await office.ask(login, "GET", path)
            shown = json.dumps(answer, ensure_ascii=False)
            assert [] == [secret for secret in SECRETS if secret in shown], (login, path)
    assert [] == [secret for secret in SECRETS if secret in caplog.text]
    _, case = await office.ask("agent", "GET", f"/api/v1/tickets/{number}")
    facts = case["packet"]["facts"]
    assert ("杭州市…", "138****5678", "李**") == (facts["address"], facts["phone"], facts["recipient"])
    assert {"138****5678", "杭州市…", "**** 001L"} <= {fact["text"] for fact in case["packet"]["known"]}
    assert ("a***@example.com", {"recipient": "C***"}) == (case["contact"], case["prepared"][0]["details"])
    hidden = "给李**，发票开青禾***公司，税号**** 001L"
    assert ([hidden], [hidden]) == ([one["text"] for one in case["messages"]], case["packet"]["wants"]["words"])
    assert "…" in [event["details"].get("address") for event in case["events"]]


async def test_the_whole_conversation_is_masked(office: Office) -> None:
    """What another ticket of it, what the bot did alone, or what it is still asking about made known is hidden too."""
    number, other = await office.open("agent"), await office.open("mate")
    await fill(office, number)
    seal = office.client.app[SERVICES].seal  # type: ignore[union-attr]
    async with office.sessions.begin() as session:
        ticket, second = await _find(session, number), await _find(session, other)
        ticket.packet, second.conversation_id = {}, ticket.conversation_id
        second.packet = {"facts": close_private({"recipient": "王小丫"}, seal)}
        conversation = await session.get_one(Conversation, ticket.conversation_id)
        slots = close_private({"title": "Qinghe Trading Ltd"}, seal)
        conversation.state = {"frames": [{"flow": "invoice", "slots": slots}]}
        alone = close_private({"recipient": "张大千"}, seal)[SEALED].encode()
        settled = ShopCommandRow(
            key="alone/1", kind="change_order", order_number="20261123004", details={}, sealed_details=alone,
            conversation_id=conversation.id, created_at=SystemClock().now(),
        )  # fmt: skip
        message = (await session.scalars(select(Message).where(Message.conversation_id == conversation.id))).one()
        message.text = "王小丫、张大千、qinghe trading ltd"
        session.add(settled)
    hidden = "王**、张**、Q***"
    for path in (number, other):
        _, case = await office.ask("supervisor", "GET", f"/api/v1/tickets/{path}")
        assert [hidden] == [one["text"] for one in case["messages"]]
    _, listed = await office.ask("supervisor", "GET", "/api/v1/tickets")
    assert {hidden} == {one["last"]["text"] for one in listed["tickets"]}


async def test_colleagues_see_masked_what_an_answer_tells(office: Office) -> None:
    """The customer reads where a return goes and whom to call; whoever works here need not."""
    number = await office.open("agent")
    told = "send it to 浙江省杭州市西湖区文三路90号, call 13812345678"
    assert 200 == (await office.ask("agent", "POST", f"/api/v1/tickets/{number}/messages", json={"text": told}))[0]
    assert [told] == await office.said(number)
    shown = "send it to 浙江省杭州市西湖区文三路*号, call 138****5678"
    _, case = await office.ask("agent", "GET", f"/api/v1/tickets/{number}")
    assert shown == case["messages"][-1]["text"]
    _, listed = await office.ask("agent", "GET", "/api/v1/tickets")
    assert shown == listed["tickets"][0]["last"]["text"]


async def test_what_was_written_with_a_survey_is_masked(office: Office) -> None:
    """Comments and follow-up notes, for programs, in the table, and on the supervisor's pages."""
    number = await office.open("agent")
    await fill(office, number)
    survey, _ = await rate(office, number, comment="李小明等了很久")
    note = {"note": "rang 李小明 of 青禾示例有限公司", "cause": "quality"}
    status, _ = await office.ask("supervisor", "POST", f"/api/v1/surveys/{survey}/follow-up", json=note)
    assert 200 == status
    shown = [(await office.ask("supervisor", "GET", f"/api/v1/surveys{asked}"))[1] for asked in ("", "?format=csv")]
    shown.append(await read_page(office, "supervisor"))
    listed = await office.client.get("/supervisor/surveys?figure=answered")
    shown.append(await listed.text())
    for told in map(str, shown):
        assert [] == [secret for secret in SECRETS if secret in told]
        assert ("李**等了很久" in told, "rang 李** of 青禾***公司" in told) == (True, True)


async def test_each_value_is_told_by_its_name_for_a_reason(office: Office) -> None:
    """One or several; the ticket stays masked; history and log have names and reason, no value, the log no word."""
    number = await office.open("agent")
    await fill(office, number)
    _, case = await office.ask("agent", "GET", f"/api/v1/tickets/{number}")
    others = {name for name in case["revealable"] if name not in WHOLE}
    assert {*WHOLE, *others} == set(case["revealable"])
    status, told = await reveal(office, "agent", number, field="facts/phone")
    assert (200, {"number": number, "values": {"facts/phone": "13812345678"}}) == (status, told)
    _, told = await reveal(office, "agent", number, fields=sorted(others), reason="李小明 moved, 13812345678")
    assert {ADDED, PREPARED} == set(told["values"].values())
    kept = "李** moved, 138****5678"
    assert [
        {"actor": "agent", "fields": ["facts/phone"], "why": "shop_system"},
        {"actor": "agent", "fields": sorted(others), "why": "other", "why_digest": sha256(kept.encode()).hexdigest()},
    ] == await recorded(office, number)
    for login in ("agent", "supervisor", "auditor"):
        _, after = await office.ask(login, "GET", f"/api/v1/tickets/{number}")
        assert [] == [secret for secret in SECRETS if secret in json.dumps(after, ensure_ascii=False)]
        whys = [event["details"]["why"] for event in after["events"] if event["kind"] == "revealed"]
        assert (login, ["shop_system", kept]) == (login, whys)


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_have_it_told(role: str, office: Office) -> None:
    """Who may work on the ticket; all others are refused without a trace, and their ticket offers nothing."""
    got, expected = {}, {}
    for owner in OWNERS:
        number = await open_for(office, role, owner)
        await fill(office, number)
        before = await office.traces(number)
        works = may(role, owner) == "work"
        _, case = await office.ask(role, "GET", f"/api/v1/tickets/{number}")
        assert works == bool(case.get("revealable"))
        status, answer = await reveal(office, role, number, field="facts/phone")
        got[owner], expected[owner] = status, 200 if works else 403
        if not works:
            assert is_problem(answer, 403)
            assert (before, []) == (await office.traces(number), await recorded(office, number))
    assert expected == got


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"field": "facts/phone", "reason": None}, 422, "bad_request_body"),
        ({"field": "facts/phone", "reason": " \n"}, 422, "bad_request_body"),
        ({"reason": "shop_system"}, 422, "bad_request_body"),
        ({"fields": ["facts/phone", "facts/nothing"]}, 404, "no_such_field"),
        ({"field": "facts/said"}, 404, "no_such_field"),
    ],
)
async def test_what_is_refused_is_named(office: Office, body: dict[str, Any], status: int, problem: str) -> None:
    """Without a reason or a field, or for a field that there is not: nothing is told, nothing recorded."""
    number = await office.open("agent")
    await fill(office, number)
    before = await office.traces(number)
    got, answer = await reveal(office, "agent", number, **body)
    assert (status, f"urn:shouwen:problem:{problem}") == (got, answer["type"])
    assert is_problem(answer, status)
    assert before == await office.traces(number)
    assert "13812345678" not in str(answer)


async def test_a_days_work_needs_no_more_than_so_many(office: Office) -> None:
    """Whoever would copy them all is stopped; others go on."""
    number = await office.open("agent")
    await fill(office, number)
    fields = ["facts/phone", "facts/address", "facts/recipient", "facts/title"]
    for _ in range(MOST_A_DAY // len(fields) - 1):
        assert 200 == (await reveal(office, "agent", number, fields=fields))[0]
    assert 429 == (await reveal(office, "agent", number, fields=[*fields, "facts/email"]))[0]  # takes none
    assert 200 == (await reveal(office, "agent", number, fields=fields))[0]
    status, answer = await reveal(office, "agent", number, fields=fields)
    assert (429, "urn:shouwen:problem:too_many_reveals") == (status, answer["type"])
    assert 200 == (await reveal(office, "team_lead", number, fields=fields))[0]


async def test_it_is_a_person_that_is_counted_not_a_process(
    office: Office, settings: Settings, database_url: str
) -> None:
    """Another process, or the same one started anew, knows of what was shown; a day later it is over."""
    number = await office.open("agent")
    await fill(office, number)
    fields = ["facts/phone", "facts/address", "facts/recipient", "facts/title"]
    for _ in range(MOST_A_DAY // len(fields)):
        assert 200 == (await reveal(office, "agent", number, fields=fields))[0]
    async with TestClient(TestServer(build_app(settings, database_url=database_url, interpreter=Mute()))) as other:
        elsewhere = replace(office, client=other)
        assert 429 == (await reveal(elsewhere, "agent", number, fields=fields))[0]
        async with office.sessions.begin() as session:
            shown = update(TicketEventRow).where(TicketEventRow.kind == "revealed")
            await session.execute(shown.values(at=TicketEventRow.at - timedelta(days=1)))
        assert 200 == (await reveal(elsewhere, "agent", number, fields=fields))[0]


async def test_who_asks_twice_at_once_is_counted_twice(office: Office) -> None:
    """What is shown at the same moment adds up."""
    number = await office.open("agent")
    await fill(office, number)
    fields = ["facts/phone", "facts/address", "facts/recipient", "facts/title"]
    for _ in range(MOST_A_DAY // len(fields) - 1):
        assert 200 == (await reveal(office, "agent", number, fields=fields))[0]
    both = await asyncio.gather(*(reveal(office, "agent", number, fields=fields) for _ in range(2)))
    assert [200, 429] == sorted(status for status, _ in both)


async def test_numbers_that_colleagues_type_are_masked_before_they_are_kept(office: Office) -> None:
    """Notes, answers and reasons, as in a chat."""
    number = await office.open("agent")
    typed, kept = "ring 13812345678, card 4111 1111 1111 1111", "ring 138****5678, card **** 1111"
    acts: dict[str, dict[str, Any]] = {
        "notes": {"text": typed}, "messages": {"text": typed}, "tier": {"tier": "major", "reason": typed},
        "handover": {"to": "mate", "reason": typed},
    }  # fmt: skip
    for act, body in acts.items():
        assert 200 == (await office.ask("agent", "POST", f"/api/v1/tickets/{number}/{act}", json=body))[0]
    # A customer must be told where a return goes and whom to call.
    assert ["ring 13812345678, card **** 1111"] == await office.said(number)
    async with office.sessions() as session:
        ticket = await _find(session, number)
        events = (await session.scalars(select(TicketEventRow).where(TicketEventRow.ticket_id == ticket.id))).all()
    written = {event.kind: event.details.get("text") or event.details.get("reason") for event in events}
    assert [kept] * 3 == [written[kind] for kind in ("note", "tier", "handover_asked")]
