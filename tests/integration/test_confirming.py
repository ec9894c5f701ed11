"""A prepared command waits for a person's word: it runs once, within their rights, and leaves its traces."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder, list_demo_orders, seed_demo_orders
from actions.models import ShopCommandResult, ShopPayment
from bot.app import build_app
from bot.keys import SERVICES
from bot.models import Message, ShopCommandRow
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation import audit
from escalation.models import NoticeRow, PersonRow
from escalation.ports import SystemClock
from tests.integration.conftest import order_saying
from tests.integration.machine import eventually
from tests.integration.office import Office, is_problem, open_office

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def orders(sessions: Sessions) -> list[DemoOrder]:
    """The demo shop's."""
    async with sessions.begin() as session:
        await seed_demo_orders(session, SystemClock().now())
        return await list_demo_orders(session)


@pytest.fixture
def app(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, orders: list[DemoOrder]
) -> web.Application:
    """The application, with orders and nobody at work."""
    assert orders
    return build_app(settings, database_url=database_url, interpreter=interpreter)


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> AsyncIterator[Office]:
    """One of each role; whatever is tried leaves the audit log whole."""
    yield await open_office(client, sessions)
    async with sessions() as session:
        assert await audit.verify(session) is None


async def prepare(office: Office, order: DemoOrder, kind: str, amount: str, **changes: Any) -> tuple[str, str]:
    """Open an agent's ticket with a command prepared on it; returns the path and the command's key."""
    number = await office.open("agent", order_number=order.number)
    ticket = await office.ticket(number)
    key = f"{ticket.cause}/9"
    row: dict[str, Any] = {
        "key": key,
        "kind": kind,
        "order_number": order.number,
        "details": {"sku": "kettle"},
        "amount": Decimal(amount),
        "ticket_number": number,
        "created_at": ticket.opened_at,
        "next_attempt_at": None,
        **changes,
    }
    async with office.sessions.begin() as session:
        session.add(ShopCommandRow(conversation_id=ticket.conversation_id, **row))
    return f"/api/v1/tickets/{number}", key


async def confirm(office: Office, login: str, path: str, **body: Any) -> tuple[int, Any]:
    """Press the button as somebody."""
    return await office.ask(login, "POST", f"{path}/confirm", json=body)


async def wait_until_told(office: Office, path: str, part: str) -> None:
    """Wait for the bot to say something in the ticket's conversation."""

    async def is_told() -> bool:
        return any(part in text for text in await office.said(path.rsplit("/", 1)[1], "bot"))

    await eventually(is_told)


async def test_one_press_lets_the_same_command_run_once(
    office: Office, orders: list[DemoOrder], sessions: Sessions
) -> None:
    """Pressed by everybody at once and again later; the customer is told in the chat, though a person has the word."""
    path, key = await prepare(office, order_saying(orders, "The carrier says it is lost"), "resend", "40.00")
    _, before = await office.ask("agent", "GET", path)
    assert [(one["command"], one["state"], one["may"]) for one in before["prepared"]] == [(key, "prepared", "confirm")]
    answers = await asyncio.gather(*(confirm(office, who, path) for who in ("agent", "team_lead", "supervisor") * 2))
    assert [200] * 6 == [status for status, _ in answers]
    await wait_until_told(office, path, "sent again")
    assert (await confirm(office, "agent", path, command=key))[0] == 200
    _, after = await office.ask("agent", "GET", path)
    assert [(one["state"], one["may"]) for one in after["prepared"]] == [("done", None)]
    kinds = [event["kind"] for event in after["events"]]
    assert (kinds.count("command_confirmed"), kinds.count("command_done")) == (1, 1)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ShopCommandResult)) == 1
        told = await session.scalar(select(func.count()).where(Message.text.contains("sent again")))
    assert told == 1


async def test_above_ones_limit_it_is_a_request_that_another_approves(
    office: Office, orders: list[DemoOrder], sessions: Sessions
) -> None:
    """129 yuan: an agent asks, the desk's lead is told and approves; nobody approves their own."""
    path, _ = await prepare(office, order_saying(orders, "The carrier says it is lost"), "resend", "129.00")
    status, asked = await confirm(office, "agent", path)
    (waiting,) = asked["prepared"]
    assert (status, waiting["state"], waiting["asked_by"], waiting["may"]) == (200, "asked", "agent", None)
    status, refused = await confirm(office, "agent", path)
    assert (status, is_problem(refused, 422)) == (422, True)
    async with sessions() as session:
        told = select(PersonRow.login).join(NoticeRow, NoticeRow.person_id == PersonRow.id)
        assert ["team_lead"] == list(await session.scalars(told.where(NoticeRow.kind == "approval_asked")))
    async with sessions.begin() as session:
        promoted = (await session.scalars(select(PersonRow).where(PersonRow.login == "agent"))).one()
        promoted.role = "supervisor"
    assert (await confirm(office, "agent", path))[0] == 422  # whatever they may grant by now
    status, approved = await confirm(office, "team_lead", path)
    assert (status, approved["prepared"][0]["confirmed_by"]) == (200, "team_lead")
    await wait_until_told(office, path, "sent again")


