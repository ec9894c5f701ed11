"""Nobody alone changes who works here as what, whatever is proposed, decided and done meanwhile, in whatever order.

Hypothesis makes up stories of people who propose, approve, refuse, take back, fetch passwords, move colleagues and
close accounts, those too who may not, and whose role was changed a moment ago. After each step the database is compared
with what it was: what is different there must have been two people's doing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from escalation import audit, people_changes, roster
from escalation.errors import EscalationError
from escalation.models import PersonRow, ProposalRow
from escalation.people_changes import Wish
from escalation.proposals import Kind, Place
from escalation.roster import PostChange
from escalation.service_levels import ServiceLevels, load_default_service_levels
from escalation.testing import FakeClock, make_person

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[Any]
TEAM = {
    "adam": ("admin", None), "sue": ("supervisor", None), "max": ("operations_manager", None),
    "moe": ("operations_manager", None), "ann": ("agent", "quality"),
}  # fmt: skip
PROPOSERS, APPROVERS = {"admin", "supervisor"}, {"operations_manager"}
PLACES = [("agent", "quality"), ("admin", None), ("operations_manager", None), ("auditor", None)]
NEW = ("nina", "noa")
# Who does it: mostly somebody who may by now, now and then anybody (`Story.choose`).
_WHO = st.integers(0, 9)
_ABOUT = st.sampled_from([*TEAM, *NEW])
_KIND = st.sampled_from([Kind.ROLE, Kind.ROLE, Kind.ROLE, Kind.ADD, Kind.ADD, *Kind])
_WHICH = st.integers(0, 3)
EVENTS = st.one_of(
    st.tuples(st.just("propose"), _WHO, _KIND, _ABOUT, st.sampled_from(PLACES)),
    st.tuples(st.just("propose"), _WHO, _KIND, _ABOUT, st.sampled_from(PLACES)),
    st.tuples(st.just("approve"), _WHO, _WHICH),
    st.tuples(st.just("approve"), _WHO, _WHICH),
    st.tuples(st.just("approve"), _WHO, _WHICH),
    st.tuples(st.sampled_from(["refuse", "withdraw"]), _WHO, _WHICH),
    st.tuples(st.just("fetch"), _WHO, _WHICH),
    st.tuples(st.just("close"), _WHO, _ABOUT),
    st.tuples(st.just("move"), _WHO, st.just("ann")),
    st.tuples(st.just("wait"), st.sampled_from([1, 100, 168])),
)
_MAY = {"propose": PROPOSERS, "fetch": PROPOSERS | APPROVERS, "withdraw": PROPOSERS}
State = Mapping[UUID, tuple[str, str, str | None, bool]]


class Story:
    """A shop's people, and what is done about them."""

    def __init__(self, sessions: Sessions, levels: ServiceLevels) -> None:
        self.sessions, self.levels, self.clock = sessions, levels, FakeClock()

    async def begin(self) -> None:
        """Empty the books; the team is here."""
        async with self.sessions.begin() as session:
            await session.execute(text("TRUNCATE people, proposals, audit_entries CASCADE"))
            for login, (role, desk) in TEAM.items():
                session.add(make_person(login, role, desk, now=self.clock.now()))

    async def look(self) -> State:
        """Who works here as what."""
        async with self.sessions() as session:
            rows = await session.scalars(select(PersonRow))
            return {row.id: (row.login, row.role, row.desk, row.active) for row in rows}

    async def live(self, what: str, *given: Any) -> None:
        """Let one thing be tried; what is refused by name has not happened."""
        before = await self.look()
        done = False
        # Nothing happens twice in one instant: of two approvals it is known which came last.
        self.clock.advance(timedelta(seconds=1))
        if what != "wait":
            given = (choose(before, what, given[0]), *given[1:])
        with contextlib.suppress(EscalationError):
            async with self.sessions.begin() as session:
                await getattr(self, f"_{what}")(session, before, *given)
            done = True
        after = await self.look()
        if not done:
            assert before == after, f"{what} was refused, and yet something changed"
        await self._check(what, given, before, after)

    async def _propose(self, session: Any, before: State, me: UUID, kind: Kind, whom: str, place: Any) -> None:
        wish = Wish(kind, whom, "so", place=Place(*place), name=whom.title())
        await people_changes.propose(session, wish, by=me, levels=self.levels, now=self.clock.now())

    async def _approve(self, session: Any, before: State, me: UUID, which: int) -> None:
        proposal = await self._pick(session, which)
        await people_changes.approve(session, proposal, by=me, levels=self.levels, now=self.clock.now())

    async def _refuse(self, session: Any, before: State, me: UUID, which: int) -> None:
        proposal = await self._pick(session, which)
        await people_changes.refuse(session, proposal, by=me, answer="no", now=self.clock.now())

    async def _withdraw(self, session: Any, before: State, me: UUID, which: int) -> None:
        proposal = await self._pick(session, which)
        await people_changes.withdraw(session, proposal, by=me, now=self.clock.now())

    async def _fetch(self, session: Any, before: State, me: UUID, which: int) -> None:
        proposal = await self._pick(session, which, "approved")
        login, _ = await people_changes.fetch_password(session, proposal, by=me, now=self.clock.now())
        role, theirs = before[me][1], next(one[1] for one in before.values() if one[0] == login)
        assert (theirs in APPROVERS) == (role in APPROVERS), f"{role} holds the password of a {theirs}"

    async def _close(self, session: Any, before: State, me: UUID, whom: str) -> None:
        now = self.clock.now()
        await people_changes.deactivate(session, whom, by=me, levels=self.levels, now=now)

    async def _move(self, session: Any, before: State, me: UUID, whom: str) -> None:
        mover = await session.get_one(PersonRow, me)
        change, now = PostChange(desk="logistics"), self.clock.now()
        await roster.change_post(session, whom, change, by=mover, levels=self.levels, now=now)

    async def _wait(self, _session: Any, _before: State, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))

    async def _pick(self, session: Any, which: int, outcome: str | None = None) -> UUID:
        """One of those that wait, or that were approved."""
        query = select(ProposalRow.id).where(ProposalRow.outcome.is_not_distinct_from(outcome))
        found: list[UUID] = list(await session.scalars(query.order_by(ProposalRow.proposed_at, ProposalRow.login)))
        if not found:
            raise EscalationError("there is none")
        return found[which % len(found)]

    async def _check(self, what: str, given: tuple[Any, ...], before: State, after: State) -> None:
        """What differs was proposed by one and approved by another, each of whom might; or needs no second word."""
        for person in before.keys() | after.keys():
            was, now = before.get(person), after.get(person)
            if was == now:
                continue
            if what == "approve":
                await self._check_approved(person, before, now)
            elif what == "close":
                assert was is not None
                assert (*was[:3], False) == now
                assert "operations_manager" == before[given[0]][1] != was[1]
            else:
                assert was is not None
                assert now is not None
                assert ("move", was[:2], was[3]) == (what, now[:2], now[3])
        here = {role for _, role, _, active in after.values() if active}
        assert {"admin", "operations_manager"} <= here, "nobody is left to propose or to approve"

    async def _check_approved(self, person: UUID, before: State, now: Any) -> None:
        query = select(ProposalRow).where(ProposalRow.outcome == "approved", ProposalRow.person_id == person)
        async with self.sessions() as session:
            newest = query.order_by(ProposalRow.decided_at.desc(), ProposalRow.proposed_at.desc()).limit(1)
            row = (await session.scalars(newest)).one()
        proposer, decider = before[row.proposed_by], before[row.decided_by]
        assert row.decided_by not in {row.proposed_by, person}
        assert proposer[1] in PROPOSERS
        assert proposer[3]
        assert decider[1] in APPROVERS
        assert decider[3]
        assert self.clock.now() - row.proposed_at < timedelta(days=7)
        assert (row.login, row.role, row.desk, row.kind != Kind.DEACTIVATE) == now


