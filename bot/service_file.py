"""The service file in force."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.edited_file import EditedFile
from escalation.service_levels import ServiceLevelsError, load_default_service_levels, load_service_levels
from escalation.terms import ServiceLevels

LOOK_EVERY = timedelta(seconds=5)


class ServiceFile:
    """What the shop promises now. `path` None means the file that comes with the product, which nobody edits.

    Raises ServiceLevelsError or OSError when the first reading fails.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = EditedFile(
            "service file",
            path,
            load=load_service_levels,
            default=load_default_service_levels,
            fault=ServiceLevelsError,
        )

    @property
    def levels(self) -> ServiceLevels:
        """What holds now."""
        return self._file.content

    async def wait_for_change(self) -> None:
        """Return once the file says something else, and `levels` with it."""
        while True:
            if await asyncio.to_thread(self.reread):
                return
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    def reread(self) -> bool:
        """Look once; return whether the file says something else now. Blocks for as long as reading takes."""
        return self._file.reread()
