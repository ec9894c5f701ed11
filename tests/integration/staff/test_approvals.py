"""What waits for a decision, as each role finds it: whose word is wanted, what may be done, in what order."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from bot.console.waiting import Side, list_waiting
from bot.models import ShopCommandRow
from escalation.models import ClockRow, NoticeRow, PersonRow
from tests.integration.office import ROLES, Office, Sessions, is_problem
from tests.integration.prepared import prepare_on

pytestmark = pytest.mark.postgres

MONEY = "resend"
# No page begins there, or is as long.
WRONG: tuple[dict[str, Any], ...] = (
    {"limit": 201}, {"limit": -1}, {"limit": "ten"}, {"limit": "²"}, {"cursor": "?"}, {"cursor": "W10"},
    {"cursor": "é"}, {"cursor": "WzEsMiwzXQ"}, {"side": "left"},
)  # fmt: skip


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
    """Do something to a ticket as somebody; the answer has this status."""
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


async def test_nobody_decides_their_own_request(office: Office, sessions: Sessions) -> None:
    """Whatever they have become since: it waits for somebody else, and is found among what they asked for."""
    granted, passing = await office.open("agent"), await office.open("agent")
    await ask(office, "agent", granted, "60")
    path = f"/api/v1/tickets/{passing}/handover"
    status, _ = await office.ask("agent", "POST", path, json={"to": "mate", "reason": "holiday"})
    assert 200 == status
    for role, desk in (("team_lead", "quality"), ("supervisor", None)):
        async with sessions.begin() as session:
            changed = update(PersonRow).where(PersonRow.login == "agent")
            await session.execute(changed.values(role=role, desk=desk))
        lines = (await look(office, "agent", side="asked"))["approvals"]
        assert {granted, passing} == {line["ticket"]["number"] for line in lines}
        assert [(False, [])] * 2 == [(line["is_mine"], line["may"]) for line in lines]
        await press(office, "agent", granted, "confirm", 422)
        await press(office, "agent", granted, "decline", 422, reason="no")
        (handover,) = (line["id"] for line in lines if line["kind"] == "handover")
        status, answer = await office.ask("agent", "POST", f"/api/v1/handovers/{handover}", json={"agreed": True})
        assert (403, True) == (status, is_problem(answer, 403))


async def test_what_is_declined_never_runs_and_is_told(office: Office, sessions: Sessions) -> None:
    """To whoever asked and to the owner, with the reason; personal data that is known is masked in it."""
    number = await office.open("mate")
    await office.let_help(number, "agent")
    key = await ask(office, "agent", number, "60")
    await press(office, "eve", number, "decline", 403, reason="no")
    await press(office, "mate", number, "decline", 403, reason="no")
    await press(office, "team_lead", number, "decline", 422)
    await press(office, "team_lead", number, "decline", 200, reason="Repaired twice already, 13812345678 says.")
    (one,) = (await office.ask("agent", "GET", f"/api/v1/tickets/{number}"))[1]["prepared"]
    told = (one["state"], one["declined_by"], one["declined_because"], one["may"], one["may_decline"])
    assert ("declined", "team_lead", "Repaired twice already, 138****5678 says.", None, False) == told
    (seen,) = (await office.ask("auditor", "GET", f"/api/v1/tickets/{number}"))[1]["prepared"]
    assert "•••" == seen["declined_because"]
    assert {"agent", "mate"} == await tell_who(office, "command_declined")
    await press(office, "supervisor", number, "decline", 200, reason="again")
    answer = await press(office, "supervisor", number, "confirm", 422, command=key)
    assert ("urn:shouwen:problem:already_decided", True) == (answer["type"], "team_lead" in answer["detail"])
    assert {"mine": 0, "asked": 0, "all": 0} == (await look(office, "supervisor"))["counts"]
    async with sessions() as session:
        row = await session.get_one(ShopCommandRow, key)
        assert (None, None, False) == (row.next_attempt_at, row.confirmed_at, row.result and row.result["done"])


async def test_who_asked_is_told_that_it_is_approved(office: Office) -> None:
    number = await office.open("agent")
    await ask(office, "agent", number, "60")
    await press(office, "team_lead", number, "confirm", 200)
    assert {"agent"} == await tell_who(office, "approved")
    await prepare_on(office, number, MONEY, "10", key="one/more")
    await press(office, "agent", number, "confirm", 200, command="one/more")
    assert {"agent"} == await tell_who(office, "approved")


async def test_one_decision_however_many_decide_at_once(office: Office) -> None:
    """Yes and no from everybody who may, at the same moment: one of them counts, and all read whose."""
    await office.add("lea", "team_lead", "quality")
    for _ in range(3):
        number, passing = await office.open("agent"), await office.open("agent")
        key = await ask(office, "agent", number, "60")
        asked = await office.ask_handover(passing, "mate")
        command: dict[str, Any] = {"command": key}
        tried = [
            *((who, f"tickets/{number}/confirm", command) for who in ("team_lead", "supervisor")),
            *((who, f"tickets/{number}/decline", command | {"reason": "no"}) for who in ("lea", "operations_manager")),
            *(
                (who, f"handovers/{asked}", {"agreed": who == "lea", "reason": "so"})
                for who in ("team_lead", "lea") * 2
            ),
        ]
        answers = await asyncio.gather(
            *(office.ask(who, "POST", f"/api/v1/{to}", json=body) for who, to, body in tried)
        )
        assert {200, 422} >= {status for status, _ in answers}
        assert 1 == [status for status, _ in answers[4:]].count(200)
        for status, answer in answers:
            assert status == 200 or answer["type"].endswith("already_decided")
        _, ticket = await office.ask("agent", "GET", f"/api/v1/tickets/{number}")
        kinds = [event["kind"] for event in ticket["events"]]
        assert 1 == kinds.count("command_confirmed") + kinds.count("command_declined")
        _, passed = await office.ask("supervisor", "GET", f"/api/v1/tickets/{passing}")
        kinds = [event["kind"] for event in passed["events"]]
        assert 1 == kinds.count("handed_over") + kinds.count("handover_refused")


async def test_whose_word_is_wanted_reads_why_whatever_they_may_see(office: Office) -> None:
    """A handover of a ticket that lies at another desk than its owner: the owner's lead consents, and reads no more."""
    await office.add("lea", "team_lead", "order")
    known = {"facts": {"recipient": "Maple Li"}}
    number = await office.open("eve", category="quality", order_number="SO77", packet=known)
    asked = await office.ask_handover(number, "hal", "holiday, Maple Li knows")
    (line,) = (await look(office, "lea", side="mine"))["approvals"]
    assert ("holiday, M*** knows", None, None, False) == (
        line["reason"], line["words"], line["ticket"]["order_number"], line["ticket"]["can_open"],
    )  # fmt: skip
    (seen,) = (await look(office, "auditor"))["approvals"]
    assert ("•••", "•••", []) == (seen["reason"], seen["words"], seen["may"])
    body = {"agreed": False, "reason": "We need her here."}
    status, answer = await office.ask("lea", "POST", f"/api/v1/handovers/{asked}", json=body)
    assert (200, {"number": number, "agreed": False}) == (status, answer)
    assert {"eve"} == await tell_who(office, "handover_refused")
    _, ticket = await office.ask("eve", "GET", f"/api/v1/tickets/{number}")
    (refused,) = (event["details"] for event in ticket["events"] if event["kind"] == "handover_refused")
    assert "We need her here." == refused["reason"]


