"""Who may do what: each role at each route of the API, with tickets of their own, of their desk and of another's.

The tables below are product §6. A route that stands in none of them fails the test.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from sqlalchemy import select, update

from bot.models import Attachment
from escalation.models import PersonRow, SurveyRow, TicketRow
from escalation.ports import SystemClock
from tests.integration.office import ROLES, Office, is_problem

pytestmark = pytest.mark.postgres

# What a role may do with a ticket: nothing (-), read it masked, read it, work on it.
TICKETS = {
    #                         own       desk's    another desk's
    "agent":                 ("work",   "read",   "-"),
    "quality_controller":    ("work",   "read",   "-"),
    "logistics_coordinator": ("work",   "read",   "-"),
    "team_lead":             ("work",   "work",   "-"),
    "supervisor":            ("work",   "work",   "work"),
    "operations_manager":    ("work",   "work",   "work"),
    "auditor":               ("masked", "masked", "masked"),
    "admin":                 ("-",      "-",      "-"),
}  # fmt: skip
OWNERS = ("(self)", "mate", "eve")
# The least a role needs for a route, and a body that is right. The acts: POST /api/v1/tickets/{number}/<act>.
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "accept":    ("work", {}),
    "messages":  ("work", {"text": "We are looking into it."}),
    "notes":     ("read", {"text": "Looks like a batch."}),
    "wait":      ("work", {"text": "Which ear is it?"}),
    "resolve":   ("work", {"outcome": "solved", "text": "A new pair is on its way."}),
    "tier":      ("work", {"tier": "major", "reason": "a gift for a wedding"}),
    "handover":  ("work", {"to": "hal", "reason": "holiday"}),
    "help":      ("work", {"helper": "ida"}),
    "end-help":  ("work", {"helper": "hal"}),
    "hand-back": ("work", {}),
}  # fmt: skip
RANKS = ("-", "masked", "read", "work")
# Who agrees to a handover by whom.
CONSENTS = {
    "agent": "team_lead",
    "quality_controller": "team_lead",
    "logistics_coordinator": "team_lead",
    "team_lead": "supervisor",
    "supervisor": "operations_manager",
}
# Whose surveys and figures: of one's own tickets, of one's desk, of all, of none.
FIGURES = {
    "agent": "own", "quality_controller": "own", "logistics_coordinator": "own", "team_lead": "desk",
    "supervisor": "all", "operations_manager": "all", "auditor": "all", "admin": "none",
}  # fmt: skip
SEEN = {"own": {"(self)"}, "desk": {"(self)", "mate"}, "all": set(OWNERS), "none": set()}
FOLLOW_UP = {"team_lead": False, "supervisor": True, "operations_manager": True}
# Everybody who works here, for themselves.
FOR_ALL = {
    "GET /api/v1/me": {},
    "POST /api/v1/presence": {"available": True},
    "GET /api/v1/people": {},
    "GET /api/v1/tickets": {},
    "GET /api/v1/approvals": {},
    "GET /api/v1/notices": {},
    "POST /api/v1/notices/read": {},
    "GET /api/v1/surveys": {},
    "GET /api/v1/reports/satisfaction": {},
    "GET /api/v1/reports/service": {},
    "GET /api/v1/reports/alone": {},
}
# Where the shop has no bot there, nobody links a chat to it.
WITHOUT_TELEGRAM = {"POST /api/v1/me/telegram": 404}
READING = {"GET /api/v1/tickets/{number}": "masked", "GET /api/v1/tickets/{number}/photos/{id}": "read"}
BY_CIRCUMSTANCE = {
    "POST /api/v1/handovers/{id}", "POST /api/v1/surveys/{id}/follow-up", "POST /api/v1/tickets/{number}/confirm",
    "POST /api/v1/tickets/{number}/decline",
}  # fmt: skip
# Tried in test_complaints.py.
STAGES = {"POST /api/v1/tickets/{number}/stage"}
# Tried in test_revealing.py.
REVEALING = {"POST /api/v1/tickets/{number}/reveal"}
# Tried in test_privacy_api.py.
PRIVACY = {
    "POST /api/v1/tickets/{number}/export", "POST /api/v1/tickets/{number}/erasure", "GET /api/v1/erasures",
    "POST /api/v1/erasures/{id}",
}  # fmt: skip
# Tried in test_roster.py.
ROSTER = {"GET /api/v1/roster", "POST /api/v1/roster/{login}"}
# Tried in test_people.py.
PEOPLE = {
    "GET /api/v1/people/accounts", "POST /api/v1/people/{login}/rename", "POST /api/v1/people/{login}/deactivate",
    "GET /api/v1/people/proposals", "POST /api/v1/people/proposals", "GET /api/v1/people/proposals/{id}",
    *(f"POST /api/v1/people/proposals/{{id}}/{act}" for act in ("approve", "refuse", "withdraw", "password")),
}  # fmt: skip
# Tried in test_audit_reading.py.
AUDIT = {"GET /api/v1/audit", "GET /api/v1/audit/check", "POST /api/v1/audit/check"}
# Tried in test_faq.py.
FAQ = {
    "GET /api/v1/faq", "POST /api/v1/faq/entries", "POST /api/v1/faq/entries/{id}/remove", "POST /api/v1/faq/preview",
    "POST /api/v1/faq/entries/{id}/revert", "GET /api/v1/faq/questions", "POST /api/v1/faq/questions/ignore",
}  # fmt: skip
PAGES = {"GET /supervisor", "GET /supervisor/tickets", "GET /supervisor/surveys"}
# Nobody's rights are asked for: customers' own routes (a session's token), and what is open to all.
NOT_FOR_STAFF = {
    "POST /api/v1/attachments", "GET /api/v1/attachments/{id}", "POST /api/v1/nlu/parse", "GET /api/v1/openapi.json",
}  # fmt: skip


def may(role: str, owner: str) -> str:
    """What the table says of a role and an owner's ticket."""
    return TICKETS[role][OWNERS.index(owner)]


