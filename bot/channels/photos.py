"""Photos from customers: looked at, re-encoded, kept as pixels only.

Whatever a file claims to be, what is stored is an image that Pillow has decoded and written anew: no metadata (places,
names), no scripts, no second format hidden in the first.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from PIL import Image, ImageOps
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Attachment

MAX_BYTES = 10 * 1024 * 1024
_MAX_PIXELS = 40_000_000
_LONGEST_SIDE = 2048
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class PhotoError(ValueError):
    """The file is no photo that can be taken; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Photo:
    """A clean image, at most 2048 pixels a side."""

    media_type: str
    width: int
    height: int
    content: bytes


def clean_photo(content: bytes) -> Photo:
    """Return the image in a file, re-encoded. CPU work: call it off the event loop. Raises PhotoError."""
    if len(content) > MAX_BYTES:
        raise PhotoError("photo_too_large")
    try:
        return _reencode(content)
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError("photo_too_large") from None
    except Exception:  # a decoder that is given any bytes may raise anything
        raise PhotoError("not_a_photo") from None


def _reencode(content: bytes) -> Photo:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        if opened.width * opened.height > _MAX_PIXELS:
            raise PhotoError("photo_too_large")
        image = ImageOps.exif_transpose(opened).convert("RGB")
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    image.info.clear()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=88)
    return Photo("image/jpeg", image.width, image.height, written.getvalue())


def keep_photo(session: AsyncSession, conversation_id: UUID, photo: Photo, *, now: datetime) -> Attachment:
    """Store a clean photo with its conversation; the caller commits."""
    row = Attachment(
        id=uuid4(),
        conversation_id=conversation_id,
        media_type=photo.media_type,
        width=photo.width,
        height=photo.height,
        content=photo.content,
        created_at=now,
    )
    session.add(row)
    return row
