"""People and their rights through the API: who proposes, who decides, and what becomes of who they are about."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from escalation.models import AuditRow, PersonRow, ProposalRow
from tests.integration.office import ROLES, Office, is_problem

pytestmark = pytest.mark.postgres

PROPOSE = {"supervisor", "admin"}
APPROVE = {"operations_manager"}
API = "/api/v1/people"
NINA: dict[str, Any] = {
    "kind": "add", "login": "nina", "name": "Nina", "role": "agent", "desk": "order", "why": "the summer sale",
}  # fmt: skip
TO_LEAD: dict[str, Any] = {
    "kind": "role", "login": "mate", "role": "team_lead", "desk": "order", "why": "leads already"
}  # fmt: skip


@pytest.fixture
async def office(office: Office) -> Office:
    """Another operations manager besides."""
    await office.add("other_manager", "operations_manager", None)
    return office


async def propose(office: Office, by: str = "admin", **wanted: Any) -> str:
    """Propose something; returns the proposal's id."""
    status, answer = await office.ask(by, "POST", f"{API}/proposals", json=wanted)
    assert (201, "waiting") == (status, answer.get("state")), answer
    return str(answer["id"])


async def decide(
    office: Office, proposal: str, how: str = "approve", *, by: str = "operations_manager", **body: Any
) -> tuple[int, Any]:
    """Do something with a proposal."""
    return await office.ask(by, "POST", f"{API}/proposals/{proposal}/{how}", json=body)


async def person(office: Office, login: str) -> PersonRow:
    """Somebody as they are."""
    async with office.sessions() as session:
        return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def log_of(office: Office, login: str) -> list[tuple[str, str]]:
    """What the audit log has of somebody: who, what."""
    async with office.sessions() as session:
        proposal = select(ProposalRow.person_id).where(ProposalRow.login == login).limit(1)
        subject = f"person/{await session.scalar(proposal)}"
        rows = await session.execute(
            select(AuditRow.actor, AuditRow.action).where(AuditRow.subject == subject).order_by(AuditRow.seq)
        )
        return [(row.actor, row.action) for row in rows]


@pytest.mark.parametrize("role", ROLES)
async def test_what_a_role_may_do_about_people(role: str, office: Office) -> None:
    """Admins and supervisors propose, operations managers decide, nobody else even looks (product §6)."""
    looks, proposes, decides = role in PROPOSE | APPROVE, role in PROPOSE, role in APPROVE
    waiting = await propose(office, by="admin" if role != "admin" else "supervisor", **TO_LEAD)
    tried = {
        "accounts": (await office.ask(role, "GET", f"{API}/accounts"), looks),
        "list": (await office.ask(role, "GET", f"{API}/proposals"), looks),
        "ended": (await office.ask(role, "GET", f"{API}/proposals?state=ended"), looks),
        "one": (await office.ask(role, "GET", f"{API}/proposals/{waiting}"), looks),
        "rename": (await office.ask(role, "POST", f"{API}/eve/rename", json={"name": "Eva"}), looks),
        "deactivate": (await office.ask(role, "POST", f"{API}/eve/deactivate", json={}), decides),
        "propose": (await office.ask(role, "POST", f"{API}/proposals", json=NINA), proposes),
        "password": (await decide(office, waiting, "password", by=role), False),
        "withdraw": (await decide(office, waiting, "withdraw", by=role), False),
        "approve": (await decide(office, waiting, by=role), decides),
    }
    for name, ((status, answer), allowed) in tried.items():
        assert (name, allowed) == (name, status in {200, 201})
        assert allowed or is_problem(answer, 403), name
    assert ("team_lead" if decides else "agent") == (await person(office, "mate")).role
    refused = await propose(office, by="admin", **{**TO_LEAD, "login": "hal"})
    status, _ = await decide(office, refused, "refuse", by=role, reason="not yet")
    assert (200 if decides else 403) == status


