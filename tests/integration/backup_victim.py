"""A backup or a restore in a process of its own that kills itself when it is about to take a step.

    python -m tests.integration.backup_victim backup|restore FILE DATA_DIR WORDS

The database is SHOUWEN_DATABASE_URL. Telling of a step with these words in it is its death.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot.operation.backup import make_backup
from bot.operation.restore import restore_backup
from bot.settings import Settings


def main(action: str, file: str, data_dir: str, words: str) -> None:
    """Go on until the step."""

    def die_at(line: str) -> None:
        if words in line:
            os.kill(os.getpid(), signal.SIGKILL)

    url = SecretStr(os.environ["SHOUWEN_DATABASE_URL"])
    settings = Settings(data_dir=Path(data_dir), nlu_engine="embedded", database_url=url)
    act = {"backup": make_backup, "restore": restore_backup}[action]
    asyncio.run(act(settings, Path(file), force=True, at=datetime.now(UTC), progress=die_at))


if __name__ == "__main__":
    main(*sys.argv[1:])
