"""The survey by a link: opening records nothing, sending counts once, and "not solved" always leads somewhere."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.security.limits import SURVEYS
from escalation import casework
from escalation.models import PersonRow, SurveyRow, TicketRow
from escalation.ports import SystemClock
from tests.integration.chat import Chat

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


async def resolve(sessions: Sessions, number: str) -> str:
    """Its owner resolves a ticket; returns the survey's token."""
    async with sessions.begin() as session:
        query = select(PersonRow).join(TicketRow, TicketRow.owner_id == PersonRow.id).where(TicketRow.number == number)
        owner = (await session.scalars(query)).one()
        _, token = await casework.resolve(session, number, by=owner, outcome="solved", now=SystemClock().now())
    return token


async def complain(client: Client) -> Chat:
    """A customer complains in English; a ticket is opened."""
    chat = await Chat.open(client, locale="en")
    await chat.ask("I want to make a complaint about your terrible service", "SW-")
    return chat


async def asked(client: Client, sessions: Sessions) -> tuple[str, TicketRow]:
    """A resolved ticket and the link that asks how it went."""
    await complain(client)
    opened = await newest(sessions)
    token = await resolve(sessions, opened.number)
    return f"/survey/{token}", await newest(sessions)


async def newest(sessions: Sessions) -> TicketRow:
    """The ticket opened last."""
    async with sessions() as session:
        return (await session.scalars(select(TicketRow).order_by(TicketRow.opened_at.desc()).limit(1))).one()


async def only_survey(sessions: Sessions) -> SurveyRow:
    """The one survey there is."""
    async with sessions() as session:
        return (await session.scalars(select(SurveyRow))).one()


async def close_long_ago(sessions: Sessions) -> None:
    """The ticket was closed eight days ago."""
    then = SystemClock().now() - timedelta(days=8)
    async with sessions.begin() as session:
        await session.execute(update(TicketRow).values(state="closed", closed_at=then, next_action_at=None))


async def send(client: Client, link: str, **fields: str) -> ClientResponse:
    """Send the form."""
    return await client.post(link, data=fields)


async def everything(sessions: Sessions) -> list[tuple[Any, ...]]:
    """Every row that a survey could touch, with the version that wrote it."""
    tables = ("surveys", "tickets", "messages", "conversations", "ticket_events", "clocks", "notices")
    async with sessions() as session:
        found = [await session.execute(text(f"SELECT '{table}', xmin, ctid FROM {table}")) for table in tables]
    return sorted(tuple(map(str, row)) for rows in found for row in rows)


async def test_opening_the_link_records_nothing(client: Client, sessions: Sessions) -> None:
    """Mail scanners open links: no row is written, and the token goes nowhere."""
    link, ticket = await asked(client, sessions)
    before = await everything(sessions)
    page = await client.get(link)
    assert 200 == page.status
    assert before == await everything(sessions)
    body = await page.text()
    assert ticket.number in body
    assert "terrible" not in body
    assert "http" not in body
    assert "<script" not in body
    assert ("no-referrer", "no-store") == (page.headers["Referrer-Policy"], page.headers["Cache-Control"])
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_an_answer_is_taken_once(client: Client, sessions: Sessions) -> None:
    """Thanks at an address that may be loaded again; the second form changes nothing and is told so."""
    link, ticket = await asked(client, sessions)
    thanks = await send(client, link, solved="yes", outcome="5", service="4", process="5", comment="one\r\ntwo\x00")
    assert (200, "sent=1") == (thanks.status, thanks.url.query_string.split("&")[0])
    assert "Thank you" in await thanks.text()
    again = await send(client, link, solved="no", outcome="1")
    assert 410 == again.status
    assert "already" in await again.text()
    survey = await only_survey(sessions)
    assert (True, 5, 4, 5, "one\ntwo") == (
        survey.solved,
        survey.outcome,
        survey.service,
        survey.process,
        survey.comment,
    )
    assert "closed" == (await newest(sessions)).state
    assert ticket.number == (await newest(sessions)).number


async def test_a_comment_shows_no_numbers(client: Client, sessions: Sessions) -> None:
    """A phone or a card in a comment is masked, as in a message."""
    link, _ = await asked(client, sessions)
    await send(client, link, outcome="5", comment="call 13812345678, card 4111 1111 1111 1111")
    assert "call 138****5678, card **** 1111" == (await only_survey(sessions)).comment


async def test_not_solved_opens_it_again(client: Client, sessions: Sessions) -> None:
    """The page says so, and who has it."""
    link, ticket = await asked(client, sessions)
    page = await (await send(client, link, solved="no")).text()
    assert f"{ticket.number} is open" in page
    assert "Luo" in page
    assert ("in_progress", 1) == ((await newest(sessions)).state, (await newest(sessions)).reopenings)


