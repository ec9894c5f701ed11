"""The survey that opens by a link (product §7): the last step of a ticket for who does not come back to the chat.

Opening a link records nothing, not even that it was opened: mail scanners and previews open links too. Sending the form
takes the answer, once. There is no CSRF token: the token in the address is the only right there is, no cookie adds to
it, and a stranger's page that could send the form would have to know the token already. It is told to nobody: no
referrer, no cache, no script, nothing of third parties.
"""

from dataclasses import dataclass
from functools import partial

import aiohttp_jinja2
from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.frames import clean_text
from bot.console.pages import find_language
from bot.keys import LIMITS, PAGES, SERVICES
from bot.models import Conversation
from bot.nlu.reading import LANGUAGES
from bot.security.limits import SURVEYS
from bot.surveys import find_last_successor, take_survey, view_ticket
from bot.texts import Catalogue, as_language
from bot.web.addresses import find_address
from bot.web.forms import read_fields
from escalation.errors import SurveyError
from escalation.models import PersonRow, SurveyRow, TicketRow
from escalation.service import TicketView
from escalation.survey import LONGEST_COMMENT, Ratings, find_survey

_NAMED_MATTERS = frozenset({"order", "logistics", "quality", "after_sales", "complaint", "handoff"})
_SOLVED = {"": None, "yes": True, "no": False}
_MARKS = {"": None, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class _Asked:
    """A link's survey with what its page tells. `hindrance`: why it cannot be answered (any more), None if it can."""

    survey: SurveyRow
    ticket: TicketRow
    owner_name: str
    language: str
    time_zone: str | None
    hindrance: str | None
    going_on: TicketView | None


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/survey/{token}", show_survey)
    app.router.add_post("/survey/{token}", take_answer)


async def show_survey(request: web.Request) -> web.Response:
    """The form; why there is none; or thanks to who has just sent it. Writes nothing."""
    if not _is_allowed(request):
        return _tell(request, "too_fast", None, status=429)
    async with request.app[SERVICES].sessions() as session:
        asked = await _find(session, request)
    if asked is None:
        return _tell(request, "unknown", None, status=404)
    if asked.hindrance == "answered" and "sent" in request.query:
        return _tell(request, "thanks", asked, status=200)
    if asked.hindrance is not None:
        return _tell(request, asked.hindrance, asked, status=410)
    return _ask(request, asked, {}, fault=None, status=200)


async def take_answer(request: web.Request) -> web.Response:
    """Take the answer and say thanks at an address of its own, so that loading it again sends nothing."""
    if not _is_allowed(request):
        return _tell(request, "too_fast", None, status=429)
    fields = await read_fields(request)
    services = request.app[SERVICES]
    async with services.sessions() as session:
        asked = await _find(session, request)
    if asked is None:
        return _tell(request, "unknown", None, status=404)
    if asked.hindrance is not None:
        return _tell(request, asked.hindrance, asked, status=410)
    if fields is None:
        return _ask(request, asked, {}, fault="fault.too_long", status=413)
    ratings, fault = _read_ratings(fields)
    if fault is not None:
        return _ask(request, asked, fields, fault=fault, status=422)
    try:
        async with services.sessions.begin() as session:
            await take_survey(
                session,
                asked.ticket.conversation_id,
                asked.survey,
                ratings,
                catalogue=services.catalogue,
                levels=services.levels,
                now=services.clock.now(),
            )
    except SurveyError as error:
        # Somebody was faster, or the last second has passed: the form was good a moment ago.
        return _tell(request, error.code, asked, status=410)
    services.bus.hint(asked.ticket.conversation_id)
    services.on_due.set()
    here = request.rel_url.with_query({"sent": "1", "lang": _language_of(request, asked)})
    raise web.HTTPSeeOther(here, headers=_HEADERS)


def _is_allowed(request: web.Request) -> bool:
    return request.app[LIMITS].allow(SURVEYS, find_address(request))


async def _find(session: AsyncSession, request: web.Request) -> _Asked | None:
    found = await find_survey(session, clean_text(request.match_info["token"]))
    if found is None:
        return None
    survey, ticket = found
    person = await session.get_one(PersonRow, survey.person_id)
    conversation = await session.get(Conversation, ticket.conversation_id)
    going_on = await view_ticket(session, await find_last_successor(session, ticket))
    return _Asked(
        survey,
        ticket,
        owner_name=person.name,
        language=conversation.language if conversation else ticket.language,
        time_zone=conversation.time_zone if conversation else None,
        hindrance=await _find_hindrance(session, request, survey),
        going_on=going_on if survey.solved is False and going_on.is_open else None,
    )


async def _find_hindrance(session: AsyncSession, request: web.Request, survey: SurveyRow) -> str | None:
    if survey.answered_at is not None:
        return "answered"
    newest = await session.scalar(select(func.max(SurveyRow.cycle)).where(SurveyRow.ticket_id == survey.ticket_id))
    if newest != survey.cycle:
        return "superseded"
    return "expired" if request.app[SERVICES].clock.now() >= survey.valid_until else None


def _read_ratings(fields: dict[str, str]) -> tuple[Ratings, str | None]:
    """Return what the form says, and the key of what is wrong with it."""
    solved, comment = fields.get("solved", ""), fields.get("comment", "")
    marks = [fields.get(name, "") for name in ("outcome", "service", "process")]
    if solved not in _SOLVED or any(mark not in _MARKS for mark in marks):
        return Ratings(), "fault.rating"
    if len(comment) > LONGEST_COMMENT:
        return Ratings(), "fault.too_long"
    if not solved and not any(marks):
        return Ratings(), "fault.pick"
    outcome, service, process = (_MARKS[mark] for mark in marks)
    return Ratings(_SOLVED[solved], outcome, service, process, comment), None


def _ask(
    request: web.Request, asked: _Asked, fields: dict[str, str], *, fault: str | None, status: int
) -> web.Response:
    category = asked.ticket.category
    context = {
        "asked": asked,
        "about": f"about.{category if category in _NAMED_MATTERS else 'other'}",
        "fields": fields,
        "fault": fault,
        "told": None,
    }
    return _render(request, asked, context, status)


def _tell(request: web.Request, told: str, asked: _Asked | None, *, status: int) -> web.Response:
    return _render(request, asked, {"asked": asked, "told": told, "fault": None}, status)


def _render(request: web.Request, asked: _Asked | None, context: dict[str, object], status: int) -> web.Response:
    language = _language_of(request, asked)
    common = {
        "language": language,
        "languages": LANGUAGES,
        "kept": "&sent=1" if context["told"] == "thanks" else "",
        "most": LONGEST_COMMENT,
        "t": partial(_say, request.app[PAGES]["survey"].read_in(asked.time_zone if asked else None), language),
    }
    response = aiohttp_jinja2.render_template("survey.html", request, {**common, **context}, status=status)
    response.headers.update(_HEADERS)
    return response


def _language_of(request: web.Request, asked: _Asked | None) -> str:
    """`?lang=`, else the conversation's; without one, the browser's."""
    chosen = as_language(request.query.get("lang")) or (as_language(asked.language) if asked else None)
    return chosen or find_language(request)


def _say(catalogue: Catalogue, language: str, key: str, **params: object) -> str:
    return catalogue.say(key, language, **params)
