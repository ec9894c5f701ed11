"""Errors of the HTTP API as problem documents (RFC 9457): what was wrong, and what to do."""

import json
import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from escalation.errors import (
    ConflictError,
    CursorError,
    DecidedError,
    EscalationError,
    ForbiddenError,
    ForbiddenTransitionError,
    ProposalError,
    TooManyRevealsError,
    UnknownHandoverError,
    UnknownTicketError,
)

log = logging.getLogger(__name__)

# Of days and instants in a query: what lies further away cannot be put into another zone.
YEARS = range(1970, 9999)

# What escalation refuses, as HTTP tells it; the first that fits.
_REFUSALS: dict[type[EscalationError], tuple[int, str]] = {
    UnknownTicketError: (404, "no_such_ticket"),
    UnknownHandoverError: (404, "no_such_handover"),
    ForbiddenError: (403, "forbidden"),
    ConflictError: (409, "edited_meanwhile"),
    TooManyRevealsError: (429, "too_many_reveals"),
    ForbiddenTransitionError: (409, "not_in_this_state"),
    CursorError: (422, "bad_cursor"),
    DecidedError: (422, "already_decided"),
    EscalationError: (422, "refused"),
}
# What is not done about people and their rights; anything else was asked wrongly (422).
_PROPOSAL_STATUSES = {
    **dict.fromkeys(("forbidden", "own_proposal", "about_oneself"), 403),
    **dict.fromkeys(("no_such_person", "no_such_proposal"), 404),
    **dict.fromkeys(("login_taken", "waits_already", "no_change", "last_of_role", "no_approver"), 409),
    **dict.fromkeys(("decided_already", "expired", "overtaken", "proposer_gone", "no_password"), 409),
}


class ProblemError(Exception):
    """An error to be told as a problem document. `code` becomes its type."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors under /api into problem documents; other paths keep aiohttp's own."""
    try:
        _refuse_nul(request)
        return await handler(request)
    except ProblemError as error:
        return _problem(error.status, error.code, error.detail)
    except ProposalError as error:
        return _problem(_PROPOSAL_STATUSES.get(error.code, 422), error.code, str(error))
    except EscalationError as error:
        status, code = next(told for kind, told in _REFUSALS.items() if isinstance(error, kind))
        return _problem(status, code, str(error))
    except web.HTTPException as error:
        if not request.path.startswith("/api/") or error.status < 400:
            raise
        return _problem(error.status, error.reason.lower().replace(" ", "_"), error.text or error.reason)
    except Exception:
        # The route's pattern, not the path: a path may hold a secret (a survey's token).
        resource = request.match_info.route.resource
        log.exception("request failed: %s %s", request.method, resource.canonical if resource else "?")
        return _problem(500, "internal", "Something went wrong here; it has been logged. Please try again.")


def _refuse_nul(request: web.Request) -> None:
    """No database can hold NUL, so nothing is called by it."""
    if any("\x00" in value for value in request.query.values()):
        raise ProblemError(422, "bad_query", "The query holds a NUL character, which nothing here is called by.")
    if request.path.startswith("/api/") and any("\x00" in value for value in request.match_info.values()):
        raise web.HTTPNotFound


def _problem(status: int, code: str, detail: str) -> web.Response:
    body = {"type": f"urn:shouwen:problem:{code}", "title": code.replace("_", " "), "status": status, "detail": detail}
    return web.Response(
        text=json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json"
    )
