"""The API of people and their rights under /api/v1/people: who works here, proposals, and what is decided of them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.auth import require_person
from bot.console.bodies import Body, EmptyBody, Reason, read_body
from bot.keys import COLLEAGUES, SERVICES
from bot.web.errors import ProblemError
from escalation import people_changes
from escalation.errors import ProposalError
from escalation.models import PersonRow
from escalation.people_changes import Wish
from escalation.people_lists import (
    Account,
    Cursor,
    ProposalView,
    list_accounts,
    list_ended,
    list_to_hand_over,
    list_waiting,
    view_proposal,
)
from escalation.proposals import Kind, Place, Standing

_Login = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_Name = Annotated[str, StringConstraints(max_length=200)]
Act = Callable[[AsyncSession, web.Request, PersonRow, UUID], Awaitable[object]]
_NO_STORE = {"Cache-Control": "no-store"}


class ProposeBody(Body):
    """Propose that somebody is added, returns, gets another role or desk, a new one-time password, or leaves."""

    kind: Kind
    login: _Login
    why: Reason
    role: str | None = Field(None, max_length=40, description="For add, return and role.")
    desk: str | None = Field(None, max_length=40, description="For roles that work at a desk.")
    name: _Name = Field("", description="For add: as customers see it.")
    email: str | None = Field(None, max_length=254, description="For add: where notices reach them.")

    def to_wish(self) -> Wish:
        """Return what is proposed."""
        place = Place(self.role, self.desk or None) if self.role is not None else None
        return Wish(self.kind, self.login, self.why, place=place, name=self.name, email=self.email or None)


class RefuseBody(Body):
    """Say no to a proposal, and why."""

    reason: Reason


class RenameBody(Body):
    """Call somebody by another name, as customers see it."""

    name: _Name


class AccountAnswer(BaseModel):
    """Somebody who works here, or did."""

    login: str
    name: str
    role: str
    desk: str | None
    active: bool
    must_change_password: bool
    signed_in_at: datetime | None
    tickets: int = Field(description="Theirs that are not closed.")
    has_proposal: bool = Field(description="Something about them waits for a decision.")
    may_move: bool = Field(description="By who asks, at the roster.")
    may_deactivate: bool = Field(description="By who asks, at once.")


class AccountsAnswer(BaseModel):
    """Everybody, who works here first."""

    people: list[AccountAnswer]


class WhoAnswer(BaseModel):
    """Somebody, by login and name."""

    login: str
    name: str


class ProposalAnswer(BaseModel):
    """A proposal, how it stands, and what who asks may do with it."""

    id: UUID
    kind: Kind
    state: Standing
    person: WhoAnswer
    role: str
    desk: str | None
    before: Place | None = Field(description="What they were when it was proposed.")
    why: str
    proposed_by: WhoAnswer
    proposed_at: datetime
    expires_at: datetime
    decided_by: WhoAnswer | None
    decided_at: datetime | None
    answer: str | None = Field(description="Why it was refused.")
    overtaken: bool = Field(description="They are not any more what they were: it cannot be approved.")
    may_decide: bool
    may_withdraw: bool
    may_fetch_password: bool


class ProposalsAnswer(BaseModel):
    """A page of proposals; `next` is the cursor of the next page, if there is one."""

    proposals: list[ProposalAnswer]
    next: str | None


class PasswordAnswer(BaseModel):
    """A one-time password that nobody can read again."""

    login: str
    password: str


def set_up(app: web.Application) -> None:
    """Add the routes."""
    router = app.router
    router.add_get("/api/v1/people/accounts", show_accounts)
    router.add_post("/api/v1/people/{login}/rename", rename)
    router.add_post("/api/v1/people/{login}/deactivate", deactivate)
    router.add_get("/api/v1/people/proposals", show_proposals)
    router.add_post("/api/v1/people/proposals", propose)
    router.add_get("/api/v1/people/proposals/{id}", show_proposal)
    for name, act in _ACTS.items():
        router.add_post(f"/api/v1/people/proposals/{{id}}/{name}", _acting(act))
    router.add_post("/api/v1/people/proposals/{id}/password", fetch_password)


async def show_accounts(request: web.Request) -> web.Response:
    """Who works here and who did: role, desk, last sign-in (admins, supervisors, operations managers)."""
    person = await require_person(request)
    services = request.app[SERVICES]
    async with services.sessions() as session:
        accounts = await list_accounts(session, person, now=services.clock.now())
    return web.json_response(AccountsAnswer(people=[describe_account(one) for one in accounts]).model_dump(mode="json"))


async def rename(request: web.Request) -> web.Response:
    """Call somebody by another name."""
    person = await require_person(request)
    body = await read_body(request, RenameBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        now = services.clock.now()
        await people_changes.rename(session, request.match_info["login"], body.name, by=person.id, now=now)
    request.app[COLLEAGUES].change_roster()
    return await show_accounts(request)


async def deactivate(request: web.Request) -> web.Response:
    """Close an account at once."""
    person = await require_person(request)
    await read_body(request, EmptyBody)
    services, login = request.app[SERVICES], request.match_info["login"]
    async with services.sessions.begin() as session:
        now = services.clock.now()
        closed = await people_changes.deactivate(session, login, by=person.id, levels=services.levels, now=now)
    _tell(request, closed.id)
    return await show_accounts(request)


async def show_proposals(request: web.Request) -> web.Response:
    """What waits for a decision, for a password to be handed over (`to_hand_over`), or is over (`ended`)."""
    person = await require_person(request)
    services = request.app[SERVICES]
    state, cursor = request.query.get("state", "waiting"), read_cursor(request.query.get("cursor"))
    if state not in {"waiting", "to_hand_over", "ended"}:
        raise ProblemError(422, "bad_state", "state is one of: waiting, to_hand_over, ended.")
    further: Cursor | None = None
    async with services.sessions() as session:
        now = services.clock.now()
        if state == "waiting":
            views = await list_waiting(session, person, now=now)
        elif state == "to_hand_over":
            views = await list_to_hand_over(session, person, now=now)
        else:
            views, further = await list_ended(session, person, now=now, after=cursor)
    answer = ProposalsAnswer(proposals=[describe_proposal(view) for view in views], next=write_cursor(further))
    return web.json_response(answer.model_dump(mode="json"))


async def show_proposal(request: web.Request) -> web.Response:
    """One proposal."""
    return await _answer(request, await require_person(request), _read_id(request))


async def propose(request: web.Request) -> web.Response:
    """Let a proposal wait for an operations manager's word."""
    person = await require_person(request)
    body = await read_body(request, ProposeBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        now = services.clock.now()
        row = await people_changes.propose(session, body.to_wish(), by=person.id, levels=services.levels, now=now)
    request.app[COLLEAGUES].change_roster()
    return await _answer(request, person, row.id, status=201)


async def _approve(session: AsyncSession, request: web.Request, person: PersonRow, proposal: UUID) -> None:
    await read_body(request, EmptyBody)
    services = request.app[SERVICES]
    now = services.clock.now()
    await people_changes.approve(session, proposal, by=person.id, levels=services.levels, now=now)


async def _refuse(session: AsyncSession, request: web.Request, person: PersonRow, proposal: UUID) -> None:
    body = await read_body(request, RefuseBody)
    now = request.app[SERVICES].clock.now()
    await people_changes.refuse(session, proposal, by=person.id, answer=body.reason, now=now)


async def _withdraw(session: AsyncSession, request: web.Request, person: PersonRow, proposal: UUID) -> None:
    await read_body(request, EmptyBody)
    await people_changes.withdraw(session, proposal, by=person.id, now=request.app[SERVICES].clock.now())


_ACTS: dict[str, Act] = {"approve": _approve, "refuse": _refuse, "withdraw": _withdraw}


def _acting(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        person, proposal = await require_person(request), _read_id(request)
        async with request.app[SERVICES].sessions.begin() as session:
            await act(session, request, person, proposal)
        async with request.app[SERVICES].sessions() as session:
            view = await view_proposal(session, proposal, person, now=request.app[SERVICES].clock.now())
        _tell(request, view.row.person_id)
        return _tell_proposal(view)

    return handle


async def fetch_password(request: web.Request) -> web.Response:
    """Fetch a one-time password."""
    person, proposal = await require_person(request), _read_id(request)
    await read_body(request, EmptyBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        login, password = await people_changes.fetch_password(session, proposal, by=person.id, now=services.clock.now())
    answer = PasswordAnswer(login=login, password=password)
    return web.json_response(answer.model_dump(mode="json"), headers=_NO_STORE)


def _tell(request: web.Request, person: UUID) -> None:
    """Everybody's pages look again; those of whom it is about first see whether they may still be open."""
    request.app[SERVICES].on_due.set()
    request.app[COLLEAGUES].change_account(person)
    request.app[COLLEAGUES].change_roster()


async def _answer(request: web.Request, person: PersonRow, proposal: UUID, *, status: int = 200) -> web.Response:
    services = request.app[SERVICES]
    async with services.sessions() as session:
        view = await view_proposal(session, proposal, person, now=services.clock.now())
    return _tell_proposal(view, status=status)


def _tell_proposal(view: ProposalView, *, status: int = 200) -> web.Response:
    return web.json_response(describe_proposal(view).model_dump(mode="json"), status=status)


def _read_id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise ProposalError("no_such_proposal", "there is no such proposal") from None


def read_cursor(text: str | None) -> Cursor | None:
    """Return where a page begins. Raises ProblemError for what no page gave."""
    if not text:
        return None
    try:
        at, _, proposal = text.partition("_")
        cursor = Cursor(datetime.fromisoformat(at), UUID(proposal))
    except ValueError:
        cursor = None
    if cursor is None or cursor.at.tzinfo is None:
        raise ProblemError(422, "bad_cursor", "cursor is the next of the page before, as it came.")
    return cursor


def write_cursor(cursor: Cursor | None) -> str | None:
    """Return where the next page begins, as it stands in an address."""
    return f"{cursor.at.isoformat()}_{cursor.id}".replace("+00:00", "Z") if cursor else None


def describe_account(account: Account) -> AccountAnswer:
    """Somebody's account as JSON."""
    person = account.person
    return AccountAnswer(
        login=person.login,
        name=person.name,
        role=person.role,
        desk=person.desk,
        active=person.active,
        must_change_password=person.must_change_password,
        signed_in_at=person.signed_in_at,
        tickets=account.tickets,
        has_proposal=account.has_proposal,
        may_move=account.may_move,
        may_deactivate=account.may_deactivate,
    )


def describe_proposal(view: ProposalView) -> ProposalAnswer:
    """A proposal as JSON."""
    row = view.row
    return ProposalAnswer(
        id=row.id,
        kind=Kind(row.kind),
        state=view.standing,
        person=WhoAnswer(login=row.login, name=view.name),
        role=row.role,
        desk=row.desk,
        before=Place(row.seen_role, row.seen_desk) if row.seen_role else None,
        why=row.why,
        proposed_by=_who(view.proposer),
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        decided_by=_who(view.decider) if view.decider else None,
        decided_at=row.decided_at,
        answer=row.answer,
        overtaken=view.overtaken,
        may_decide=view.may_decide,
        may_withdraw=view.may_withdraw,
        may_fetch_password=view.may_fetch_password,
    )


def _who(person: PersonRow) -> WhoAnswer:
    return WhoAnswer(login=person.login, name=person.name)
