"""The page of people and their rights: who works here, what waits for a decision, and what became of it."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.auth import find_by_cookie
from bot.console.pages import find_language, find_texts, render
from bot.console.people_api import read_cursor, write_cursor
from bot.keys import SERVICES
from bot.web.errors import ProblemError
from escalation.models import PersonRow
from escalation.people_lists import (
    ProposalView,
    list_accounts,
    list_ended,
    list_to_hand_over,
    list_waiting,
)
from escalation.proposals import AT_A_DESK, Kind, find_right
from escalation.rights import RIGHTS, PeopleRight, Role


def set_up(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/console/people", show_page)


async def show_page(request: web.Request) -> web.Response:
    """Who works here, for those who propose and decide; what changes meanwhile is fetched by the page itself."""
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    if find_right(person.role) is PeopleRight.NONE:
        raise web.HTTPForbidden(text="People and rights are for admins, supervisors and operations managers.")
    async with request.app[SERVICES].sessions() as session:
        shown = await _load(request, session, person)
    words = _Words(request)
    return render(
        request,
        "people.html",
        pages="staff",
        person=person,
        may_propose=find_right(person.role) is PeopleRight.PROPOSE,
        reads_audit=RIGHTS[Role(person.role)].reads_audit,
        roles=list(Role),
        at_a_desk=AT_A_DESK,
        desks=words.desks,
        place=words.place,
        proposes=words.proposes,
        kinds=Kind,
        **shown,
    )


async def _load(request: web.Request, session: AsyncSession, person: PersonRow) -> dict[str, Any]:
    now = request.app[SERVICES].clock.now()
    try:
        after = read_cursor(request.query.get("ended"))
    except ProblemError as error:
        raise web.HTTPUnprocessableEntity(text=error.detail) from None
    ended, further = await list_ended(session, person, now=now, after=after)
    return {
        "accounts": await list_accounts(session, person, now=now),
        "waiting": await list_waiting(session, person, now=now),
        "to_hand_over": await list_to_hand_over(session, person, now=now),
        "ended": ended,
        "older": write_cursor(further),
        "is_first": after is None,
    }


class _Words:
    """What the page says of roles, desks and proposals, in the reader's language."""

    def __init__(self, request: web.Request) -> None:
        self._texts, self._language = find_texts(request, "staff"), find_language(request)
        known = self._texts.texts(self._language)
        names = dict.fromkeys(request.app[SERVICES].levels.desks.values())
        # A desk of the shop's own has no name but the service file's.
        self.desks = {name: known.get(f"desk.{name}", name) for name in names}

    def place(self, role: str, desk: str | None) -> str:
        """A role, and the desk that goes with it."""
        name = self._texts.say(f"role.{role}", self._language)
        if desk is None:
            return name
        return self._texts.say("people.place", self._language, role=name, desk=self.desks.get(desk, desk))

    def proposes(self, view: ProposalView) -> str:
        """What is proposed, in a sentence."""
        row = view.row
        before = self.place(row.seen_role, row.seen_desk) if row.seen_role else ""
        return self._texts.say(
            f"people.proposes.{row.kind}",
            self._language,
            name=view.name,
            login=row.login,
            before=before,
            place=self.place(row.role, row.desk),
        )