async def test_parts_of_a_refund_are_granted_together(
    office: Office, orders: list[DemoOrder], sessions: Sessions
) -> None:
    """Thirty and thirty are sixty, which is more than an agent grants; what the shop refused counts no more."""
    order = order_saying(orders, "One box is missing")
    part = {"sku": "biscuits", "quantity": "1", "amount": "30.00"}
    path, key = await prepare(office, order, "refund", "30.00", details={**part, "amount": "39.01"})
    assert "confirm" == (await office.ask("agent", "GET", path))[1]["prepared"][0]["may"]
    second = f"{key}1"
    async with sessions.begin() as session:
        first = await session.get_one(ShopCommandRow, key)
        session.add(
            ShopCommandRow(
                key=second, conversation_id=first.conversation_id, kind="refund", order_number=first.order_number,
                details=part, amount=Decimal("30.00"), ticket_number=first.ticket_number, next_attempt_at=None,
                created_at=first.created_at + timedelta(seconds=1),
            )
        )  # fmt: skip
    waiting = (await office.ask("agent", "GET", path))[1]["prepared"]
    assert [("30.00", "ask"), ("30.00", "ask")] == [(one["amount"], one["may"]) for one in waiting]
    assert "asked" == (await confirm(office, "agent", path, command=key))[1]["prepared"][0]["state"]
    assert 200 == (await confirm(office, "team_lead", path, command=key))[0]
    await wait_until_told(office, path, "more than was paid for it")
    waiting = (await office.ask("agent", "GET", path))[1]["prepared"]
    assert [("refused", "too_much", None), ("prepared", None, "confirm")] == [
        (one["state"], one["reason"], one["may"]) for one in waiting
    ]


@pytest.mark.parametrize("kind", ["refund", "cancel_order"])
async def test_a_refund_of_the_whole_is_shown_as_what_is_left_of_it(
    office: Office, orders: list[DemoOrder], sessions: Sessions, kind: str
) -> None:
    """What went back since it was prepared is told apart, before it is confirmed; afterwards, what was paid."""
    order = order_saying(orders, "Not sent yet")
    async with sessions() as session:
        paid = (await session.scalars(select(ShopPayment).where(ShopPayment.order_number == order.number))).one()
    details = {"amount": str(paid.amount)} if kind == "refund" else {}
    path, _ = await prepare(office, order, kind, str(paid.amount), details=details)
    (before,) = (await office.ask("agent", "GET", path))[1]["prepared"]
    assert (str(paid.amount), None) == (before["amount"], before["gone_back"])
    async with sessions.begin() as session:
        (await session.get_one(ShopPayment, order.number)).refunded = Decimal("5.00")
    (waiting,) = (await office.ask("agent", "GET", path))[1]["prepared"]
    left = str(paid.amount - 5)
    assert (left, "5.00") == (waiting["amount"], waiting["gone_back"])
    status, _ = await confirm(office, "operations_manager", path)
    assert 200 == status

    async def is_done() -> bool:
        (one,) = (await office.ask("agent", "GET", path))[1]["prepared"]
        return (one["state"], one["amount"], one["gone_back"]) == ("done", left, None)

    await eventually(is_done)


async def test_a_refund_of_a_part_stays_what_it_is(office: Office, orders: list[DemoOrder], sessions: Sessions) -> None:
    """What went back for other goods has no part in it."""
    order = order_saying(orders, "One box is missing")
    part = {"sku": "biscuits", "quantity": "1", "amount": "30.00"}
    path, _ = await prepare(office, order, "refund", "30.00", details=part)
    async with sessions.begin() as session:
        paid = (await session.scalars(select(ShopPayment).where(ShopPayment.order_number == order.number))).one()
        paid.refunded = Decimal("5.00")
    (waiting,) = (await office.ask("agent", "GET", path))[1]["prepared"]
    assert ("30.00", None) == (waiting["amount"], waiting["gone_back"])


