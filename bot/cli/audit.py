"""`shouwen audit`: check the log."""

import asyncio

import typer

from bot.cli.common import read_settings

app = typer.Typer(no_args_is_help=True, help="The audit log.")


@app.command()
def verify() -> None:
    """Check every chain of the audit log; names the first broken entry."""
    from bot.operation.administration import verify_audit  # noqa: PLC0415

    broken = asyncio.run(verify_audit(read_settings()))
    print("audit log: whole" if broken is None else f"audit log: broken at {broken}")
    raise typer.Exit(int(broken is not None))
