"""The HTTP API that the first customers need: photos of the widget, and reading a text."""

import asyncio
import json
from uuid import UUID

from aiohttp import web

from bot.channels.photos import PhotoError, clean_photo, keep_photo
from bot.keys import LIMITS, RECENT_TOKENS, SERVICES
from bot.models import Attachment, Conversation
from bot.nlu.commands import describe_reading
from bot.nlu.understanding import read_message
from bot.security.limits import UPLOADS, UPLOADS_OF_ADDRESS
from bot.security.sessions import find_conversation
from bot.web.addresses import find_address
from bot.web.errors import ProblemError
from escalation import service

_LONGEST_TEXT = 10_000
_PHOTO_FAULTS = {
    "photo_too_large": "A photo may have up to 10 MB and 40 megapixels.",
    "not_a_photo": "This file is no photo we can read; please send a JPEG, PNG, WebP or GIF.",
}


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/api/v1/attachments", upload_photo)
    app.router.add_get("/api/v1/attachments/{id}", show_photo)
    app.router.add_post("/api/v1/nlu/parse", parse)


async def upload_photo(request: web.Request) -> web.Response:
    """Store a photo of the session's conversation (multipart field "file", or the body itself); returns its id."""
    conversation = await _session_conversation(request)
    if not _may_upload(request, conversation):
        raise ProblemError(429, "too_fast", "Too many photos at once; wait a moment and send it again.")
    try:
        photo = await asyncio.to_thread(clean_photo, await _read_file(request))
    except PhotoError as error:
        raise ProblemError(415, error.code, _PHOTO_FAULTS[error.code]) from None
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        row = keep_photo(session, conversation.id, photo, now=services.clock.now())
    return web.json_response(
        {"id": str(row.id), "media_type": row.media_type, "width": row.width, "height": row.height}, status=201
    )


def _may_upload(request: web.Request, conversation: Conversation) -> bool:
    """A conversation has a few photos; an address, which may begin many conversations, some more."""
    limits = request.app[LIMITS]
    return limits.allow(UPLOADS, str(conversation.id)) and limits.allow(UPLOADS_OF_ADDRESS, find_address(request))


async def _read_file(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    try:
        reader = await request.multipart()
        async for part in reader:
            if getattr(part, "name", None) == "file":
                return bytes(await part.read())  # type: ignore[union-attr]
    except (ValueError, AssertionError):
        raise ProblemError(400, "bad_multipart", "The upload is not valid multipart/form-data.") from None
    raise ProblemError(400, "no_file", 'Send the photo as the multipart field "file".')


async def show_photo(request: web.Request) -> web.Response:
    """Return a photo of the session's own conversation."""
    conversation = await _session_conversation(request)
    photo = await _find_photo(request, conversation.id)
    if photo is None:
        raise ProblemError(404, "no_such_photo", "This conversation has no such photo.")
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=photo.content, content_type=photo.media_type, headers=headers)


async def _find_photo(request: web.Request, conversation_id: UUID) -> Attachment | None:
    try:
        photo_id = UUID(request.match_info["id"])
    except ValueError:
        return None
    async with request.app[SERVICES].sessions() as session:
        photo = await session.get(Attachment, photo_id)
    return photo if photo and photo.conversation_id == conversation_id else None


async def parse(request: web.Request) -> web.Response:
    """Read a text as the bot would: `{"text"}` in; the reading, as `shouwen nlu parse` prints it, out."""
    services = request.app[SERVICES]
    await _check_token(request)
    text = await _read_text(request)
    zone = services.levels.working_hours.zone
    reading = await read_message(services.interpreter, text, at=services.clock.now(), zone=zone)
    return web.json_response(describe_reading(reading))


async def _check_token(request: web.Request) -> None:
    token, recent = _bearer(request), request.app[RECENT_TOKENS]
    if recent.knows(token):
        return
    async with request.app[SERVICES].sessions() as session:
        if await service.find_person_by_token(session, token) is None:
            raise ProblemError(401, "not_signed_in", "Send an API token of a person as a bearer token.")
    recent.remember(token)


async def _read_text(request: web.Request) -> str:
    try:
        data = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise ProblemError(400, "not_json", 'The body must be a JSON object {"text": "..."}.') from None
    text = data.get("text") if isinstance(data, dict) else None
    if not isinstance(text, str):
        raise ProblemError(422, "bad_text", '"text" must be a string.')
    if len(text) > _LONGEST_TEXT:
        raise ProblemError(413, "text_too_long", f"A text may have up to {_LONGEST_TEXT} characters.")
    return text


async def _session_conversation(request: web.Request) -> Conversation:
    services = request.app[SERVICES]
    async with services.sessions() as session:
        conversation = await find_conversation(session, services.seal, _bearer(request), now=services.clock.now())
    if conversation is None:
        raise ProblemError(401, "no_session", "Send the chat's session token as a bearer token.")
    return conversation


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token.isascii() else ""
