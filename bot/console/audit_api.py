"""The API of the audit log under /api/v1/audit: its entries, newest first, and whether it is whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel, Field

from bot.console.audit_words import AuditWords
from bot.console.auth import require_person
from bot.console.bodies import EmptyBody, read_body
from bot.console.pages import find_language, find_texts
from bot.keys import LOG_CHECK, SERVICES
from bot.web.errors import YEARS, ProblemError
from escalation.audit_reading import (
    AuditCursor,
    AuditFilters,
    AuditPage,
    check_may_read,
    find_last_anchor,
    find_last_check,
    find_subject_label,
    list_entries,
)
from escalation.models import AuditRow

NAMES = ("person", "ticket", "kind", "since", "until")
LONGEST_PAGE = 200


class ActorAnswer(BaseModel):
    """Who did it; `name` None: nobody who works here (the bot, a clock, a customer, an operator)."""

    login: str
    name: str | None


class EntryAnswer(BaseModel):
    """One entry of the log."""

    number: int = Field(description="Counts across all chains, with gaps.")
    at: datetime
    actor: ActorAnswer
    kind: str
    text: str = Field(description="In words, by Accept-Language or ?lang=.")
    subject: str = Field(description="The chain: ticket/<id>, person/<id>, faq/<id>, audit/log.")
    label: str | None = Field(description="What the subject is called: a ticket's number, a login.")
    seq: int = Field(description="The entry's place in its chain, from 1.")
    hash: str
    previous_hash: str
    details: dict[str, Any] = Field(description="Ids, codes and digests.")


class EntriesAnswer(BaseModel):
    """A page of the log, newest first; `next` is the cursor of the next page, if there is one."""

    entries: list[EntryAnswer]
    next: str | None


class BreakAnswer(BaseModel):
    """The first place where the log does not fit."""

    subject: str = Field(description="A chain, or anchor.")
    label: str | None
    seq: int = Field(description="Of the entry in its chain, or the anchor's number.")
    fault: str = Field(description="changed, missing_before, or not_covered: an anchor that its entries do not fit.")
    covers: list[int] | None = Field(description="First and last number, and count, of an anchor's entries.")


class CheckAnswer(BaseModel):
    """What came of a check."""

    at: datetime
    by: str
    entries: int
    chains: int
    anchors: int
    broken: BreakAnswer | None


class ProgressAnswer(BaseModel):
    """A check that is under way in the process that was asked."""

    done: int
    total: int


class AnchorAnswer(BaseModel):
    """The newest anchor; the server's log has its hash, where who changes the database need not reach."""

    number: int
    at: datetime
    hash: str


class LogAnswer(BaseModel):
    """Whether the log is whole: the last check (None: never yet), and the one under way."""

    running: ProgressAnswer | None
    failed: bool = Field(description="The last one here found nothing out: see the server's log.")
    last: CheckAnswer | None
    anchor: AnchorAnswer | None


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/api/v1/audit", show_entries)
    app.router.add_get("/api/v1/audit/check", show_check)
    app.router.add_post("/api/v1/audit/check", start_check)


async def show_entries(request: web.Request) -> web.Response:
    """The audit log, newest first: by or about a person, about a ticket, of a kind, of a time."""
    person = await require_person(request)
    query, zone = request.query, request.app[SERVICES].levels.working_hours.zone
    filters, after = read_filters(query, zone), read_cursor(query.get("cursor"))
    async with request.app[SERVICES].sessions() as session:
        page = await list_entries(session, person, filters, after=after, limit=_read_limit(query))
    words = AuditWords(find_texts(request, "staff"), find_language(request))
    answer = EntriesAnswer(
        entries=[_describe(entry, page, words) for entry in page.entries], next=write_cursor(page.further)
    )
    return web.json_response(answer.model_dump(mode="json"))