async def test_somebody_is_added_by_two(office: Office) -> None:
    """Proposed, approved, the one-time password fetched by who proposed, changed at the first sign-in."""
    proposal = await propose(office, **NINA, email="nina@example.com")
    assert 404 == (await office.ask("admin", "POST", f"{API}/nina/rename", json={"name": "N"}))[0]
    status, approved = await decide(office, proposal)
    assert (200, "approved", False) == (status, approved["state"], approved["may_fetch_password"])
    nina = await person(office, "nina")
    assert ("agent", "order", True, "nina@example.com") == (nina.role, nina.desk, nina.must_change_password, nina.email)
    for stranger in ("supervisor", "operations_manager", "agent"):
        assert 403 == (await decide(office, proposal, "password", by=stranger))[0]
    _, lost = await decide(office, proposal, "password", by="admin")
    _, fetched = await decide(office, proposal, "password", by="admin")
    assert 403 == await sign_in(office, "nina", lost["password"])
    assert 303 == await sign_in(office, "nina", fetched["password"])
    accounts = {one["login"]: one for one in (await office.ask("admin", "GET", f"{API}/accounts"))[1]["people"]}
    assert accounts["nina"]["signed_in_at"] is not None
    assert accounts["eve"]["signed_in_at"] is None
    await choose_password(office, fetched["password"])
    status, problem = await decide(office, proposal, "password", by="admin")
    assert (409, "urn:shouwen:problem:no_password") == (status, problem["type"])
    assert [
        ("admin", "proposal_made"),
        ("operations_manager", "proposal_approved"),
        ("operations_manager", "added"),
        ("admin", "password_handed_over"),
        ("admin", "password_handed_over"),
        ("nina", "signed_in"),
        ("nina", "password_changed"),
    ] == await log_of(office, "nina")


async def sign_in(office: Office, login: str, password: str) -> int:
    """Sign in at the page; the browser keeps its session."""
    form = {"login": login, "password": password}
    answer = await office.client.post("/console/sign-in", data=form, allow_redirects=False)
    return answer.status


async def choose_password(office: Office, old: str) -> None:
    """Set a password of one's own in the browser that is signed in."""
    csrf = (await (await office.client.get("/console")).text()).partition('name="csrf" value="')[2].partition('"')[0]
    form = {"old": old, "new": "a password of my own", "csrf": csrf}
    assert 303 == (await office.client.post("/console/password", data=form, allow_redirects=False)).status


async def test_who_adds_an_approver_never_holds_their_password(office: Office) -> None:
    """Whoever proposes would need nobody else with it; who approves it gains no right by it."""
    proposal = await propose(office, **{**NINA, "role": "operations_manager", "desk": None})
    await decide(office, proposal)
    assert 403 == (await decide(office, proposal, "password", by="admin"))[0]
    assert 403 == (await decide(office, proposal, "password", by="other_manager"))[0]
    assert 200 == (await decide(office, proposal, "password"))[0]


async def test_nobody_decides_about_themselves_or_what_they_proposed(office: Office) -> None:
    """Not even when they have become an approver since."""
    about = await propose(office, kind="role", login="operations_manager", role="auditor", why="moves on")
    status, problem = await decide(office, about)
    assert (403, "urn:shouwen:problem:about_oneself") == (status, problem["type"])
    assert 403 == (await decide(office, about, "refuse", reason="no"))[0]
    own = await propose(office, by="supervisor", **TO_LEAD)
    up = await propose(office, kind="role", login="supervisor", role="operations_manager", why="deputy")
    assert 200 == (await decide(office, up, by="other_manager"))[0]
    status, problem = await decide(office, own, by="supervisor")
    assert (403, "urn:shouwen:problem:own_proposal") == (status, problem["type"])
    assert 200 == (await decide(office, about, by="supervisor"))[0]
    assert "auditor" == (await person(office, "operations_manager")).role


