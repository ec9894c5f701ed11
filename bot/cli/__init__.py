"""The `shouwen` command. Everything heavy is imported by the command that needs it."""

import asyncio
from typing import Annotated

import typer

from bot.cli import audit, db, faq, nlu, outbox, people, policy, privacy, shop, sla
from bot.cli.backup import backup, restore
from bot.cli.common import read_settings, say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="首問: customer service for an online shop.",
)
for group in (nlu, policy, sla, shop, db, people, audit, outbox, faq, privacy):
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2])
for command in (backup, restore):
    app.command()(command)


@app.command()
def up(demo: Annotated[bool, typer.Option(help="Demo shop and people on the first start.")] = False) -> None:
    """Start everything: database, app and, behind it, Rasa. Ctrl-C stops it all."""
    _run(demo=demo, with_rasa=True)


@app.command()
def serve(demo: Annotated[bool, typer.Option(help="Demo shop and people on the first start.")] = False) -> None:
    """Start the app alone (and its database, unless DATABASE_URL names one)."""
    _run(demo=demo, with_rasa=False)


@app.command()
def doctor() -> None:
    """Look whether everything is in order; what is not is named, with what to do."""
    from bot.operation.database import DatabaseError  # noqa: PLC0415
    from bot.operation.doctor import examine  # noqa: PLC0415

    async def run() -> bool:
        fine = True
        async for finding in examine(read_settings(), say):
            fine &= finding.is_fine
            print(f"{'ok' if finding.is_fine else '!!'}  {finding.what}")
            if finding.advice:
                print(f"    {finding.advice}")
        return fine

    try:
        fine = asyncio.run(run())
    except (DatabaseError, OSError) as error:
        print(f"!!  database: cannot be reached\n    {error}")
        fine = False
    raise typer.Exit(int(not fine))


def _run(*, demo: bool, with_rasa: bool) -> None:
    import uvloop  # noqa: PLC0415

    from bot.operation.database import DatabaseError  # noqa: PLC0415
    from bot.operation.serving import StartError, run_all  # noqa: PLC0415

    try:
        # A tenth of a turn's time is the event loop's own: this one needs less of it.
        uvloop.run(run_all(read_settings(), demo=demo, with_rasa=with_rasa, progress=say))
    except (StartError, DatabaseError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


def main() -> None:
    """Run the command; a database that cannot be had is told in a line, whatever it was wanted for."""
    try:
        app()
    except RuntimeError as error:
        from bot.operation.database import DatabaseError  # noqa: PLC0415

        if not isinstance(error, DatabaseError):
            raise
        say(f"shouwen: {error}")
        raise SystemExit(1) from None