async def open_for(office: Office, role: str, owner: str) -> str:
    """A ticket of the owner's, of the quality desk unless they are of another one; hal helps with it."""
    category = "order" if owner == "eve" else "quality"
    number = await office.open(role if owner == "(self)" else owner, category=category)
    await office.let_help(number, "hal")
    return number


def test_no_route_is_missing_in_the_tables(app: web.Application) -> None:
    """Nor does any stand there that is gone."""
    routes = {f"{route.method} {route.resource.canonical}" for route in app.router.routes() if route.resource}
    staffs = {route for route in routes if "/api/v1/" in route or "supervisor" in route} - {
        route for route in routes if route.startswith("HEAD")
    }
    acts = {f"POST /api/v1/tickets/{{number}}/{act}" for act in ACTS}
    assert staffs == {
        *FOR_ALL,
        *WITHOUT_TELEGRAM,
        *READING,
        *acts,
        *BY_CIRCUMSTANCE,
        *STAGES,
        *REVEALING,
        *PRIVACY,
        *ROSTER,
        *PEOPLE,
        *AUDIT,
        *FAQ,
        *PAGES,
        *NOT_FOR_STAFF,
    }


@pytest.mark.parametrize("role", ROLES)
async def test_what_a_role_may_do_with_tickets(role: str, office: Office) -> None:
    """Every act on every kind of ticket; a refusal is a problem document and leaves nothing behind."""
    got, expected = {}, {}
    for owner in OWNERS:
        for act, (need, body) in ACTS.items():
            number = await open_for(office, role, owner)
            before = await office.traces(number)
            status, answer = await office.ask(role, "POST", f"/api/v1/tickets/{number}/{act}", json=body)
            got[owner, act] = status
            expected[owner, act] = 200 if RANKS.index(may(role, owner)) >= RANKS.index(need) else 403
            if status == 200:
                assert answer["number"] == number
            else:
                assert is_problem(answer, status)
                assert before == await office.traces(number)
    assert expected == got


@pytest.mark.parametrize("role", ROLES)
async def test_what_a_role_may_see_of_tickets(role: str, office: Office) -> None:
    """The case itself, its photo, its line in the list: for the same people."""
    numbers = {owner: await open_for(office, role, owner) for owner in OWNERS}
    got, expected = {}, {}
    for owner, number in numbers.items():
        photo = await add_photo(office, number)
        for route, need in READING.items():
            path = route.removeprefix("GET ").format(number=number, id=photo)
            status, answer = await office.ask(role, "GET", path)
            got[owner, route] = status == 200
            expected[owner, route] = RANKS.index(may(role, owner)) >= RANKS.index(need)
            assert status == 200 or is_problem(answer, status)
            if "photos" not in route and status == 200:
                assert {"masked": "read_masked"}.get(may(role, owner), may(role, owner)) == answer["access"]
    assert expected == got
    _, listed = await office.ask(role, "GET", "/api/v1/tickets")
    seen = {owner for owner in OWNERS if may(role, owner) != "-"}
    assert {numbers[owner] for owner in seen} == {line["number"] for line in listed["tickets"]}


async def add_photo(office: Office, number: str) -> str:
    """A photo in a ticket's conversation."""
    conversation = await office.conversation(number)
    async with office.sessions.begin() as session:
        photo = Attachment(
            id=uuid4(), conversation_id=conversation.id, media_type="image/jpeg", width=1, height=1, content=b"x",
            created_at=SystemClock().now(),
        )  # fmt: skip
        session.add(photo)
        return str(photo.id)


