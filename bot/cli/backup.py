"""`shouwen backup` and `shouwen restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import read_settings, say


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; in a folder, one named by the time.")],
    force: Annotated[bool, typer.Option("--force", help="Take the place of a file of that name.")] = False,
) -> None:
    """Write all that is needed to stand the shop up elsewhere into one file, while the app runs or not.

    The file holds SECRET_KEY and all that customers wrote and sent: keep it as secret as the shop itself.
    """
    from bot.operation.archive import ArchiveError  # noqa: PLC0415
    from bot.operation.backup import BackupError, make_backup  # noqa: PLC0415
    from bot.operation.database import DatabaseError  # noqa: PLC0415
    from escalation.ports import SystemClock  # noqa: PLC0415

    at = SystemClock().now()
    try:
        path = asyncio.run(make_backup(read_settings(), target, force=force, at=at, progress=say))
    except (ArchiveError, BackupError, DatabaseError) as error:
        say(f"shouwen: no backup was made: {error}")
        raise typer.Exit(1) from None
    say(f"backup: whole, {path.stat().st_size / 1e6:,.1f} MB. It holds SECRET_KEY and personal data: keep it secret")
    print(path)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that shouwen backup made.")],
    force: Annotated[bool, typer.Option("--force", help="Even where there is data: it is removed.")] = False,
    erasures: Annotated[
        Path | None,
        typer.Option(help="Who was erased since: a newer backup, or what shouwen privacy erasures printed."),
    ] = None,
) -> None:
    """Put a backup in the place of what is there. The app must be stopped.

    The file is checked first, and what is there now goes only when the restored data is whole and verified.
    """
    from bot.operation.archive import ArchiveError  # noqa: PLC0415
    from bot.operation.restore import RestoreError, describe_rows, restore_backup  # noqa: PLC0415
    from escalation.ports import SystemClock  # noqa: PLC0415

    at = SystemClock().now()
    try:
        done = asyncio.run(restore_backup(read_settings(), file, force=force, at=at, progress=say, erasures=erasures))
    except (ArchiveError, RestoreError, OSError) as error:
        say(f"shouwen: nothing was restored: {error}")
        raise typer.Exit(1) from None
    print(f"restored as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC: {describe_rows(done.rows)}; the audit log is whole")
    if done.erased is None:
        print("no list of erasures is here: who was erased after this backup is in it again; --erasures names one")
    elif done.erased:
        print(f"erased again, as they were since: {done.erased}")
    for setting, path in done.files.items():
        print(f"the shop's own file lies at {path}: set {setting} to it")
    if done.unset:
        print(f"set there and not here: {', '.join(done.unset)}")
