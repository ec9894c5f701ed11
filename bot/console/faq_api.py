"""The FAQ under /api/v1/faq: entries as they stand, edits, what a question would be answered, what nothing answered."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from aiohttp import web

from actions.faq import Answered, Entry, Finding, read_entry
from actions.faq.entries import find_doubles
from actions.faq.grouping import Group
from actions.faq.matching import ANSWER_MARGIN
from bot.console.auth import require_person
from bot.console.bodies import FaqEntryBody, FaqIgnoreBody, FaqPreviewBody, FaqVersionBody, read_body
from bot.faq import edits, questions
from bot.faq.book import FaqBook
from bot.faq.edits import Standing
from bot.keys import SERVICES
from bot.nlu.reading import InterpreterError
from bot.web.errors import ProblemError
from escalation.models import PersonRow
from escalation.rights import FaqRight


def set_up(app: web.Application) -> None:
    """Add the routes."""
    router = app.router
    router.add_get("/api/v1/faq", show_faq)
    router.add_post("/api/v1/faq/entries", take_entry)
    router.add_post("/api/v1/faq/entries/{id}/remove", remove_entry)
    router.add_post("/api/v1/faq/entries/{id}/revert", revert_entry)
    router.add_post("/api/v1/faq/preview", preview)
    router.add_get("/api/v1/faq/questions", show_questions)
    router.add_post("/api/v1/faq/questions/ignore", ignore_questions)


async def show_faq(request: web.Request) -> web.Response:
    """Every entry as it stands, those taken out too."""
    edits.require(await require_person(request), FaqRight.READ)
    standing = request.app[SERVICES].faq.standing
    return web.json_response({"entries": [describe_standing(one) for one in standing.values()]})


async def take_entry(request: web.Request) -> web.Response:
    """Add an entry or edit one; it is in force in every process within seconds, here at once."""
    person = await require_person(request)
    edits.require(person, FaqRight.EDIT)
    body = await read_body(request, FaqEntryBody)
    entry = _read(body.entry)
    book = request.app[SERVICES].faq
    await book.refresh()
    doubled = [double for double in find_doubles({**book.entries, entry.id: entry}) if entry.id in double]
    if doubled:
        told = "; ".join(f"{double[1]!r} is a question of {_other(double, entry)} too" for double in doubled)
        raise ProblemError(422, "ambiguous_question", f"{told}: it can have only one answer.")
    return await _edit(request, person, entry.id, act="set", content=entry.to_json(), version=body.version)


def _other(double: tuple[str, str, str], entry: Entry) -> str:
    return double[2] if double[0] == entry.id else double[0]


async def remove_entry(request: web.Request) -> web.Response:
    """Take an entry out; its versions are kept, and it can come back."""
    return await _change(request, "remove")


async def revert_entry(request: web.Request) -> web.Response:
    """Let the file's own entry hold again."""
    standing = request.app[SERVICES].faq.standing.get(request.match_info["id"])
    if standing is not None and not standing.in_file:
        raise ProblemError(422, "not_in_file", "This entry is not in the shop's file: edit it, or take it out.")
    return await _change(request, "revert")


async def _change(request: web.Request, act: str) -> web.Response:
    person = await require_person(request)
    edits.require(person, FaqRight.EDIT)
    body = await read_body(request, FaqVersionBody)
    entry_id = request.match_info["id"]
    if entry_id not in request.app[SERVICES].faq.standing:
        raise ProblemError(404, "no_such_entry", f"There is no entry {entry_id!r} in the FAQ.")
    return await _edit(request, person, entry_id, act=act, content=None, version=body.version)


async def _edit(request: web.Request, person: PersonRow, entry_id: str, **change: Any) -> web.Response:
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        await edits.edit_entry(session, entry_id, by=person, now=services.clock.now(), **change)
    await services.faq.refresh()
    return web.json_response(describe_standing(services.faq.standing[entry_id]))