@pytest.mark.parametrize(
    ("amount", "approver"),
    [("50.01", "team_lead"), ("200.01", "supervisor"), ("1000.01", "operations_manager")],
)
async def test_who_may_grant_as_much_is_told(
    office: Office, orders: list[DemoOrder], sessions: Sessions, amount: str, approver: str
) -> None:
    """The lowest rank that may; those below it may not approve."""
    path, _ = await prepare(office, order_saying(orders, "The carrier says it is lost"), "resend", amount)
    await confirm(office, "agent", path)
    async with sessions() as session:
        told = select(PersonRow.login).join(NoticeRow, NoticeRow.person_id == PersonRow.id)
        assert [approver] == list(await session.scalars(told.where(NoticeRow.kind == "approval_asked")))
    below = {"supervisor": "team_lead", "operations_manager": "supervisor"}.get(approver)
    if below:
        assert (await confirm(office, below, path))[0] == 403
    assert (await confirm(office, approver, path))[0] == 200


async def test_a_cancelling_gives_nothing_away(office: Office, orders: list[DemoOrder]) -> None:
    """The money is the customer's own: an agent confirms it whatever the order is worth."""
    order = order_saying(orders, "Not sent yet")
    path, _ = await prepare(office, order, "cancel_order", "6000.00", details={})
    status, answer = await confirm(office, "agent", path)
    assert (status, answer["prepared"][0]["confirmed_by"]) == (200, "agent")
    await wait_until_told(office, path, "is cancelled")


async def test_a_refusal_of_the_shop_is_told_and_recorded(office: Office, orders: list[DemoOrder]) -> None:
    """The parcel left meanwhile."""
    order = order_saying(orders, "On its way, within the three days")
    path, _ = await prepare(office, order, "cancel_order", "0", details={})
    await confirm(office, "agent", path)
    await wait_until_told(office, path, "could not be cancelled")
    _, ticket = await office.ask("agent", "GET", path)
    assert (ticket["prepared"][0]["state"], ticket["prepared"][0]["reason"]) == ("refused", "already_dispatched")
    assert "command_refused" in [event["kind"] for event in ticket["events"]]


async def test_who_may_not_work_on_it_confirms_nothing(
    office: Office, orders: list[DemoOrder], sessions: Sessions
) -> None:
    """Another's ticket, another desk, an auditor; what is not there; what has ended; more than one."""
    path, key = await prepare(office, order_saying(orders, "The carrier says it is lost"), "resend", "40.00")
    for login, body, status in (
        ("mate", {}, 403),
        ("eve", {}, 403),
        ("auditor", {}, 403),
        ("admin", {}, 403),
        ("agent", {"command": "nothing"}, 404),
        ("agent", {"command": 5}, 422),
        ("agent", {"also": 1}, 422),
    ):
        got, answer = await confirm(office, login, path, **body)
        assert (login, body, got, is_problem(answer, status)) == (login, body, status, True)
    number = path.rsplit("/", 1)[1]
    async with sessions.begin() as session:
        first = await session.get_one(ShopCommandRow, key)
        more = {"kind": "cancel_order", "order_number": first.order_number, "ticket_number": number}
        at = first.created_at + timedelta(seconds=1)
        session.add(ShopCommandRow(key=f"{key}0", conversation_id=first.conversation_id, created_at=at, **more))
    got, answer = await confirm(office, "agent", path)
    assert (got, is_problem(answer, 422)) == (422, True)
    await office.ask("agent", "POST", f"{path}/resolve", json={"outcome": "refused", "text": "Sorry."})
    got, answer = await confirm(office, "agent", path, command=key)
    assert (got, is_problem(answer, 422)) == (422, True)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ShopCommandResult)) == 0


async def test_an_auditor_sees_that_it_waits_but_not_what_is_private(office: Office, orders: list[DemoOrder]) -> None:
    """The address stands there, masked, for who may read it."""
    order = order_saying(orders, "Not sent yet")
    seal = office.client.app[SERVICES].seal  # type: ignore[union-attr]
    sealed = seal.close('{"address": "12 Maple Street"}')
    path, _ = await prepare(office, order, "change_order", "0", details={}, sealed_details=sealed)
    for login, details in (("agent", {"address": "…"}), ("auditor", {})):
        _, ticket = await office.ask(login, "GET", path)
        assert (login, details) == (login, ticket["prepared"][0]["details"])
