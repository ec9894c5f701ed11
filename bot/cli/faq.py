"""`shouwen faq`: look a FAQ file over; write the one in force."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import read_settings, say

app = typer.Typer(no_args_is_help=True, help="What the shop has answered once.")


@app.command(name="check")
def check_faq(
    file: Annotated[Path | None, typer.Argument(help="A FAQ file instead of the shop's.")] = None,
) -> None:
    """Look a FAQ file over: every fault by line, field and reason."""
    from actions.faq import FaqError, load_faq  # noqa: PLC0415
    from actions.faq.loader import DEFAULT_FILE  # noqa: PLC0415

    path = file or read_settings().faq_file or DEFAULT_FILE
    try:
        entries = load_faq(path).entries.values()
    except FaqError as error:
        print(error)
        raise typer.Exit(1) from None
    print(f"{path}: {len(entries)} entries, {sum(len(entry.variants) for entry in entries)} ways to ask")


@app.command(name="export")
def export_faq(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; else it is printed.")] = None,
) -> None:
    """Write the FAQ in force, with what people have edited on the console, as a file that FAQ_FILE takes."""
    from actions.faq import FaqError  # noqa: PLC0415
    from bot.operation.administration import export_faq as export  # noqa: PLC0415

    try:
        text = asyncio.run(export(read_settings()))
        if file is not None:
            file.write_text(text, encoding="utf-8")
    except (FaqError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    print(text if file is None else f"{file}: written", end="" if file is None else "\n")
