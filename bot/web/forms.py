"""What a page's form sends: no more of it is read than any form of ours has."""

from urllib.parse import parse_qsl

from aiohttp import web

from bot.channels.frames import clean_text

_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 20


async def read_fields(request: web.Request) -> dict[str, str] | None:
    """Return the form's fields, or None if it is larger than any form that a page can send."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(8192):
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    # Browsers send a line's end as two characters; the page counts one.
    return {name: clean_text(value).replace("\r\n", "\n") for name, value in pairs}
