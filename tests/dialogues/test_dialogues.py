"""Conversations as scripts: what the customer does, what must be heard, and what it leaves behind.

Each file beside this one is a script, played once in each language against a demo order of its own:

    name: what happens, as a sentence
    order: words of the demo order's English caption; {order} and {digits} in the turns are its number and proof
    other: the same for a second order, {other} and {other_digits}
    signed_in: true for a customer whom the shop has signed in, and whose orders these are
    known: what else the shop knows of `order`, by field: {suspected_abuse: true}
    turns:
      - say: what is written      (`photo: true` beside it or alone; or `press: a button's value`)
        hear: parts that the answers to this turn have, a list or one
        buttons: values of buttons that they offer
        never: parts that they do not have
        wait: PT5H, time that passes before
        solve: what a person writes who solves the newest case (instead of `say`)
    tickets: in the end, in the order of their opening
      - category, tier; `order: false` for none, or `other`
        rules: ids of the policy's rules that decided
        clocks: {response: PT24H} how long the newest clock of each kind runs
        facts: what the person who gets it is told, some or all
        state: resolved, say; open where it is not given
    mail: true where the shop has a mail server (then a visitor who has a case is asked for an address)
    shop: the commands the shop carried out: a kind, or {kind: ..., and some or all of its details}
    prepared: the commands that wait for a person to confirm them, as in `shop`

A text is one for all languages, or a mapping of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.models import ShopOrder
from bot.models import ShopCommandRow
from bot.nlu.reading import LANGUAGES
from escalation.models import ClockRow, TicketRow
from escalation.service_levels import parse_duration
from tests.dialogues.conftest import IDENTITY_KEY
from tests.dialogues.player import LaterClock, Player
from tests.dialogues.script import FILES, Wording, find_names, read_script
from tests.integration.chat import Chat

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
_SUB = "customer-7"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(
    path: Path, language: str, client: Client, seeded: list[DemoOrder], sessions: Sessions, clock: LaterClock
) -> None:
    """The script's answers, its tickets and its shop commands, no more and no fewer."""
    script = read_script(path)
    names = find_names(script, seeded)
    await _make_known(script, names, sessions)
    chat = await Chat.open(client, locale=language, identity=await _sign_in(script, names, sessions))
    player = Player(client, chat, Wording(language, names), clock)
    for turn in script["turns"]:
        await player.play(turn)
    async with sessions() as session:
        await check_tickets(session, script.get("tickets", []), names)
        await check_commands(session, script.get("shop", []))
        await _check_prepared(session, script.get("prepared", []))


async def _make_known(script: dict[str, Any], names: dict[str, str], sessions: Sessions) -> None:
    """Let the shop know more of the script's order."""
    if "known" in script:
        async with sessions.begin() as session:
            await session.execute(update(ShopOrder).where(ShopOrder.number == names["order"]).values(**script["known"]))


async def _sign_in(script: dict[str, Any], names: dict[str, str], sessions: Sessions) -> str | None:
    """Make the script's orders the customer's own; return the shop's word for who they are."""
    if not script.get("signed_in"):
        return None
    numbers = [names[name] for name in ("order", "other") if name in names]
    async with sessions.begin() as session:
        await session.execute(update(ShopOrder).where(ShopOrder.number.in_(numbers)).values(customer_sub=_SUB))
    return jwt.encode({"sub": _SUB, "exp": datetime.now(UTC) + timedelta(hours=1)}, IDENTITY_KEY, algorithm="HS256")


async def check_tickets(session: AsyncSession, expected: list[dict[str, Any]], names: dict[str, str]) -> None:
    """Hold the tickets there are to those that a script expects."""
    tickets = (await session.scalars(select(TicketRow).order_by(TicketRow.opened_at, TicketRow.number))).all()
    assert [(one["category"], one["tier"], _order_of(one, names)) for one in expected] == [
        (ticket.category, ticket.tier, ticket.order_number) for ticket in tickets
    ]
    for one, ticket in zip(expected, tickets, strict=True):
        rules = (ticket.decision or {}).get("rules")
        assert one.get("rules", rules) == rules
        assert one.get("state", "open") == ticket.state
        told = ticket.packet.get("facts", {})
        assert one.get("facts", {}) == {name: told.get(name) for name in one.get("facts", {})}
        newest = {clock.kind: clock.within for clock in await _clocks(session, ticket)}
        wanted = {kind: parse_duration(span) for kind, span in one.get("clocks", {}).items()}
        assert wanted == {kind: newest.get(kind) for kind in wanted}


def _order_of(expected: dict[str, Any], names: dict[str, str]) -> str | None:
    order = expected.get("order", True)
    return names.get("other" if order == "other" else "order") if order else None


async def _clocks(session: AsyncSession, ticket: TicketRow) -> list[ClockRow]:
    clocks = select(ClockRow).where(ClockRow.ticket_id == ticket.id).order_by(ClockRow.cycle)
    return list(await session.scalars(clocks))


async def check_commands(session: AsyncSession, expected: list[Any]) -> None:
    """Hold the commands that the shop carried out to those that a script expects."""
    query = select(ShopCommandRow).where(ShopCommandRow.done_at.is_not(None)).order_by(ShopCommandRow.created_at)
    _hold_to((await session.scalars(query)).all(), expected)


async def _check_prepared(session: AsyncSession, expected: list[Any]) -> None:
    waiting = ShopCommandRow.ticket_number.is_not(None) & ShopCommandRow.confirmed_at.is_(None)
    query = select(ShopCommandRow).where(waiting).order_by(ShopCommandRow.created_at)
    _hold_to((await session.scalars(query)).all(), expected)


def _hold_to(commands: Sequence[ShopCommandRow], expected: list[Any]) -> None:
    wanted = [one if isinstance(one, dict) else {"kind": one} for one in expected]
    assert [one["kind"] for one in wanted] == [command.kind for command in commands]
    for one, command in zip(wanted, commands, strict=True):
        given = {**command.details, "kind": command.kind}
        assert one == {name: given.get(name) for name in one}


def test_every_flow_has_its_scripts() -> None:
    """Nobody dropped one."""
    assert len(FILES) >= 70
