"""`shouwen policy`: decide cases, look a policy file over, show its rules."""

import json
import shutil
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.common import read_policy, read_settings

app = typer.Typer(no_args_is_help=True, help="The shop's return and repair policy.")


@app.command()
def decide(
    file: Annotated[Path | None, typer.Option("--policy", help="A policy file instead of the shop's.")] = None,
) -> None:
    """Decide cases: JSON lines in, decisions out (docs/reference/policy.md)."""
    from actions.policy import decide_lines  # noqa: PLC0415

    rules = read_policy(file or read_settings().policy_file)
    bad = False
    for answer, fine in decide_lines(sys.stdin.buffer, rules):
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        bad |= not fine
    raise typer.Exit(int(bad))


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A policy file instead of the shop's.")] = None,
) -> None:
    """Look a policy file over: gaps, overlaps, unreachable rules, missing translations, rights taken away."""
    from actions.policy.check import check_policy  # noqa: PLC0415
    from actions.policy.loader import DEFAULT_FILE  # noqa: PLC0415

    summary, faults = check_policy(file or read_settings().policy_file or DEFAULT_FILE)
    print("\n".join(map(str, faults)) or summary)
    raise typer.Exit(int(bool(faults)))


@app.command(name="explain")
def explain_policy(
    file: Annotated[Path | None, typer.Argument(help="A policy file instead of the shop's.")] = None,
    language: Annotated[Literal["zh-Hans", "zh-Hant", "en"], typer.Option(help="Of the table.")] = "en",
    width: Annotated[int | None, typer.Option(min=20, help="Of its lines; else the terminal's.")] = None,
) -> None:
    """Show the rules as a table: when, what is open, until when, who pays, by which clause, in force when."""
    from actions.policy.table import render_table  # noqa: PLC0415

    rules = read_policy(file or read_settings().policy_file)
    for line in render_table(rules, language=language, width=width or shutil.get_terminal_size().columns):
        print(line)
