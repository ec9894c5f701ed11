"""A file that the shop edits while the app runs: read when the app starts, and whenever it says something else."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Content = TypeVar("Content")


class EditedFile(Generic[Content]):
    """What a file says now. A broken edit changes nothing: its faults are logged once, and what was in force stays."""

    def __init__(
        self,
        name: str,
        path: Path | None,
        *,
        load: Callable[[Path], Content],
        default: Callable[[], Content],
        fault: type[Exception],
    ) -> None:
        """Read it. `path` None: the one that comes with the product, which nobody edits; `name` is for the log.

        Raises `fault` or OSError: an app does not start on a broken file.
        """
        self._name, self._path, self._load, self._fault = name, path, load, fault
        self._read = self._bytes()
        self.content = load(path) if path else default()

    def reread(self) -> bool:
        """Look once; return whether the file says something else now. Blocks for as long as reading takes."""
        # Bytes, not dates: a file that is copied in place may carry an older one.
        found = self._bytes()
        if self._path is None or found is None or found == self._read:
            return False
        self._read = found
        try:
            self.content = self._load(self._path)
        except (self._fault, OSError) as error:
            log.warning("the edited %s is not taken; what was in force before stays:\n%s", self._name, error)
            return False
        log.info("the %s was edited and is in force now: %s", self._name, self._path)
        return True

    def _bytes(self) -> bytes | None:
        """Return what the file holds; None while there is none (an editor may be replacing it)."""
        try:
            return self._path.read_bytes() if self._path else None
        except OSError:
            return None
