"""The service file in force: read when the app starts, and again whenever somebody has edited it."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from escalation.service_levels import ServiceLevelsError, load_default_service_levels, load_service_levels
from escalation.terms import ServiceLevels

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=5)


class ServiceFile:
    """What the shop promises now. `path` None means the file that comes with the product, which nobody edits.

    Raises ServiceLevelsError or OSError when the first reading fails: an app does not start on a broken file.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read = self._bytes()
        self.levels: ServiceLevels = load_service_levels(path) if path else load_default_service_levels()

    async def wait_for_change(self) -> None:
        """Return once the file says something else, and `levels` with it.

        A file that is broken (or half written) changes nothing: its faults are logged once, and what was in force is.
        """
        while True:
            if await asyncio.to_thread(self.reread):
                return
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    def reread(self) -> bool:
        """Look once; return whether the file says something else now. Blocks for as long as reading takes."""
        # Bytes, not dates: a file that is copied in place may carry an older one.
        content = self._bytes()
        if self._path is None or content is None or content == self._read:
            return False
        self._read = content
        try:
            self.levels = load_service_levels(self._path)
        except (ServiceLevelsError, OSError) as error:
            log.warning("the edited service file is not taken; what was in force before stays:\n%s", error)
            return False
        log.info("the service file was edited and is in force now: %s", self._path)
        return True

    def _bytes(self) -> bytes | None:
        """Return what the file holds; None while there is none (an editor may be replacing it)."""
        try:
            return self._path.read_bytes() if self._path else None
        except OSError:
            return None
