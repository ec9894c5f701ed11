"""What the address of a supervisor's page may say: any period, and nothing that is only said to be good news."""

import csv
import io
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, inspect, update

from escalation.models import PersonRow, SurveyRow
from escalation.satisfaction import LONGEST_LIST
from tests.integration.office import Client, Office, Sessions, open_office
from tests.integration.staff.test_rights import rate

pytestmark = pytest.mark.postgres

PAGES = ("/supervisor", "/supervisor/tickets", "/supervisor/surveys")


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> Office:
    """One of each role, and a supervisor's browser."""
    office = await open_office(client, sessions)
    form = {"login": "supervisor", "password": await office.give_password("supervisor")}
    await client.post("/console/sign-in", data=form, allow_redirects=False)
    async with sessions.begin() as session:
        await session.execute(update(PersonRow).values(must_change_password=False))
    return office


async def _read(office: Office, address: str) -> tuple[int, str]:
    page = await office.client.get(address, allow_redirects=False)
    return page.status, await page.text()


@pytest.mark.parametrize(
    "period",
    [
        "since=1970-01-01&until=9998-12-30",
        "since=9998-01-01",
        "since=1990-01-01&until=5000-01-01",
        "until=1970-01-01",
        "since=2026-11-20&until=2026-11-01",
    ],
)
async def test_any_period_has_figures(office: Office, period: str) -> None:
    """However long, however far, the wrong way round: there is a page, and what was before can be asked for."""
    assert [200] * 3 == [(await _read(office, f"{page}?{period}&lang=en"))[0] for page in PAGES]


async def test_a_login_that_nobody_has_is_told(office: Office) -> None:
    """A typing error would look like good news."""
    for page in PAGES:
        assert "Nobody here has the login “nobody”" in (await _read(office, f"{page}?person=nobody&lang=en"))[1]
        assert "Nobody here has" not in (await _read(office, f"{page}?person=agent&lang=en"))[1]


async def test_what_an_address_narrows_to_is_shown(office: Office) -> None:
    """Also a desk that there is not, or not any more."""
    for page in PAGES:
        assert '<option value="gone" selected>gone</option>' in (await _read(office, f"{page}?desk=gone"))[1]


async def test_a_table_holds_all_ratings_and_a_list_a_page_of_them(office: Office) -> None:
    """None is left out without a word, none told twice."""
    survey, number = await rate(office, await office.open("agent"))
    async with office.sessions.begin() as session:
        first = await session.get_one(SurveyRow, UUID(survey))
        columns = {column.key: getattr(first, column.key) for column in inspect(SurveyRow).columns}
        more = [
            {**columns, "id": uuid4(), "cycle": first.cycle + n, "token_digest": n.to_bytes(32)}
            for n in range(1, LONGEST_LIST + 3)
        ]
        await session.execute(insert(SurveyRow), more)
        made = {survey, *(str(row["id"]) for row in more)}
    _, table = await office.ask("supervisor", "GET", "/api/v1/surveys?format=csv")
    lines = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert (len(made), made) == (len(lines), {line["id"] for line in lines})
    assert {number} == {line["number"] for line in lines}
    pages = [(await office.ask("supervisor", "GET", f"/api/v1/surveys?page={page}"))[1] for page in (1, 2, 3)]
    assert [(LONGEST_LIST, True), (3, False), (0, False)] == [(len(one["surveys"]), one["more"]) for one in pages]
    assert made == {line["id"] for page in pages for line in page["surveys"]}