@pytest.mark.parametrize("role", ROLES)
async def test_what_everybody_may_ask_for_themselves(role: str, office: Office) -> None:
    """Whoever works here; what the answer holds is another test's matter."""
    got = {}
    for route, body in (FOR_ALL | {key: {} for key in WITHOUT_TELEGRAM}).items():
        method, path = route.split()
        got[route], _ = await office.ask(role, method, path, **({"json": body} if method == "POST" else {}))
    assert dict.fromkeys(FOR_ALL, 200) | WITHOUT_TELEGRAM == got


@pytest.mark.parametrize("role", ROLES)
async def test_who_consents_to_a_handover(role: str, office: Office) -> None:
    """The next rank above the owner, nobody else, and nobody to their own."""
    got, expected = {}, {}
    for owner, consenter in CONSENTS.items():
        number = await office.open(owner)
        asked = await office.ask_handover(number, "mate")
        before = await office.traces(number)
        status, answer = await office.ask(role, "POST", f"/api/v1/handovers/{asked}", json={"agreed": True})
        got[owner], expected[owner] = status, 200 if role == consenter else 403
        if status != 200:
            assert is_problem(answer, status)
            assert before == await office.traces(number)
    assert expected == got


@pytest.mark.parametrize("role", ROLES)
async def test_whose_surveys_a_role_reads_and_follows_up(role: str, office: Office) -> None:
    """Own, the desk's, all or none; the figures count the same ones."""
    surveys = {owner: await rate(office, await open_for(office, role, owner)) for owner in OWNERS}
    seen = SEEN[FIGURES[role]]
    _, read = await office.ask(role, "GET", "/api/v1/surveys")
    assert {surveys[owner][0] for owner in seen} == {line["id"] for line in read["surveys"]}
    _, report = await office.ask(role, "GET", "/api/v1/reports/satisfaction")
    _, service = await office.ask(role, "GET", "/api/v1/reports/service")
    assert (len(seen), len(seen)) == (report["lines"][0]["asked"], service["lines"][0]["opened"])
    for survey, number in surveys.values():
        before = await office.traces(number)
        path = f"/api/v1/surveys/{survey}/follow-up"
        status, answer = await office.ask(role, "POST", path, json={"note": "rang them", "cause": "quality"})
        assert status == (200 if FOLLOW_UP.get(role) else 403)
        assert status == 200 or (is_problem(answer, status) and before == await office.traces(number))


async def rate(office: Office, number: str, comment: str = "slow") -> tuple[str, str]:
    """A resolved ticket's survey, answered badly; returns its id and the ticket's number."""
    now = SystemClock().now()
    async with office.sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        survey = SurveyRow(
            ticket_id=ticket.id, cycle=1, person_id=ticket.owner_id, token_digest=uuid4().bytes, asked_at=now,
            valid_until=now, answered_at=now, outcome=1, service=2, process=2, comment=comment,
        )  # fmt: skip
        session.add(survey)
        await session.flush()
        return str(survey.id), number


async def test_an_auditor_reads_no_word_that_anybody_wrote(office: Office) -> None:
    """What customer and colleagues wrote, wherever it is kept, is hidden; who may read sees it all."""
    secret = "13812345678 Mrs Wang"
    number = await office.open("agent", summary=secret, packet={"flow": "defect", "facts": {"said": secret}})
    acts: dict[str, dict[str, Any]] = {
        "messages": {"text": secret}, "notes": {"text": secret}, "tier": {"tier": "major", "reason": secret},
        "handover": {"to": "mate", "reason": secret},
    }  # fmt: skip
    for act, body in acts.items():
        assert 200 == (await office.ask("agent", "POST", f"/api/v1/tickets/{number}/{act}", json=body))[0]
    survey, _ = await rate(office, number, comment=secret)
    follow_up = {"note": secret, "cause": "quality"}
    status, _ = await office.ask("supervisor", "POST", f"/api/v1/surveys/{survey}/follow-up", json=follow_up)
    assert 200 == status
    shown = {}
    for login in ("auditor", "supervisor"):
        _, case = await office.ask(login, "GET", f"/api/v1/tickets/{number}")
        _, lines = await office.ask(login, "GET", "/api/v1/tickets")
        _, surveys = await office.ask(login, "GET", "/api/v1/surveys")
        assert 1 == len(surveys["surveys"])
        _, table = await office.ask(login, "GET", "/api/v1/surveys?format=csv")
        text = json.dumps([case, lines, surveys, table, await read_page(office, login)], ensure_ascii=False)
        assert number in table
        shown[login] = text.count("Mrs Wang")
    assert 0 == shown["auditor"]
    assert shown["supervisor"] > len(acts)


async def read_page(office: Office, login: str) -> str:
    """The supervisor's page, as somebody sees it."""
    await sign_in(office, login)
    async with office.sessions.begin() as session:
        await session.execute(update(PersonRow).values(must_change_password=False))
    page = await office.client.get("/supervisor", allow_redirects=False)
    assert 200 == page.status
    return await page.text()


