"""The FAQ's pages: entries with search, questions that nothing answered, and an entry's editor with its preview."""

from typing import Any

from aiohttp import web

from actions.faq.entries import BUTTONS, LANGUAGES, LONGEST_ANSWER, MOST_BUTTONS, Entry
from actions.faq.grouping import Group
from bot.console.auth import find_by_cookie
from bot.console.faq_api import load_open_groups
from bot.console.pages import find_language, render
from bot.dialogue.flows.questions import label_of
from bot.faq import edits
from bot.faq.edits import Standing
from bot.keys import PAGES, SERVICES
from escalation.errors import ForbiddenError
from escalation.models import PersonRow
from escalation.rights import RIGHTS, FaqRight, Role

_MOST_GROUPS = 100


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/console/faq", show_list)
    app.router.add_get("/console/faq/new", show_new)
    app.router.add_get("/console/faq/entries/{id}", show_entry)


async def show_list(request: web.Request) -> web.Response:
    """What the shop has answered, and what it has not."""
    person = await _require(request)
    book, query = request.app[SERVICES].faq, request.query.get("q", "").strip()
    language = find_language(request)
    ignored = request.query.get("ignored") == "1"
    groups = await load_open_groups(request, ignored=ignored)
    shown = [one for one in book.standing.values() if _matches(one, query)]
    return _render(
        request,
        "faq.html",
        person,
        query=query,
        standing=shown,
        all_entries=len(book.entries),
        title=lambda one: one.entry.titles[language] if one.entry else one.entry_id,
        groups=groups[:_MOST_GROUPS],
        all_groups=len(groups),
        ignored=ignored,
        title_of=lambda entry_id: book.entries[entry_id].titles[language] if entry_id in book.entries else None,
    )


async def show_new(request: web.Request) -> web.Response:
    """An empty entry, with the ways to ask of a question that nothing answered, if one is given."""
    person = await _require(request, FaqRight.EDIT)
    groups = await load_open_groups(request) if "question" in request.query else []
    wanted = request.query.get("question")
    group = next((one for one in groups if any(member.id == wanted for member in one.members)), None)
    return _render_editor(request, person, None, questions=_from_group(group), asked=group.leader.text if group else "")


def _from_group(group: Group | None) -> dict[str, list[str]]:
    return {language: list(group.texts(language))[:10] if group else [] for language in LANGUAGES}


async def show_entry(request: web.Request) -> web.Response:
    """An entry in three languages, its versions, and a preview of what it would answer."""
    person = await _require(request)
    services, entry_id = request.app[SERVICES], request.match_info["id"]
    await services.faq.refresh()
    standing = services.faq.standing.get(entry_id)
    if standing is None:
        raise web.HTTPNotFound(text=f"There is no entry {entry_id} in the FAQ.")
    async with services.sessions() as session:
        versions = await edits.list_versions(session, entry_id)
    return _render_editor(request, person, standing, versions=versions)


def _render_editor(request: web.Request, person: PersonRow, standing: Standing | None, **context: Any) -> web.Response:
    entry: Entry | None = standing.entry if standing else None
    book, language = request.app[SERVICES].faq, find_language(request)
    dialogue = request.app[SERVICES].catalogue
    written = {name: list(entry.questions[name]) if entry else [] for name in LANGUAGES}
    return _render(
        request,
        "faq_entry.html",
        person,
        **{"versions": (), "asked": "", "questions": written, **context},
        answers={name: entry.answers[name] if entry else "" for name in LANGUAGES},
        standing=standing,
        entry=entry,
        title=entry.titles[language] if entry else None,
        entry_languages=LANGUAGES,
        longest_answer=LONGEST_ANSWER,
        most_buttons=MOST_BUTTONS,
        buttons=[(button, dialogue.say(label_of(button), language)) for button in BUTTONS],
        categories=sorted({one.category for one in book.entries.values() if one.category}),
    )


def _render(request: web.Request, template: str, person: PersonRow, **context: Any) -> web.Response:
    known = request.app[PAGES]["console"].texts(find_language(request))
    return render(
        request,
        template,
        person=person,
        may_edit=RIGHTS[Role(person.role)].faq is FaqRight.EDIT,
        # A category of the shop's own has no name but the entry's.
        name_category=lambda category: known.get(f"faq.category.{category}", category),
        **context,
    )


async def _require(request: web.Request, right: FaqRight = FaqRight.READ) -> PersonRow:
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    try:
        edits.require(person, right)
    except ForbiddenError as error:
        raise web.HTTPForbidden(text=str(error)) from None
    return person


def _matches(standing: Standing, query: str) -> bool:
    """Tell whether all words of a search are in an entry, wherever."""
    entry = standing.entry
    texts = [standing.entry_id, *(entry.variants if entry else ()), *(entry.answers.values() if entry else ())]
    everything = "\n".join(texts).casefold()
    return all(word in everything for word in query.casefold().split())
