"""`shouwen people`: add, change and close accounts of people who work here."""

import asyncio
from typing import Annotated, Literal

import typer

from bot.cli.common import read_settings, say

app = typer.Typer(no_args_is_help=True, help="The people who work with shouwen.")


@app.command()
def add(
    login: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option(help="As customers see it.")],
    role: Annotated[str, typer.Option(help="agent, team_lead, supervisor, operations_manager, auditor, admin, ...")],
    desk: Annotated[str | None, typer.Option(help="order, logistics, quality, after_sales, complaint")] = None,
    token: Annotated[bool, typer.Option(help="Print an API token too.")] = False,
    email: Annotated[str | None, typer.Option(help="Where notices reach them.")] = None,
) -> None:
    """Add a person; prints a one-time password (and a token), once."""
    from bot.operation.administration import add_person  # noqa: PLC0415

    try:
        made = asyncio.run(
            add_person(read_settings(), login=login, name=name, role=role, desk=desk, token=token, email=email)
        )
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    print(f"password: {made.password}")
    if made.token:
        print(f"token: {made.token}")


@app.command()
def contact(
    login: Annotated[str, typer.Option()],
    email: Annotated[str | None, typer.Option(help="Where notices reach them; '' takes it away.")] = None,
    language: Annotated[
        Literal["zh-Hans", "zh-Hant", "en", ""] | None, typer.Option(help="Of their notices; '' is the shop's.")
    ] = None,
) -> None:
    """Change where, and in which language, notices reach a person."""
    from bot.operation.administration import set_contact  # noqa: PLC0415

    try:
        asyncio.run(set_contact(read_settings(), login=login, email=email, language=language))
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@app.command()
def reset(login: Annotated[str, typer.Option()]) -> None:
    """Print a new one-time password, once; every sign-in and the API token end."""
    from bot.operation.administration import reset_person  # noqa: PLC0415

    try:
        print(f"password: {asyncio.run(reset_person(read_settings(), login=login))}")
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@app.command()
def deactivate(login: Annotated[str, typer.Option()]) -> None:
    """Close an account: every sign-in and the API token end, tickets pass to the desk's lead."""
    from bot.operation.administration import deactivate_person  # noqa: PLC0415

    try:
        asyncio.run(deactivate_person(read_settings(), login=login))
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@app.command()
def telegram(login: Annotated[str, typer.Option()]) -> None:
    """Print what a person sends to the shop's bot on Telegram, within 15 minutes, to get their notices there."""
    from bot.operation.administration import make_telegram_code  # noqa: PLC0415

    try:
        print(f"/link {asyncio.run(make_telegram_code(read_settings(), login=login))}")
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
