"""`shouwen outbox`: what could not be handed to its channel."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from bot.cli.common import read_settings

app = typer.Typer(no_args_is_help=True, help="Messages on their way to customers.")


@app.command()
def show() -> None:
    """List what could not be handed to its channel: when, which, why."""
    from bot.operation.administration import list_dead  # noqa: PLC0415

    for line in asyncio.run(list_dead(read_settings())):
        print(line)


@app.command()
def replay(
    message: Annotated[UUID | None, typer.Option(help="This one alone, by the id that show tells.")] = None,
) -> None:
    """Try again what was given up."""
    from bot.operation.administration import replay_outbox  # noqa: PLC0415

    print(f"{asyncio.run(replay_outbox(read_settings(), message_id=message))} will be tried again")
