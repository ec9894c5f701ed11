"""What waits for a decision, as each role finds it: whose word is wanted, what may be done, in what order."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.app import build_app
from bot.settings import Settings
from escalation import audit
from escalation.models import NoticeRow, PersonRow
from tests.integration.office import ROLES, Client, Office, Sessions, is_problem, open_office
from tests.integration.prepared import prepare_on

pytestmark = pytest.mark.postgres

MONEY = "resend"


class Mute:
    """No text is understood here, for none is read."""

    async def parse(self, text: str) -> Any:
        """Never called."""
        raise NotImplementedError(text)


@pytest.fixture
def app(settings: Settings, database_url: str) -> web.Application:
    """The application, on a database without people."""
    return build_app(settings, database_url=database_url, interpreter=Mute())


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> AsyncIterator[Office]:
    """One of each role; whatever is tried leaves the audit log whole."""
    yield await open_office(client, sessions)
    async with sessions() as session:
        assert await audit.verify(session) is None


async def look(office: Office, login: str, **query: Any) -> Any:
    """The list as somebody finds it."""
    status, answer = await office.ask(login, "GET", "/api/v1/approvals", params=query)
    assert 200 == status, answer
    return answer


async def ask(office: Office, login: str, number: str, amount: str) -> str:
    """Somebody asks for approval of a command; returns its key."""
    key = await prepare_on(office, number, MONEY, amount)
    await press(office, login, number, "confirm", 200)
    return key


async def press(office: Office, login: str, number: str, act: str, status: int, **body: Any) -> Any:
    """Confirm or decline what waits on a ticket."""
    got, answer = await office.ask(login, "POST", f"/api/v1/tickets/{number}/{act}", json=body)
    assert (act, status) == (act, got), answer
    assert got == 200 or is_problem(answer, got)
    return answer


async def tell_who(office: Office, kind: str) -> set[str]:
    """Who has been told of something."""
    told = select(PersonRow.login).join(NoticeRow, NoticeRow.person_id == PersonRow.id).where(NoticeRow.kind == kind)
    async with office.sessions() as session:
        return set(await session.scalars(told))


# What waits, on the ticket of an agent of the quality desk but for the last, and for each role: whether it is seen,
# whether their word is wanted, what they may do (product §6).
NOTHING = (False, False, [])
SEEN = (True, False, [])
WHATEVER = (True, False, ["confirm", "decline"])
APPROVES = (True, True, ["confirm", "decline"])
CONSENTS = (True, True, ["agree", "refuse"])
TABLE: dict[str, dict[str, tuple[bool, bool, list[str]]]] = {
    "own 40": {
        "agent": (True, True, ["confirm", "decline"]), "quality_controller": SEEN, "team_lead": WHATEVER,
        "supervisor": WHATEVER, "operations_manager": WHATEVER, "auditor": SEEN, "eve": NOTHING,
    },
    "own 60": {
        "agent": (True, True, ["ask", "decline"]), "quality_controller": SEEN, "team_lead": WHATEVER,
        "supervisor": WHATEVER, "operations_manager": WHATEVER, "auditor": SEEN, "eve": NOTHING,
    },
    "asked 60": {
        "agent": SEEN, "quality_controller": SEEN, "team_lead": APPROVES, "supervisor": WHATEVER,
        "operations_manager": WHATEVER, "auditor": SEEN, "eve": NOTHING,
    },
    "asked 201": {
        "agent": SEEN, "quality_controller": SEEN, "team_lead": SEEN, "supervisor": APPROVES,
        "operations_manager": WHATEVER, "auditor": SEEN, "eve": NOTHING,
    },
    "asked 1001": {
        "agent": SEEN, "quality_controller": SEEN, "team_lead": SEEN, "supervisor": SEEN,
        "operations_manager": APPROVES, "auditor": SEEN, "eve": NOTHING,
    },
    "handover": {
        "agent": SEEN, "quality_controller": SEEN, "team_lead": CONSENTS, "supervisor": SEEN,
        "operations_manager": SEEN, "auditor": SEEN, "eve": NOTHING,
    },
    "lead's handover": {
        "agent": SEEN, "quality_controller": SEEN, "team_lead": SEEN, "supervisor": CONSENTS,
        "operations_manager": SEEN, "auditor": SEEN, "eve": NOTHING,
    },
}  # fmt: skip


@pytest.fixture
async def matters(office: Office) -> dict[str, str]:
    """Everything of the table, by the ticket it waits on."""
    found = {}
    for what in TABLE:
        number = found[what] = await office.open("team_lead" if what.startswith("lead") else "agent")
        kind, _, amount = what.partition(" ")
        if kind == "own":
            await prepare_on(office, number, MONEY, amount)
        elif kind == "asked":
            await ask(office, "agent", number, amount)
        else:
            await office.ask_handover(number, "mate")
    return found


@pytest.mark.parametrize("role", [*(role for role in ROLES if role not in {"logistics_coordinator", "admin"}), "eve"])
async def test_each_role_finds_what_is_theirs(role: str, office: Office, matters: dict[str, str]) -> None:
    """What they may not see is not there; what waits for their word is marked; what they may do is what they can do."""
    listed = {line["ticket"]["number"]: line for line in (await look(office, role))["approvals"]}
    mine = {line["ticket"]["number"] for line in (await look(office, role, side="mine"))["approvals"]}
    for what, number in matters.items():
        line = listed.get(number)
        got = (line is not None, number in mine, line["may"] if line else [])
        assert (what, TABLE[what][role]) == (what, got)
        assert line is None or line["is_mine"] == (number in mine)
    counts = (await look(office, role, limit=0))["counts"]
    asked = len((await look(office, role, side="asked"))["approvals"])
    assert {"mine": len(mine), "asked": asked, "all": len(listed)} == counts


async def test_an_admin_has_no_word_in_it(office: Office, matters: dict[str, str]) -> None:
    assert {"mine": 0, "asked": 0, "all": 0} == (await look(office, "admin"))["counts"]
    assert matters