async def test_a_proposer_who_lost_the_right_carries_nothing(office: Office) -> None:
    """What they proposed can be refused only."""
    proposal = await propose(office, by="supervisor", **TO_LEAD)
    down = await propose(office, kind="role", login="supervisor", role="agent", desk="order", why="steps down")
    await decide(office, down)
    status, problem = await decide(office, proposal)
    assert (409, "urn:shouwen:problem:proposer_gone") == (status, problem["type"])
    assert "agent" == (await person(office, "mate")).role
    assert 200 == (await decide(office, proposal, "refuse", reason="ask again"))[0]


async def test_what_has_changed_since_is_not_approved(office: Office) -> None:
    """Somebody moved to another desk while it waited: the list says so, approving is refused."""
    proposal = await propose(office, **TO_LEAD)
    assert 200 == (await office.ask("supervisor", "POST", "/api/v1/roster/mate", json={"desk": "logistics"}))[0]
    _, shown = await office.ask("admin", "GET", f"{API}/proposals/{proposal}")
    assert shown["overtaken"]
    status, problem = await decide(office, proposal)
    assert (409, "urn:shouwen:problem:overtaken") == (status, problem["type"])
    mate = await person(office, "mate")
    assert ("agent", "logistics") == (mate.role, mate.desk)


async def test_a_proposal_is_taken_back_refused_or_runs_out(office: Office) -> None:
    """By who made it; by an approver with a reason that is kept; by itself after a week. Each is over with that."""
    first = await propose(office, **TO_LEAD)
    assert 200 == (await decide(office, first, "withdraw", by="admin"))[0]
    second = await propose(office, **TO_LEAD)
    status, problem = await decide(office, second, "refuse")
    assert 422 == status
    status, refused = await decide(office, second, "refuse", reason="after the sale")
    assert (200, "refused", "after the sale") == (status, refused["state"], refused["answer"])
    third = await propose(office, **TO_LEAD)
    async with office.sessions.begin() as session:
        late = update(ProposalRow).where(ProposalRow.outcome.is_(None))
        await session.execute(late.values(expires_at=ProposalRow.proposed_at))
    for proposal, code in ((first, "decided_already"), (second, "decided_already"), (third, "expired")):
        status, problem = await decide(office, proposal)
        assert (409, f"urn:shouwen:problem:{code}") == (status, problem["type"])
    _, ended = await office.ask("admin", "GET", f"{API}/proposals?state=ended")
    assert {first: "withdrawn", second: "refused", third: "expired"} == {
        one["id"]: one["state"] for one in ended["proposals"]
    }
    assert 200 == (await decide(office, await propose(office, **TO_LEAD)))[0]


