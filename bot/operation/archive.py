"""A backup's file: a ZIP archive of parts, and a manifest that says what each of them must be.

    READ-ME-FIRST.txt   what this is, and that it is secret
    secret_key          SECRET_KEY: without it what is sealed in the database is lost
    policy.yml ...      the shop's own files, where settings name them
    erasures.jsonl      the ids of who was erased, for older backups
    database.dump       the database, as pg_dump's custom format
    manifest.json       release, schema, rows of each table, SHA-256 of each part

The file appears under its name only once it is whole and on the disk; until then it is `PART` in the same folder.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Literal
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

FORMAT = 1
README = "READ-ME-FIRST.txt"
KEY = "secret_key"
DATABASE = "database.dump"
MANIFEST = "manifest.json"
FILES = {
    "policy_file": "policy.yml",
    "service_file": "service.yml",
    "faq_file": "faq.yml",
    "retention_file": "retention.yml",
}
PART = ".shouwen-backup.part"
CHUNK = 1 << 20
_README_TEXT = """A backup of shouwen.

It holds the shop's SECRET_KEY and all that customers wrote and sent: keep it as secret as the shop itself.

    shouwen restore FILE

puts it back. manifest.json tells the release that made it, when, and what each part must be.
"""
# What zipfile raises for a file with something wrong in it.
_BROKEN = (BadZipFile, struct.error, zlib.error, KeyError, ValueError, EOFError, RuntimeError, OverflowError)
_OWNER_ONLY = 0o600


class ArchiveError(RuntimeError):
    """A backup's file cannot be written, or cannot be used; the message names the file and what is wrong with it."""


class Part(BaseModel):
    """What one part must be."""

    model_config = ConfigDict(frozen=True)

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a backup is. `tables` has the rows of each table, `settings` the names of those that were set."""

    model_config = ConfigDict(frozen=True)

    product: Literal["shouwen"] = "shouwen"
    format: int = FORMAT
    version: str
    schema_revision: str
    schema_name: str
    made_at: AwareDatetime
    postgres: int
    tables: dict[str, int]
    settings: list[str]
    parts: dict[str, Part] = {}


class ArchiveWriter(AbstractContextManager["ArchiveWriter"]):
    """Writes the parts one after the other; `end` makes it whole."""

    def __init__(self, file: BinaryIO, made_at: datetime) -> None:
        """Begin with what tells a reader, human or program, what the file is."""
        self._zip = ZipFile(file, "w", ZIP_STORED)
        self._made_at = made_at
        self._parts: dict[str, Part] = {}
        self.add(README, _README_TEXT.encode())

    def add(self, name: str, content: bytes) -> None:
        """Write a part at once."""
        with self.part(name) as write:
            write(content)

    @contextmanager
    def part(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Write a part piece by piece, however long it gets."""
        digest, size = hashlib.sha256(), 0
        info = ZipInfo(name, self._made_at.timetuple()[:6])
        info.external_attr = _OWNER_ONLY << 16
        with self._zip.open(info, "w", force_zip64=True) as out:

            def write(content: bytes) -> None:
                nonlocal size
                out.write(content)
                digest.update(content)
                size += len(content)

            yield write
        self._parts[name] = Part(bytes=size, sha256=digest.hexdigest())

    def end(self, manifest: Manifest) -> None:
        """Write the manifest with what the parts are, and the table of contents."""
        whole = manifest.model_copy(update={"parts": dict(self._parts)})
        self.add(MANIFEST, whole.model_dump_json(indent=2).encode())
        self._zip.close()

    def __exit__(self, *_error: object) -> None:
        """Let go of what was not ended; the file is of no use then, and its end may well not go on the disk."""
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()