async def test_not_solved_long_after_closing_opens_a_linked_ticket(client: Client, sessions: Sessions) -> None:
    """By link: a new ticket goes on from the old one, and the customer is told both numbers in the chat."""
    link, ticket = await asked(client, sessions)
    await close_long_ago(sessions)
    page = await (await send(client, link, solved="no", outcome="1")).text()
    following = await newest(sessions)
    assert (ticket.id, "open") == (following.previous_id, following.state)
    assert following.number in page
    async with sessions() as session:
        said = (await session.scalars(text("SELECT text FROM messages ORDER BY seq DESC LIMIT 1"))).one()
    assert ticket.number in said
    assert following.number in said


async def test_saying_so_in_the_chat_opens_a_linked_ticket_once(client: Client, sessions: Sessions) -> None:
    """In words, twice: the first opens a new ticket, the second finds it."""
    chat = await complain(client)
    ticket = await newest(sessions)
    await resolve(sessions, ticket.number)
    await close_long_ago(sessions)
    said = await chat.ask("It is not solved", "closed more than 7 days ago")
    following = await newest(sessions)
    assert following.number in said["text"]
    await chat.send(type="survey", id="s1", survey=None, solved=False, outcome=1, comment="")
    while (await only_survey(sessions)).answered_at is None:
        await chat.until("accepted")
    assert following.id == (await newest(sessions)).id


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({}, 422, "rate at least one thing"),
        ({"comment": "only words"}, 422, "only words"),
        ({"outcome": "6", "comment": "kept"}, 422, "kept"),
        ({"outcome": "five"}, 422, "could not be read"),
        ({"outcome": "１"}, 422, "could not be read"),
        ({"solved": "perhaps", "service": "3"}, 422, "could not be read"),
        ({"outcome": "3", "comment": "x" * 2001}, 422, "too long"),
        ({"outcome": "3", "comment": "x" * 1_000_000}, 413, "too long"),
        ({f"field{number}": "1" for number in range(50)}, 422, "rate at least one thing"),
        ({"comment": "<script>alert(1)</script>"}, 422, "&lt;script&gt;"),
    ],
)
async def test_a_broken_form_is_shown_again(
    client: Client, sessions: Sessions, fields: dict[str, str], status: int, told: str
) -> None:
    """With what was written and what is wrong; nothing is taken."""
    link, _ = await asked(client, sessions)
    page = await send(client, link, **fields)
    assert status == page.status
    body = await page.text()
    assert told in body
    assert 'role="alert"' in body
    assert (await only_survey(sessions)).answered_at is None


async def test_what_was_chosen_stays_chosen(client: Client, sessions: Sessions) -> None:
    """One bad field costs no other."""
    link, _ = await asked(client, sessions)
    body = await (await send(client, link, service="4", comment="x" * 2001)).text()
    assert 1 == body.count(" checked")


@pytest.mark.parametrize("token", ["unknown", "%00", "x" * 5000, "%F0%9F%98%80"])
async def test_an_unknown_link_is_told_kindly(client: Client, token: str) -> None:
    """As a page in the browser's language, whatever the token."""
    for page in (await client.get(f"/survey/{token}?lang=en"), await send(client, f"/survey/{token}?lang=en")):
        assert 404 == page.status
        assert "does not work" in await page.text()


async def test_an_old_link_says_what_to_do(client: Client, sessions: Sessions) -> None:
    """Expired after seven days, superseded by the next cycle's; neither can be sent."""
    link, ticket = await asked(client, sessions)
    async with sessions.begin() as session:
        await session.execute(update(SurveyRow).values(valid_until=SystemClock().now()))
    assert (410, 410) == ((await client.get(link)).status, (await send(client, link, outcome="5")).status)
    assert "seven days" in await (await client.get(link)).text()
    async with sessions.begin() as session:
        survey = (await session.scalars(select(SurveyRow))).one()
        survey.valid_until += timedelta(days=7)
        session.add(
            SurveyRow(
                ticket_id=ticket.id,
                cycle=2,
                person_id=survey.person_id,
                token_digest=b"another",
                asked_at=survey.asked_at,
                valid_until=survey.valid_until,
            )
        )
    assert "newer" in await (await send(client, link, outcome="5")).text()


async def test_guessing_is_slowed_down(client: Client) -> None:
    """So many links from one address at once, then it waits."""
    statuses = {(await client.get("/survey/guess")).status for _ in range(int(SURVEYS.burst) * 4)}
    assert {404, 429} == statuses


@pytest.mark.parametrize(("language", "word"), [("zh-Hant", "結果"), ("zh-Hans", "结果"), ("en", "outcome")])
async def test_the_page_speaks_three_languages(client: Client, sessions: Sessions, language: str, word: str) -> None:
    """The conversation's first, another by the switch."""
    link, _ = await asked(client, sessions)
    assert 'lang="en"' in (await (await client.get(link)).text())[:60]
    assert word in await (await client.get(f"{link}?lang={language}")).text()