def _describe(entry: AuditRow, page: AuditPage, words: AuditWords) -> EntryAnswer:
    return EntryAnswer(
        number=entry.number,
        at=entry.at,
        actor=ActorAnswer(login=entry.actor, name=page.names.get(entry.actor)),
        kind=entry.action,
        text=words.say(entry, page.names),
        subject=entry.subject,
        label=page.labels.get(entry.subject),
        seq=entry.seq,
        hash=entry.hash.hex(),
        previous_hash=entry.previous_hash.hex(),
        details=entry.details,
    )


async def show_check(request: web.Request) -> web.Response:
    """Whether chains and anchors fit: what came of the last check, and how far the one under way is."""
    person = await require_person(request)
    check_may_read(person)
    return web.json_response((await load_log(request)).model_dump(mode="json"))


async def start_check(request: web.Request) -> web.Response:
    """Check the whole log, beside everything else; that it was checked becomes an entry of it."""
    person = await require_person(request)
    check_may_read(person)
    await read_body(request, EmptyBody)
    services = request.app[SERVICES]
    request.app[LOG_CHECK].start(services.sessions, services.clock, by=person.login)
    return web.json_response((await load_log(request)).model_dump(mode="json"), status=202)


async def load_log(request: web.Request) -> LogAnswer:
    """Return what is known of the log as a whole."""
    check = request.app[LOG_CHECK]
    async with request.app[SERVICES].sessions() as session:
        last, anchor = await find_last_check(session), await find_last_anchor(session)
        broken = last.details.get("broken") if last else None
        label = await find_subject_label(session, broken["subject"]) if broken else None
    return LogAnswer(
        running=ProgressAnswer(**vars(check.running)) if check.running else None,
        failed=check.failed,
        last=_describe_check(last, label) if last else None,
        anchor=AnchorAnswer(number=anchor.number, at=anchor.at, hash=anchor.hash.hex()) if anchor else None,
    )


def _describe_check(row: AuditRow, label: str | None) -> CheckAnswer:
    broken = row.details.get("broken")
    counts = {name: row.details[name] for name in ("entries", "chains", "anchors")}
    return CheckAnswer(at=row.at, by=row.actor, broken=BreakAnswer(**broken, label=label) if broken else None, **counts)


def read_filters(query: Mapping[str, str], zone: ZoneInfo) -> AuditFilters:
    """Return the filters of an address; a day is the shop's, an instant needs a zone. Raises ProblemError."""
    return AuditFilters(
        person=query.get("person", "").strip() or None,
        ticket=query.get("ticket", "").strip().upper() or None,
        kind=query.get("kind", "").strip() or None,
        since=_read_moment("since", query.get("since"), zone),
        until=_read_moment("until", query.get("until"), zone),
    )


def _read_moment(name: str, text: str | None, zone: ZoneInfo) -> datetime | None:
    """An instant, or a minute of the shop's zone as a page's field writes it."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        told = f"{name} is an instant such as 2026-11-23T10:00Z, or a day or minute of the shop's zone."
        raise ProblemError(422, f"bad_{name}", told) from None
    if at.year not in YEARS:
        raise ProblemError(422, f"bad_{name}", f"{name} must lie between {YEARS[0]} and {YEARS[-1]}.")
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _read_limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", "50")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LONGEST_PAGE:
        raise ProblemError(422, "bad_limit", f"limit is a number from 1 to {LONGEST_PAGE}.")
    return int(text)


def read_cursor(text: str | None) -> AuditCursor | None:
    """Return where a page begins. Raises ProblemError for what no page gave."""
    if not text:
        return None
    at, _, number = text.rpartition("_")
    try:
        cursor = AuditCursor(datetime.fromisoformat(at), int(number))
    except ValueError:
        cursor = None
    if cursor is None or cursor.at.tzinfo is None or cursor.at.year not in YEARS or not 0 < cursor.number < 2**63:
        raise ProblemError(422, "bad_cursor", "cursor is the next of the page before, as it came.")
    return cursor


def write_cursor(cursor: AuditCursor | None) -> str | None:
    """Return where the next page begins, as it stands in an address."""
    return f"{cursor.at.isoformat()}_{cursor.number}".replace("+00:00", "Z") if cursor else None