async def test_the_audit_log_has_no_words(office: Office) -> None:
    """Names and reasons stand elsewhere; of a reason it has the digest."""
    await decide(office, await propose(office, **NINA), "refuse", reason="no budget")
    async with office.sessions() as session:
        rows = (await session.scalars(select(AuditRow).where(AuditRow.action.like("proposal_%")))).all()
    told = [str(row.details) for row in rows]
    assert 2 == len(told)
    assert not any(word in text for text in told for word in ("Nina", "budget", "summer"))
    assert all("why_digest" in text for text in told)


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({**NINA, "login": "mate"}, 409, "login_taken"),
        ({**NINA, "login": "a b"}, 422, "bad_login"),
        ({**NINA, "name": "  "}, 422, "bad_name"),
        ({**NINA, "role": "king"}, 422, "bad_role"),
        ({**NINA, "role": None}, 422, "bad_role"),
        ({**NINA, "desk": None}, 422, "desk_needed"),
        ({**NINA, "desk": "garden"}, 422, "bad_desk"),
        ({**NINA, "role": "auditor"}, 422, "no_desk"),
        ({**NINA, "email": "nina"}, 422, "refused"),
        ({**NINA, "why": " "}, 422, "bad_request_body"),
        ({**NINA, "kind": "king"}, 422, "bad_request_body"),
        ({**NINA, "password": "x"}, 422, "bad_request_body"),
        ({**TO_LEAD, "login": "nobody"}, 404, "no_such_person"),
        ({**TO_LEAD, "role": "agent", "desk": "quality"}, 409, "no_change"),
        ({"kind": "return", "login": "mate", "role": "agent", "desk": "order", "why": "back"}, 404, "no_such_person"),
        ({"kind": "reset", "login": "admin", "why": "forgotten"}, 403, "about_oneself"),
        ({"kind": "deactivate", "login": "admin", "why": "leaves"}, 409, "last_of_role"),
        ({"kind": "role", "login": "admin", "role": "auditor", "why": "moves"}, 409, "last_of_role"),
    ],
)
async def test_what_cannot_be_is_named(wanted: dict[str, Any], status: int, code: str, office: Office) -> None:
    """And nothing waits afterwards."""
    answered, problem = await office.ask("admin", "POST", f"{API}/proposals", json=wanted)
    assert (status, f"urn:shouwen:problem:{code}") == (answered, problem["type"])
    assert is_problem(problem, status)
    assert [] == (await office.ask("admin", "GET", f"{API}/proposals"))[1]["proposals"]


async def test_one_proposal_at_a_time_about_somebody(office: Office) -> None:
    """Of two that contradict each other both could be approved."""
    await propose(office, **TO_LEAD)
    body = {"kind": "deactivate", "login": "mate", "why": "left"}
    status, problem = await office.ask("supervisor", "POST", f"{API}/proposals", json=body)
    assert (409, "urn:shouwen:problem:waits_already") == (status, problem["type"])


async def test_nothing_waits_for_a_word_that_nobody_may_say(office: Office) -> None:
    """With one operations manager nobody decides about them: it says what to do."""
    await decide(office, await propose(office, kind="deactivate", login="other_manager", why="left"))
    body = {"kind": "reset", "login": "operations_manager", "why": "forgotten"}
    status, problem = await office.ask("admin", "POST", f"{API}/proposals", json=body)
    assert (409, "urn:shouwen:problem:no_approver") == (status, problem["type"])
    assert "shouwen people add" in problem["detail"]
    body = {"kind": "deactivate", "login": "operations_manager", "why": "left"}
    status, problem = await office.ask("admin", "POST", f"{API}/proposals", json=body)
    assert (409, "urn:shouwen:problem:last_of_role") == (status, problem["type"])


async def test_a_new_role_holds_at_once(office: Office) -> None:
    """The same token may what the new role may; who cannot work on tickets any more passes theirs to the lead."""
    number = await office.open("mate")
    await decide(office, await propose(office, kind="role", login="mate", role="auditor", why="moves"))
    assert 200 == (await office.ask("mate", "GET", f"/api/v1/tickets/{number}"))[0]
    assert 403 == (await office.ask("mate", "POST", f"/api/v1/tickets/{number}/notes", json={"text": "mine"}))[0]
    lead = await person(office, "team_lead")
    assert lead.id == (await office.ticket(number)).owner_id


async def test_who_changes_desk_with_the_role_leaves_the_unanswered(office: Office) -> None:
    """As on the roster: what they have answered stays theirs."""
    waiting, answered = await office.open("mate", answered=False), await office.open("mate")
    await decide(office, await propose(office, **TO_LEAD))
    mate = await person(office, "mate")
    assert ("team_lead", "order") == (mate.role, mate.desk)
    assert mate.id == (await office.ticket(answered)).owner_id
    assert mate.id != (await office.ticket(waiting)).owner_id


