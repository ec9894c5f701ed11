"""Which page of a list is asked for, as every list of the API reads it: `limit` and `cursor`."""

from aiohttp import web

from bot.web.errors import ProblemError
from escalation.pages import Cursor, read_cursor


def read_page(request: web.Request, *, usual: int, longest: int, least: int = 1) -> tuple[int, Cursor | None]:
    """Return how many lines, and after which. Raises ProblemError 422, CursorError."""
    asked, cursor = request.query.get("limit") or str(usual), request.query.get("cursor")
    limit = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < len(str(longest)) + 1 else -1
    if not least <= limit <= longest:
        raise ProblemError(422, "bad_limit", f"limit is a number from {least} to {longest}.")
    return limit, read_cursor(cursor) if cursor else None