async def preview(request: web.Request) -> web.Response:
    """What a question would be answered now, and with an edit in force; scores and the nearest way to ask."""
    edits.require(await require_person(request), FaqRight.READ)
    body = await read_body(request, FaqPreviewBody)
    draft = _read(body.entry) if body.entry is not None else None
    book = request.app[SERVICES].faq
    try:
        before, after = await book.preview(body.question, draft)
    except InterpreterError as error:
        raise ProblemError(503, "no_encoder", f"The question cannot be looked up now: {error}") from None
    edited = {**book.entries, draft.id: draft} if draft else book.entries
    answer = {"now": _describe_finding(before, book.entries)}
    return web.json_response(answer | ({"edited": _describe_finding(after, edited)} if draft else {}))


async def show_questions(request: web.Request) -> web.Response:
    """Questions that nothing answered, the like of them together, most frequent first."""
    edits.require(await require_person(request), FaqRight.READ)
    groups = await load_open_groups(request, ignored=request.query.get("ignored") == "1")
    return web.json_response({"questions": [describe_group(group) for group in groups]})


async def ignore_questions(request: web.Request) -> web.Response:
    """Set questions aside: they, and the like of them, are not shown any more."""
    person = await require_person(request)
    edits.require(person, FaqRight.EDIT)
    body = await read_body(request, FaqIgnoreBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        await questions.ignore_questions(session, body.ids, ignored=body.ignored, by=person, now=services.clock.now())
    return web.json_response({"ignored": body.ignored, "count": len(body.ids)})


async def load_open_groups(request: web.Request, *, ignored: bool = False) -> list[Group]:
    """Return what waits for an answer of the shop's: neither set aside nor answered by now. Or what was set aside."""
    services = request.app[SERVICES]
    async with services.sessions() as session:
        groups = await questions.list_groups(session, now=services.clock.now())

    # Each is looked for in the FAQ: of thousands that takes a while, and others are answered meanwhile.
    return await asyncio.to_thread(_choose, services.faq, groups, ignored)


def _choose(book: FaqBook, groups: Sequence[Group], ignored: bool) -> list[Group]:
    chosen = [group for group in groups if group.ignored == ignored]
    return chosen if ignored else _drop_answered(book, chosen)


def _drop_answered(book: FaqBook, groups: Sequence[Group]) -> list[Group]:
    """Leave out what the FAQ has learnt the answer of since."""
    if not groups:
        return []
    found = book.find_all(np.array([group.vector for group in groups], dtype=np.float32))
    is_open = [
        finding.answered is not Answered.FOUND or group.was_wrong for finding, group in zip(found, groups, strict=True)
    ]
    return list(itertools.compress(groups, is_open))


def describe_standing(standing: Standing) -> dict[str, Any]:
    """An entry as JSON: its content, and who edited it last."""
    return {
        "id": standing.entry_id,
        "entry": standing.entry.to_json() if standing.entry else None,
        "in_file": standing.in_file,
        "version": standing.version,
        "act": standing.act,
        "edited_by": standing.edited_by,
        "edited_at": standing.edited_at.isoformat() if standing.edited_at else None,
    }


def describe_group(group: Group) -> dict[str, Any]:
    """A group of questions as JSON."""
    return {
        "ids": [member.id for member in group.members],
        "text": group.leader.text,
        "texts": list(group.texts())[:10],
        "count": group.count,
        "languages": list(group.languages),
        "last_at": group.last_at.isoformat(),
        "picked": group.picked,
    }


def _describe_finding(finding: Finding, entries: Any) -> dict[str, Any]:
    best = finding.best
    return {
        "answered": finding.answered.value,
        "answer_from": round(finding.answer_from, 3),
        "ahead": ANSWER_MARGIN,
        "matches": [
            {"id": match.entry_id, "score": round(match.score, 3), "variant": match.variant,
             "titles": entries[match.entry_id].titles}
            for match in finding.matches
        ],
        "answers": dict(entries[best.entry_id].answers) if best and finding.answered is Answered.FOUND else None,
    }  # fmt: skip


def _read(content: dict[str, Any]) -> Entry:
    entry, faults = read_entry(content)
    if entry is None:
        raise ProblemError(422, "bad_entry", "; ".join(map(str, faults)))
    return entry