@pytest.mark.parametrize("at_once", [True, False])
async def test_who_leaves_is_signed_out_and_passes_on(at_once: bool, office: Office) -> None:
    """Proposed and approved, or closed by an operations manager alone: sessions and token end, the lead takes over."""
    number = await office.open("mate")
    assert 303 == await sign_in(office, "mate", await office.give_password("mate"))
    if at_once:
        assert 200 == (await office.ask("operations_manager", "POST", f"{API}/mate/deactivate", json={}))[0]
    else:
        await decide(office, await propose(office, kind="deactivate", login="mate", why="left"))
    assert 401 == (await office.ask("mate", "GET", "/api/v1/me"))[0]
    assert 401 == (await office.ask(None, "GET", "/api/v1/me"))[0]
    assert (await person(office, "team_lead")).id == (await office.ticket(number)).owner_id
    assert not (await person(office, "mate")).active


async def test_an_operations_manager_closes_neither_their_own_account_nor_anothers_of_their_rank(
    office: Office,
) -> None:
    for login, status in (("operations_manager", 403), ("other_manager", 403), ("admin", 409), ("nobody", 404)):
        answered, problem = await office.ask("operations_manager", "POST", f"{API}/{login}/deactivate", json={})
        assert (login, status) == (login, answered)
        assert is_problem(problem, status)


async def test_who_left_comes_back_by_two(office: Office) -> None:
    """With another role, and a one-time password; the login stays theirs."""
    await decide(office, await propose(office, kind="deactivate", login="mate", why="left"))
    status, problem = await office.ask("admin", "POST", f"{API}/proposals", json={**NINA, "login": "mate"})
    assert (409, True) == (status, "return" in problem["detail"])
    back = {"kind": "return", "login": "mate", "role": "quality_controller", "desk": "quality", "why": "is back"}
    proposal = await propose(office, **back)
    await decide(office, proposal)
    _, fetched = await decide(office, proposal, "password", by="admin")
    assert 303 == await sign_in(office, "mate", fetched["password"])
    assert ("quality_controller", True) == ((await person(office, "mate")).role, (await person(office, "mate")).active)


async def test_a_forgotten_password_is_replaced_by_two(office: Office) -> None:
    """From the approval on the old one opens nothing; the token is gone too."""
    old = await office.give_password("mate")
    proposal = await propose(office, kind="reset", login="mate", why="forgotten")
    assert 303 == await sign_in(office, "mate", old)
    await decide(office, proposal)
    assert (403, 401) == (await sign_in(office, "mate", old), (await office.ask("mate", "GET", "/api/v1/me"))[0])
    _, fetched = await decide(office, proposal, "password", by="admin")
    assert 303 == await sign_in(office, "mate", fetched["password"])


async def test_ended_proposals_come_a_page_at_a_time(office: Office) -> None:
    """The last first, none twice, none left out."""
    made = []
    for index in range(53):
        proposal = await propose(office, **{**NINA, "login": f"nina{index}"})
        await decide(office, proposal, "withdraw", by="admin")
        made.append(proposal)
    _, first = await office.ask("admin", "GET", f"{API}/proposals?state=ended")
    _, second = await office.ask("admin", "GET", f"{API}/proposals?state=ended&cursor={first['next']}")
    listed = [one["id"] for one in (*first["proposals"], *second["proposals"])]
    assert (made[::-1], None) == (listed, second["next"])
    for bad in ("x", "2026-01-01_x", "2026-01-01T00:00:00_00000000-0000-0000-0000-000000000000"):
        status, problem = await office.ask("admin", "GET", f"{API}/proposals?state=ended&cursor={bad}")
        assert (422, True) == (status, is_problem(problem, 422))


async def test_a_browser_needs_the_pages_token(office: Office) -> None:
    """As everywhere at the console: a form on another page changes nothing."""
    assert 303 == await sign_in(office, "admin", await office.give_password("admin"))
    async with office.sessions.begin() as session:
        await session.execute(update(PersonRow).values(must_change_password=False))
    status, problem = await office.ask(None, "POST", f"{API}/proposals", json=NINA)
    assert (403, "urn:shouwen:problem:no_csrf_token") == (status, problem["type"])