ANYBODYS = ("GET /api/v1/tickets/{number}", "POST /api/v1/tickets/{number}/messages", "GET /api/v1/me")


async def attempt(office: Office, number: str, **headers: str) -> list[int]:
    """Try a few routes with headers of one's own; each refusal is a problem document without a trace."""
    statuses, before = [], await office.traces(number)
    for route in ANYBODYS:
        method, path = route.format(number=number).split()
        sending = {"json": {"text": "hello"}} if method == "POST" else {}
        response = await office.client.request(method, path, headers=headers, **sending)
        statuses.append(response.status)
        if not response.ok:
            assert "application/problem+json" == response.content_type
            assert is_problem(await response.json(), response.status)
            assert (method, await office.traces(number)) == (method, before)
    return statuses


async def test_nobody_and_those_who_left_are_not_signed_in(office: Office) -> None:
    """Without a token, with a made-up or broken one, and with the token of somebody whose account is closed: 401."""
    number = await office.open("agent")
    mine = office.tokens["agent"]
    for given in ("", "Bearer", "Bearer ", "Bearer guessed", f"Basic {mine}", f"Bearer {mine}x", "Bearer ' OR 1=1"):
        assert [401, 401, 401] == await attempt(office, number, Authorization=given), given
    assert [200, 200, 200] == await attempt(office, number, Authorization=f"bearer {mine}")
    async with office.sessions.begin() as session:
        await session.execute(update(PersonRow).where(PersonRow.login == "agent").values(active=False))
    assert [401, 401, 401] == await attempt(office, number, Authorization=f"Bearer {mine}")


async def test_nobody_may_ask_anything(office: Office) -> None:
    """Every route for people is closed to who is nobody; the supervisor's pages lead to where one signs in."""
    anything = {"number": "SW-1", "id": str(uuid4()), "login": "agent"}
    acts = [f"POST /api/v1/tickets/{{number}}/{act}" for act in ACTS]
    for route in (*FOR_ALL, *READING, *acts, *BY_CIRCUMSTANCE, *STAGES, *ROSTER, *PEOPLE, *AUDIT):
        method, path = route.format(**anything).split()
        status, answer = await office.ask(None, method, path)
        assert (route, 401, True) == (route, status, is_problem(answer, 401))
    for route in PAGES:
        page = await office.client.get(route.removeprefix("GET "), allow_redirects=False)
        assert (route, 303) == (route, page.status)
        assert page.headers["Location"].startswith("/console")


async def sign_in(office: Office, login: str) -> None:
    """Sign in with the one-time password; the client keeps the cookie."""
    form = {"login": login, "password": await office.give_password(login)}
    response = await office.client.post("/console/sign-in", data=form, allow_redirects=False)
    assert 303 == response.status


async def test_a_one_time_password_opens_nothing_but_its_change(office: Office) -> None:
    """By cookie everything is refused until there is a password of one's own; the API token is another thing."""
    number = await office.open("agent")
    await sign_in(office, "agent")
    assert [403, 403, 403] == await attempt(office, number)
    assert [200, 200, 200] == await attempt(office, number, Authorization=f"Bearer {office.tokens['agent']}")


async def test_a_cookie_changes_nothing_without_its_token(office: Office) -> None:
    """Another site can make a browser send the cookie, not the header. A leaver's cookie is worth nothing."""
    number = await office.open("agent")
    await sign_in(office, "agent")
    async with office.sessions.begin() as session:
        await session.execute(update(PersonRow).values(must_change_password=False))
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}):
        assert [200, 403, 200] == await attempt(office, number, **headers)
    page = await (await office.client.get("/console")).text()
    csrf = page.partition('name="csrf"')[2].partition('content="')[2].partition('"')[0]
    assert [200, 200, 200] == await attempt(office, number, **{"X-CSRF-Token": csrf})
    async with office.sessions.begin() as session:
        await session.execute(update(PersonRow).values(active=False))
    assert [401, 401, 401] == await attempt(office, number, **{"X-CSRF-Token": csrf})


async def test_before_the_first_answer_anybody_of_the_desk_may_step_in(office: Office) -> None:
    """Accept, answer, resolve; not wait for it to be theirs. Another desk's people and the auditor may not."""
    got = {}
    for login in ("agent", "eve", "auditor", "admin"):
        for act in ("accept", "messages", "resolve", "tier"):
            number = await office.open("mate", answered=False)
            path = f"/api/v1/tickets/{number}/{act}"
            got[login, act], _ = await office.ask(login, "POST", path, json=ACTS[act][1])
    stepping_in = {("agent", "accept"), ("agent", "messages"), ("agent", "resolve")}
    assert {key: 200 if key in stepping_in else 403 for key in got} == got