async def test_a_line_says_what_who_since_and_until(office: Office, sessions: Sessions) -> None:
    """Parts of an order are measured together; what is personal in a command is masked."""
    number = await office.open("agent", summary="Two boxes are missing, ring 13812345678.")
    part = {"kind": "refund", "amount": "30"}
    await prepare_on(office, number, **part, details={"sku": "biscuits", "quantity": "1", "amount": "30.00"})
    await prepare_on(office, number, **part, key="another/1", details={"sku": "tea", "quantity": "1"})
    ticket = await office.ticket(number)
    first, second = (await look(office, "agent"))["approvals"]
    assert {"30.00"} == {first["amount"], second["amount"]}
    assert ("60.00", ["ask", "decline"], None) == (first["together"], first["may"], first["asked_by"])
    assert "Two boxes are missing, ring 138****5678." == first["words"]
    assert [{"login": "agent", "name": "Agent"}] == first["wanted"]
    assert (ticket.opened_at.isoformat().replace("+00:00", "Z"), "claim") == (first["since"], first["next_clock"])
    _, queue = await office.ask("agent", "GET", "/api/v1/tickets")
    assert queue["tickets"][0]["next_due_at"].replace("+00:00", "Z") == first["next_due_at"]
    await press(office, "agent", number, "confirm", 200, command="another/1")
    (line,) = (await look(office, "team_lead", side="mine"))["approvals"]
    assert ("another/1", {"login": "agent", "name": "Agent"}) == (line["id"], line["asked_by"])
    assert line["since"] > first["since"]
    assert [{"login": "team_lead", "name": "Team_Lead"}] == line["wanted"]
    await office.ask(
        "agent", "POST", f"/api/v1/tickets/{number}/resolve", json={"outcome": "refused", "text": "Sorry."}
    )
    assert {"mine": 0, "asked": 0, "all": 0} == (await look(office, "agent"))["counts"]