class Archive:
    """A backup's file, open for reading; its parts are what the manifest says once `check` has been through them."""

    def __init__(self, path: Path, file: ZipFile) -> None:
        """Read the manifest. Raises ArchiveError for one of a newer release, or none."""
        self._path, self._zip = path, file
        self.manifest = self._read_manifest()

    def read(self, name: str) -> bytes:
        """Return a part."""
        return self._zip.read(name)

    def open(self, name: str) -> IO[bytes]:
        """Open a part for reading."""
        return self._zip.open(name)

    def has(self, name: str) -> bool:
        """Tell whether there is a part."""
        return name in self.manifest.parts

    def check(self) -> None:
        """Compare every part with the manifest. Raises ArchiveError with the first that differs."""
        for name in {README, KEY, DATABASE, *self.manifest.parts}:
            if name not in self.manifest.parts or name not in self._zip.namelist():
                raise ArchiveError(f"{self._path} cannot be used: {name} is missing in it")
            try:
                found = self._measure(name)
            except (*_BROKEN, NotImplementedError):
                found = None
            if found != self.manifest.parts[name]:
                raise ArchiveError(f"{self._path} is damaged: {name} is not what its manifest says")

    def _measure(self, name: str) -> Part:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name) as part:
            while content := part.read(CHUNK):
                digest.update(content)
                size += len(content)
        return Part(bytes=size, sha256=digest.hexdigest())

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self._zip.namelist():
            raise ArchiveError(f"{self._path} is no backup of shouwen: there is no {MANIFEST} in it")
        try:
            told = json.loads(self._zip.read(MANIFEST))
            if told.get("product") == "shouwen" and told["format"] > FORMAT:
                by = told.get("version")
                raise ArchiveError(
                    f"{self._path} was made by a newer release ({by}) whose backups this one cannot read"
                )
            return Manifest.model_validate(told)
        except (*_BROKEN, ValidationError, TypeError, AttributeError, NotImplementedError) as error:
            if isinstance(error, ArchiveError):
                raise
            raise ArchiveError(f"{self._path} is damaged: its {MANIFEST} cannot be read") from None


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup for reading. Raises ArchiveError for what is none, or is cut short; its parts are not looked at."""
    try:
        archive = ZipFile(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from None
    except (*_BROKEN, NotImplementedError):
        raise ArchiveError(_describe_broken(path)) from None
    with archive:
        yield Archive(path, archive)


def _describe_broken(path: Path) -> str:
    with path.open("rb") as file:
        is_ours = README.encode() in file.read(len(README) + 64)
    if is_ours:
        return f"{path} is cut short or damaged: its table of contents is missing"
    return f"{path} is no backup of shouwen"


@contextmanager
def writing_whole(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Write a file that only its owner may read, and that has its name only once the block has ended and it is on disk.

    Raises ArchiveError if there is such a file already (unless `force`), if it cannot be written, and if another
    backup is being written into that folder. What a killed one left behind is removed.
    """
    part = path.parent / PART
    try:
        _refuse_existing(path, force=force)
        with os.fdopen(_make_part(part), "w+b") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if not _lies_at(file.fileno(), part):
                    raise _make_busy(part)
                _name_it(part, path, force=force)
            finally:
                if _lies_at(file.fileno(), part):
                    part.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}") from None


def _refuse_existing(path: Path, *, force: bool) -> None:
    if not path.parent.is_dir():
        raise ArchiveError(f"there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise ArchiveError(f"{path} is no file")
    if path.exists() and not force:
        raise ArchiveError(f"there is a file {path} already; --force puts the new backup in its place")


def _make_part(part: Path) -> int:
    """Open a new file that nobody else has open, whatever lay there. Raises ArchiveError where somebody has."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    while True:
        try:
            made = os.open(part, flags, _OWNER_ONLY)
        except FileExistsError:
            _remove_left(part)
            continue
        if _lock(made) and _lies_at(made, part):
            return made
        # Somebody has taken it, between our two steps, for left behind.
        os.close(made)
        raise _make_busy(part)


def _remove_left(part: Path) -> None:
    """Remove what a killed backup left. Raises ArchiveError where it is another's that goes on."""
    if part.is_symlink():
        part.unlink(missing_ok=True)
        return
    with contextlib.suppress(FileNotFoundError), part.open("rb") as left:
        if not _lock(left.fileno()):
            raise _make_busy(part)
        if _lies_at(left.fileno(), part):
            part.unlink(missing_ok=True)


def _make_busy(part: Path) -> ArchiveError:
    return ArchiveError(f"another backup is being written into {part.parent}")


def _lies_at(file: int, path: Path) -> bool:
    """Tell whether an open file is (still) the one of a name."""
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _name_it(part: Path, path: Path, *, force: bool) -> None:
    if not force:
        try:
            os.link(part, path)
        except FileExistsError:
            raise ArchiveError(f"there is a file {path} by now; --force puts the new backup in its place") from None
        except OSError:  # a file system without links
            _refuse_existing(path, force=False)
        else:
            return
    part.replace(path)


def sync_folder(folder: Path) -> None:
    """Have what was renamed in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot, and need not
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
