"""The API's description (OpenAPI 3.1), made from the routes that exist, their docstrings and the bodies they read."""

import inspect
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.console.approvals import ApprovalsAnswer
from bot.console.audit_api import EntriesAnswer, LogAnswer
from bot.console.auth import COOKIE, CSRF_HEADER
from bot.console.bodies import (
    Body,
    ConfirmBody,
    DecisionBody,
    DeclineBody,
    EmptyBody,
    FaqEntryBody,
    FaqIgnoreBody,
    FaqPreviewBody,
    FaqVersionBody,
    FollowUpBody,
    HandoverBody,
    HelpBody,
    MessageBody,
    NoteBody,
    PostBody,
    PresenceBody,
    ResolveBody,
    RevealBody,
    StageBody,
    TierBody,
)
from bot.console.handoff import TicketAnswer, TicketsAnswer
from bot.console.people_api import (
    AccountsAnswer,
    PasswordAnswer,
    ProposalAnswer,
    ProposalsAnswer,
    ProposeBody,
    RefuseBody,
    RenameBody,
)
from bot.console.revealing import RevealAnswer
from bot.privacy.api import ErasureBody, ExportBody

_PREFIX = "/api/v1/"
_BODIES: dict[str, type[Body]] = {
    "me/telegram": EmptyBody,
    "presence": PresenceBody,
    "roster/{login}": PostBody,
    "tickets/{number}/accept": EmptyBody,
    "tickets/{number}/confirm": ConfirmBody,
    "tickets/{number}/decline": DeclineBody,
    "tickets/{number}/messages": MessageBody,
    "tickets/{number}/notes": NoteBody,
    "tickets/{number}/wait": MessageBody,
    "tickets/{number}/resolve": ResolveBody,
    "tickets/{number}/reveal": RevealBody,
    "tickets/{number}/tier": TierBody,
    "tickets/{number}/stage": StageBody,
    "tickets/{number}/handover": HandoverBody,
    "tickets/{number}/help": HelpBody,
    "tickets/{number}/end-help": HelpBody,
    "tickets/{number}/hand-back": EmptyBody,
    "handovers/{id}": DecisionBody,
    "notices/read": EmptyBody,
    "faq/entries": FaqEntryBody,
    "faq/entries/{id}/remove": FaqVersionBody,
    "faq/entries/{id}/revert": FaqVersionBody,
    "faq/preview": FaqPreviewBody,
    "faq/questions/ignore": FaqIgnoreBody,
    "surveys/{id}/follow-up": FollowUpBody,
    "tickets/{number}/export": ExportBody,
    "tickets/{number}/erasure": ErasureBody,
    "erasures/{id}": DecisionBody,
    "audit/check": EmptyBody,
    "people/{login}/rename": RenameBody,
    "people/{login}/deactivate": EmptyBody,
    "people/proposals": ProposeBody,
    "people/proposals/{id}/approve": EmptyBody,
    "people/proposals/{id}/refuse": RefuseBody,
    "people/proposals/{id}/withdraw": EmptyBody,
    "people/proposals/{id}/password": EmptyBody,
}
# What is done where the body does not say it.
_SUMMARIES = {
    "tickets/{number}/accept": "Take a ticket on: it is one's own from now.",
    "tickets/{number}/hand-back": "Let the bot speak with the customer again.",
    "tickets/{number}/wait": "Ask the customer for something, and wait for it: the clocks pause.",
    "tickets/{number}/help": "Ask a colleague to help (a login).",
    "tickets/{number}/end-help": "A colleague need not help any more (a login).",
    "audit/check": "Check the whole log, beside everything else; GET tells how far it is, and what came of it.",
    "people/{login}/deactivate": "Close an account at once (operations managers; not another's): tickets pass on.",
    "people/proposals/{id}/approve": "Say yes to what another proposed about another: it is done with that.",
    "people/proposals/{id}/withdraw": "Take back what one proposed oneself.",
    "people/proposals/{id}/password": "Fetch a new one-time password, to be handed over; one fetched before is void.",
}
# Bodies that are read by hand, and what is answered with another status than 200.
_MEDIA: dict[str, dict[str, Any]] = {
    "attachments": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "contentMediaType": "image/*"}},
                "required": ["file"],
            }
        }
    },
    "nlu/parse": {
        "application/json": {
            "schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
        }
    },
}
_STATUSES = {"attachments": "201", "people/proposals": "201", "audit/check": "202"}
# What is answered where; an act on a ticket answers with the ticket as it is then.
_TICKET = "tickets/{number}"
_OTHERWISE = frozenset({f"{_TICKET}/export", f"{_TICKET}/erasure"})
_ANSWERS: dict[str, type[BaseModel]] = {
    **{name: TicketAnswer for name in (_TICKET, *_BODIES) if name.startswith(_TICKET) and name not in _OTHERWISE},
    f"{_TICKET}/reveal": RevealAnswer,
    "tickets": TicketsAnswer,
    "approvals": ApprovalsAnswer,
    "audit": EntriesAnswer,
    "audit/check": LogAnswer,
    "people/accounts": AccountsAnswer,
    "people/{login}/rename": AccountsAnswer,
    "people/{login}/deactivate": AccountsAnswer,
    **{name: ProposalAnswer for name in _BODIES if name.startswith("people/proposals")},
    "people/proposals/{id}": ProposalAnswer,
    "GET people/proposals": ProposalsAnswer,
    "people/proposals/{id}/password": PasswordAnswer,
}
_QUERIES: dict[str, tuple[str, ...]] = {
    "tickets": ("state", "owner", "desk", "tier", "due_before", "handled_by", "search", "limit", "cursor"),
    "approvals": ("side", "limit", "cursor"),
    "surveys": ("since", "until", "desk", "category", "tier", "channel", "person", "low", "page", "format"),
    "reports/satisfaction": ("since", "until", "desk", "category", "tier", "channel", "person", "by", "format"),
    "reports/service": ("since", "until", "desk", "category", "tier", "channel", "person", "by", "format"),
    "people/proposals": ("state", "cursor"),
    "audit": ("person", "ticket", "kind", "since", "until", "cursor", "limit", "lang"),
    "reports/alone": ("since", "until", "desk", "category", "channel", "format"),
}