def choose(state: State, what: str, index: int) -> UUID:
    """Return who tries it: for most numbers one of those who may, for the others anybody."""
    everybody = sorted(state, key=lambda person: state[person][0])
    may = [person for person in everybody if state[person][1] in _MAY.get(what, APPROVERS) and state[person][3]]
    chosen = may if index < 8 and may else everybody
    return chosen[index % len(chosen)]


@asynccontextmanager
async def opened_story(url: str) -> AsyncIterator[Story]:
    """A shop on a database of its own."""
    engine = create_async_engine(url)
    try:
        yield Story(async_sessionmaker(engine, expire_on_commit=False), load_default_service_levels())
    finally:
        await engine.dispose()


async def test_nobody_alone_changes_a_role(database_url: str) -> None:
    """Nor about themselves, nor after losing the right; there is always somebody to propose and somebody to approve."""
    await asyncio.to_thread(tell_stories, database_url)


def tell_stories(url: str) -> None:
    """Play what Hypothesis makes up, in an event loop of its own."""
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        opened = opened_story(url)
        story = runner.run(opened.__aenter__())
        stack.callback(lambda: runner.run(opened.__aexit__(None, None, None)))

        @settings(max_examples=40)
        @given(st.lists(EVENTS, min_size=8, max_size=30))
        def play(events: list[tuple[Any, ...]]) -> None:
            async def live() -> None:
                await story.begin()
                for event in events:
                    await story.live(*event)
                async with story.sessions() as session:
                    assert await audit.verify(session) is None

            runner.run(live())

        play()
