"""`shouwen sla`: compute deadlines."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import read_levels, read_settings

app = typer.Typer(no_args_is_help=True, help="Clocks and deadlines.")


@app.command()
def due(
    file: Annotated[Path | None, typer.Option("--service", help="A service file instead of the shop's.")] = None,
) -> None:
    """Compute deadlines: JSON lines {"tier","clock","start","calendar","pauses"} in, {"due_at","steps"} out."""
    from escalation.sla import compute_due_line  # noqa: PLC0415

    levels = read_levels(file or read_settings().service_file)
    bad = False
    for line in filter(str.strip, sys.stdin):
        answer = compute_due_line(levels, line)
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        bad |= "error" in answer
    raise typer.Exit(int(bad))