# What a query means where its name does not say it; the same everywhere.
_MEANINGS = {
    "limit": "How many lines at most; 200 at the very most.",
    "cursor": "Where the page begins: `next` of the page before, as it is. Without it, at the beginning.",
    "side": "mine: waits for one's own word; asked: what one asked for; all: everything one may see (the default).",
}


def set_up(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/api/v1/openapi.json", show_description)


async def show_description(request: web.Request) -> web.Response:
    """What the API offers; open to everybody, for it tells nothing but its own shape."""
    return web.json_response(describe_api(request.app))


def describe_api(app: web.Application) -> dict[str, Any]:
    """Return the OpenAPI document of an application's routes."""
    _, schemas = models_json_schema(
        [
            *((body, "validation") for body in set(_BODIES.values())),
            *((answer, "serialization") for answer in set(_ANSWERS.values())),
        ],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith(_PREFIX) and route.method in {"GET", "POST"} and not path.endswith("openapi.json"):
            paths.setdefault(path, {})[route.method.lower()] = _describe_route(route, path.removeprefix(_PREFIX))
    return {
        "openapi": "3.1.0",
        "info": {"title": "shouwen", "version": "1", "description": "Tickets, surveys and reports."},
        "security": [{"token": []}, {"cookie": [], "csrf": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }


def _describe_route(route: web.AbstractRoute, name: str) -> dict[str, Any]:
    changes = route.method == "POST"
    body, status = (_BODIES.get(name), _STATUSES.get(name, "200")) if changes else (None, "200")
    told = body.__doc__ if body and body is not EmptyBody else inspect.getdoc(route.handler)
    told = (changes and _SUMMARIES.get(name)) or told or name
    described: dict[str, Any] = {
        "summary": told.splitlines()[0],
        "parameters": [
            *({"name": part, "in": "path", "required": True, "schema": {"type": "string"}} for part in _parts(name)),
            *(_describe_query(query) for query in _queries(route, name)),
        ],
        "responses": {
            status: {"description": "It was done, or here it is."},
            "default": {"description": "A problem document (RFC 9457).", "content": {"application/problem+json": {}}},
        },
    }
    answer = _ANSWERS.get(f"{route.method} {name}") or _ANSWERS.get(name)
    if answer is not None:
        schema = {"$ref": f"#/components/schemas/{answer.__name__}"}
        described["responses"][status]["content"] = {"application/json": {"schema": schema}}
    if body is not None:
        schema = {"$ref": f"#/components/schemas/{body.__name__}"}
        needed = any(field.is_required() for field in body.model_fields.values())
        described["requestBody"] = {"required": needed, "content": {"application/json": {"schema": schema}}}
    if name in _MEDIA:
        described["requestBody"] = {"required": True, "content": _MEDIA[name]}
    return described


def _describe_query(name: str) -> dict[str, Any]:
    meaning = {"description": _MEANINGS[name]} if name in _MEANINGS else {}
    return {"name": name, "in": "query", "schema": {"type": "integer" if name == "limit" else "string"}, **meaning}


def _queries(route: web.AbstractRoute, name: str) -> tuple[str, ...]:
    return _QUERIES.get(name, ()) if route.method == "GET" else ()


def _parts(name: str) -> list[str]:
    return [part[1:-1] for part in name.split("/") if part.startswith("{")]