async def test_two_approvers_at_once_apply_it_once(office: Office) -> None:
    """The second is told that it was decided; one entry of the log, one new person."""
    proposal = await propose(office, **NINA)
    both = ("operations_manager", "other_manager")
    answers = await asyncio.gather(*(decide(office, proposal, by=by) for by in both))
    assert [200, 409] == sorted(status for status, _ in answers)
    problem = next(answer for status, answer in answers if status == 409)
    assert "urn:shouwen:problem:decided_already" == problem["type"]
    assert 1 == [what for _, what in await log_of(office, "nina")].count("added")


async def test_approved_and_withdrawn_at_once_is_one_of_both(office: Office) -> None:
    """Whatever came first holds, and the person is what it says."""
    proposal = await propose(office, **TO_LEAD)
    (approved, _), (withdrawn, _) = await asyncio.gather(
        decide(office, proposal), decide(office, proposal, "withdraw", by="admin")
    )
    assert {200, 409} == {approved, withdrawn}
    assert ("team_lead" if approved == 200 else "agent") == (await person(office, "mate")).role


async def test_two_managers_who_close_each_other_out_leave_one(office: Office) -> None:
    """Both demoted at the same moment by the other: the shop keeps somebody who approves."""
    first = await propose(office, kind="deactivate", login="operations_manager", why="left")
    second = await propose(office, by="supervisor", kind="deactivate", login="other_manager", why="left")
    answers = await asyncio.gather(decide(office, first, by="other_manager"), decide(office, second))
    assert [200, 403] == sorted(status for status, _ in answers) or [200, 409] == sorted(s for s, _ in answers)
    async with office.sessions() as session:
        manager = select(PersonRow).where(PersonRow.role == "operations_manager", PersonRow.active)
        assert 1 == len((await session.scalars(manager)).all())


async def test_decided_while_the_decider_loses_the_right(office: Office) -> None:
    """An approval and the approver's own demotion at once: it is approved before, or not at all."""
    proposal = await propose(office, **TO_LEAD)
    down = await propose(office, kind="role", login="operations_manager", role="auditor", why="moves on")
    (status, _), (demoted, _) = await asyncio.gather(decide(office, proposal), decide(office, down, by="other_manager"))
    assert (200, True) == (demoted, status in {200, 403})
    assert ("team_lead" if status == 200 else "agent") == (await person(office, "mate")).role


async def test_the_last_of_a_role_stays_whatever_was_proposed_before(office: Office) -> None:
    """Two admins, both to become something else: when the second is decided, only one is left."""
    await office.add("other_admin", "admin", None)
    first = await propose(office, by="supervisor", kind="role", login="admin", role="auditor", why="moves")
    second = await propose(office, by="supervisor", kind="deactivate", login="other_admin", why="left")
    assert 200 == (await decide(office, first))[0]
    status, problem = await decide(office, second)
    assert (409, "urn:shouwen:problem:last_of_role") == (status, problem["type"])
    assert (await person(office, "other_admin")).active
    assert "waiting" == (await office.ask("supervisor", "GET", f"{API}/proposals/{second}"))[1]["state"]


async def test_moved_and_promoted_at_once_is_never_half_of_each(office: Office) -> None:
    """A lead at the desk that was approved, or an agent at the desk of the roster."""
    proposal = await propose(office, **TO_LEAD)
    await office.open("mate", answered=False)
    moving = office.ask("supervisor", "POST", "/api/v1/roster/mate", json={"desk": "logistics"})
    (moved, _), (approved, _) = await asyncio.gather(moving, decide(office, proposal))
    mate = await person(office, "mate")
    assert moved == 200
    if approved == 409:
        assert ("agent", "logistics") == (mate.role, mate.desk)
    else:
        assert ("team_lead", "logistics") == (mate.role, mate.desk)
