"""`shouwen db`: bring the database to this release."""

import asyncio

import typer

from bot.cli.common import read_settings, say

app = typer.Typer(no_args_is_help=True, help="The database.")


@app.command()
def upgrade() -> None:
    """Bring the database to this release."""
    from bot.operation.serving import open_database  # noqa: PLC0415

    async def run() -> None:
        async with open_database(read_settings(), say):
            say("database: up to date")

    asyncio.run(run())