async def test_a_long_list_is_read_page_by_page(office: Office, sessions: Sessions) -> None:
    """What is due first comes first, what has no clock last; nothing twice, nothing left out."""
    numbers = [await office.open("agent", age=timedelta(minutes=at % 3)) for at in range(7)]
    for number in numbers:
        await prepare_on(office, number, MONEY, "10")
    await office.ask_handover(numbers[0], "mate")
    async with sessions.begin() as session:
        ids = [(await office.ticket(number)).id for number in numbers[2:4]]
        now = (await office.ticket(numbers[0])).opened_at
        await session.execute(update(ClockRow).where(ClockRow.ticket_id.in_(ids)).values(met_at=now))
    for path, name, whole in (("approvals", "id", 8), ("tickets", "number", 7)):
        _, all_ = await office.ask("supervisor", "GET", f"/api/v1/{path}")
        assert (whole, None) == (len(all_[path]), all_["next"])
        dues = [line["next_due_at"] for line in all_[path]]
        assert (sorted(filter(None, dues)), [None, None]) == (dues[:-2], dues[-2:])
        for limit in (1, 3, whole):
            got: list[str] = []
            query: dict[str, Any] = {"limit": limit}
            while True:
                _, page = await office.ask("supervisor", "GET", f"/api/v1/{path}", params=query)
                assert len(page[path]) <= limit
                got += [line[name] for line in page[path]]
                if page["next"] is None:
                    break
                query["cursor"] = page["next"]
            assert [line[name] for line in all_[path]] == got
        for wrong in WRONG:
            status, answer = await office.ask("supervisor", "GET", f"/api/v1/{path}", params=wrong)
            expected = 200 if (path, "side") == ("tickets", *wrong) else 422
            assert (path, wrong, expected) == (path, wrong, status)
            assert expected == 200 or is_problem(answer, 422)


async def test_a_page_costs_as_many_statements_however_long_it_is(office: Office, sessions: Sessions) -> None:
    """Each line is loaded with all others."""
    counts = []
    for _ in range(2):
        for _ in range(4):
            number = await office.open("agent")
            await prepare_on(office, number, MONEY, "60", asked_by="agent")
            await office.ask_handover(await office.open("agent"), "mate")
        sent: list[str] = []
        async with sessions() as session:
            lead = (await session.scalars(select(PersonRow).where(PersonRow.login == "team_lead"))).one()
            connection = (await session.connection()).sync_connection
            event.listen(connection, "before_cursor_execute", lambda *asked, sent=sent: sent.append(asked[2]))
            found = await list_waiting(session, lead, Side.MINE, limit=50)
        counts.append((len(sent), len(found.page.lines)))
    (few, short), (many, long) = counts
    assert (few, 8, 16) == (many, short, long)
