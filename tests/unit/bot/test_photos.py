"""Photos: whatever comes in, pixels come out, or a named refusal."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.channels.photos import MAX_BYTES, PhotoError, clean_photo


def written(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """Make a file with an image."""
    file = io.BytesIO()
    Image.new(mode, size, 1 if mode in {"1", "P"} else None).save(file, kind, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (header, b"IDAT" + zlib.compress(b""), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
)
def test_a_photo_becomes_a_plain_jpeg(kind: str, mode: str) -> None:
    """Whatever the format and the kind of pixels."""
    photo = clean_photo(written(kind, mode=mode))
    assert ("image/jpeg", 60, 40) == (photo.media_type, photo.width, photo.height)
    with Image.open(io.BytesIO(photo.content)) as image:
        assert ("JPEG", "RGB", (60, 40)) == (image.format, image.mode, image.size)


def test_a_large_photo_is_made_smaller() -> None:
    """Its longest side 2048 pixels, its shape kept."""
    photo = clean_photo(written("JPEG", (4096, 1024)))
    assert (2048, 512) == (photo.width, photo.height)


def test_what_a_photo_says_beside_its_pixels_is_gone() -> None:
    """Place, camera and comment; but it is turned the way it was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Mrs Wang"
    photo = clean_photo(written("JPEG", (60, 40), exif=exif, comment=b"my address"))
    assert (40, 60) == (photo.width, photo.height)
    assert b"Wang" not in photo.content
    assert b"address" not in photo.content


def test_nothing_rides_behind_a_photo() -> None:
    """A second file behind the image's end is not kept."""
    assert b"<script>" not in clean_photo(written("JPEG") + b"<script>alert(1)</script>").content


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("not_a_photo", b""),
        ("not_a_photo", b"MZ\x90\x00" + bytes(200)),
        ("not_a_photo", b"\x7fELF" + bytes(200)),
        ("not_a_photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("not_a_photo", b"%PDF-1.7"),
        ("not_a_photo", written("TIFF")),
        ("not_a_photo", written("BMP")),
        ("not_a_photo", written("JPEG", (300, 300))[:500]),
        ("not_a_photo", png_of_size(50, 50)),
        ("photo_too_large", png_of_size(6_400, 6_400)),
        ("photo_too_large", png_of_size(10_000, 10_000)),
        ("photo_too_large", png_of_size(60_000, 60_000)),
        ("photo_too_large", written("JPEG") + bytes(MAX_BYTES)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_anything_else_is_refused_by_name(code: str, content: bytes) -> None:
    """Other formats, halves, bombs and giants."""
    with pytest.raises(PhotoError) as refused:
        clean_photo(content)
    assert code == refused.value.code


@settings(max_examples=150)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8),
    st.integers(0, 2000),
)
def test_a_broken_file_is_a_photo_or_refused(kind: str, changes: list[tuple[int, int]], cut: int) -> None:
    """Bytes changed and ends cut off raise nothing else."""
    content = bytearray(written(kind))
    for at, value in changes:
        content[at % len(content)] = value
    try:
        photo = clean_photo(bytes(content[: len(content) - cut % 50]))
    except PhotoError as refused:
        photo, code = None, refused.code
    else:
        code = ""
    assert photo is None or photo.width <= 2048
    assert code in {"", "not_a_photo", "photo_too_large"}
