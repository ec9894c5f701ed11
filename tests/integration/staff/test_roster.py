"""The roster: who sees which desk, who may change whose place, and what becomes of the cases."""

from typing import Any

import pytest
from sqlalchemy import select, update

from escalation.models import AuditRow, PersonRow
from tests.integration.office import OTHERS, ROLES, Office, is_problem

pytestmark = pytest.mark.postgres

DESKS = ["order", "logistics", "quality", "after_sales", "complaint", None]
# Which desks a role sees, and whose place it may change.
SEEN = {"team_lead": ["quality"], "supervisor": DESKS, "operations_manager": DESKS, "admin": DESKS}
WORKERS = {"agent", "quality_controller", "logistics_coordinator", *OTHERS}
MAY_CHANGE = {
    "team_lead": {"agent", "quality_controller", "logistics_coordinator", "mate"},
    "supervisor": WORKERS | {"team_lead"},
    "operations_manager": WORKERS | {"team_lead", "supervisor"},
}


async def person(office: Office, login: str) -> PersonRow:
    """Somebody as they are."""
    async with office.sessions() as session:
        return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def posts(office: Office, reader: str) -> dict[str, dict[str, Any]]:
    """The places that somebody sees, by login."""
    status, answer = await office.ask(reader, "GET", "/api/v1/roster")
    assert status == 200
    return {post["login"]: post for desk in answer["desks"] for post in desk["people"]}


@pytest.mark.parametrize("role", ROLES)
async def test_which_desks_a_role_sees(role: str, office: Office) -> None:
    """Leads their own; those above, and the admin, all; others none."""
    status, answer = await office.ask(role, "GET", "/api/v1/roster")
    if role in SEEN:
        assert (200, SEEN[role]) == (status, [desk["desk"] for desk in answer["desks"]])
    else:
        assert (403, True) == (status, is_problem(answer, 403))


@pytest.mark.parametrize("role", ROLES)
async def test_whose_place_a_role_may_change(role: str, office: Office) -> None:
    """Those below them, a lead at their own desk only; nobody their own. A refusal changes nothing."""
    shown = await posts(office, role) if role in SEEN else {}
    for login in (*ROLES, *OTHERS):
        before = await person(office, login)
        status, answer = await office.ask(role, "POST", f"/api/v1/roster/{login}", json={"max_open": 7})
        after = await person(office, login)
        allowed = login in MAY_CHANGE.get(role, ())
        assert (login, status) == (login, 200 if allowed else 403)
        assert (7 if allowed else before.max_open) == after.max_open
        assert allowed or is_problem(answer, 403)
        assert login not in shown or shown[login]["may_change"] == allowed


async def test_a_place_shows_presence_and_room(office: Office) -> None:
    for owner in ("agent", "agent", "mate"):
        await office.open(owner, answered=False)
    await office.open("agent")
    async with office.sessions.begin() as session:
        away = update(PersonRow).where(PersonRow.login == "mate")
        await session.execute(away.values(available=False, max_open=1))
    shown = await posts(office, "team_lead")
    agent, mate = shown["agent"], shown["mate"]
    assert (True, False, 3, 2, 20, 17) == tuple(
        agent[name] for name in ("on_duty", "console_open", "open_cases", "unanswered", "max_open", "room")
    )
    assert (False, 1, 0) == (mate["on_duty"], mate["open_cases"], mate["room"])
    _, answer = await office.ask("team_lead", "GET", "/api/v1/roster")
    (desk,) = answer["desks"]
    assert (3, 17 + 20 + 20, True, None) == (desk["on_duty"], desk["room"], desk["open"], desk["until"])


async def test_who_is_set_away_passes_on_what_is_not_answered(office: Office) -> None:
    """Answered cases stay theirs; it is in the audit log who did it."""
    waiting, answered = await office.open("agent", answered=False), await office.open("agent")
    status, _ = await office.ask("team_lead", "POST", "/api/v1/roster/agent", json={"available": False})
    agent = await person(office, "agent")
    assert (200, False) == (status, agent.available)
    assert agent.id == (await office.ticket(answered)).owner_id
    assert agent.id != (await office.ticket(waiting)).owner_id
    assert not (await posts(office, "team_lead"))["agent"]["on_duty"]
    async with office.sessions() as session:
        changed = AuditRow.subject == f"person/{agent.id}", AuditRow.action == "post_changed"
        entry = (await session.scalars(select(AuditRow).where(*changed))).one()
    assert ("team_lead", {"available": False}) == (entry.actor, entry.details)
    await office.ask("team_lead", "POST", "/api/v1/roster/agent", json={"available": True})
    assert (await posts(office, "team_lead"))["agent"]["on_duty"]


async def test_who_moves_leaves_what_is_not_answered_at_the_old_desk(office: Office) -> None:
    """And gets the new desk's cases; the old lead sees them no more."""
    waiting, answered = await office.open("agent", answered=False), await office.open("agent")
    body = {"desk": "complaint", "max_open": 3}
    assert 200 == (await office.ask("team_lead", "POST", "/api/v1/roster/agent", json=body))[0]
    agent = await person(office, "agent")
    assert ("complaint", 3) == (agent.desk, agent.max_open)
    assert agent.id == (await office.ticket(answered)).owner_id
    assert agent.id != (await office.ticket(waiting)).owner_id
    assert "agent" not in await posts(office, "team_lead")
    assert 403 == (await office.ask("team_lead", "POST", "/api/v1/roster/agent", json={"desk": "quality"}))[0]
    assert 200 == (await office.ask("supervisor", "POST", "/api/v1/roster/agent", json={"desk": "quality"}))[0]


@pytest.mark.parametrize(
    ("login", "body", "word"),
    [
        ("agent", {}, "at least one"),
        ("agent", {"max_open": -1}, "0 to 200"),
        ("agent", {"max_open": 201}, "0 to 200"),
        ("agent", {"max_open": "many"}, "max_open"),
        ("agent", {"desk": "garden"}, "order, logistics"),
        ("agent", {"role": "supervisor"}, "role"),
        ("nobody", {"max_open": 5}, "nobody"),
    ],
)
async def test_what_cannot_be_is_named_and_changes_nothing(
    office: Office, login: str, body: dict[str, Any], word: str
) -> None:
    before = await posts(office, "supervisor")
    status, answer = await office.ask("supervisor", "POST", f"/api/v1/roster/{login}", json=body)
    assert (422, True) == (status, is_problem(answer, 422))
    assert word in answer["detail"]
    assert before == await posts(office, "supervisor")


async def test_the_page_is_for_the_same_people(office: Office) -> None:
    """Others are refused; who is not signed in is led to where one signs in."""
    page = await office.client.get("/console/roster", allow_redirects=False)
    assert (303, "/console") == (page.status, page.headers["Location"])
    for login in ROLES:
        form = {"login": login, "password": await office.give_password(login)}
        await office.client.post("/console/sign-in", data=form, allow_redirects=False)
        async with office.sessions.begin() as session:
            await session.execute(update(PersonRow).values(must_change_password=False))
        page = await office.client.get("/console/roster", allow_redirects=False)
        assert (login, page.status) == (login, 200 if login in SEEN else 403)
