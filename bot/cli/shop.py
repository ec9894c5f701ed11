"""`shouwen shop`: orders of the embedded shop, and trying a shop's own system."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import read_settings, say

app = typer.Typer(no_args_is_help=True, help="The shop's orders.")
_TOKEN_ENV = "SHOUWEN_SHOP_TOKEN"  # noqa: S105


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Orders as .csv, .jsonl or .json.")],
) -> None:
    """Take a file of orders over into the embedded shop: all of it, or, with a fault in it, nothing."""
    from actions.order_files import OrderFileError  # noqa: PLC0415
    from bot.operation.administration import import_order_file  # noqa: PLC0415

    try:
        report = asyncio.run(import_order_file(read_settings(), file, say))
    except (OrderFileError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    for line in report:
        print(line)


@app.command(name="commands")
def list_commands(
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day; else today.")] = None,
) -> None:
    """Print what the chat had the embedded shop do (changes, invoices, instructions), a JSON line each."""
    from bot.operation.administration import list_shop_commands  # noqa: PLC0415

    for command in asyncio.run(list_shop_commands(read_settings(), since=since.date() if since else None)):
        print(json.dumps(command, ensure_ascii=False))


@app.command(name="check")
def check_system(
    url: Annotated[str, typer.Argument(help="The address of the shop's system, as SHOP_URL would be.")],
    token_env: Annotated[str, typer.Option(help="The environment variable with the token.")] = _TOKEN_ENV,
    sent: Annotated[str | None, typer.Option(help="A test order that was sent.")] = None,
    unsent: Annotated[str | None, typer.Option(help="A test order that may be cancelled.")] = None,
    customer: Annotated[str | None, typer.Option(help="The customer (sub) whose the sent one is.")] = None,
) -> None:
    """Try a shop's system against the contract, line by line; commands are tried on its test orders only."""
    from bot.operation.administration import check_shop_system  # noqa: PLC0415

    async def run() -> bool:
        kept = True
        async for verdict in check_shop_system(url, token_env, sent=sent, unsent=unsent, customer=customer):
            kept &= verdict.is_kept
            print(f"{'ok' if verdict.is_kept else '!!'}  {verdict.check}")
            if not verdict.is_kept:
                print(f"    {verdict.fault}\n    {verdict.advice}")
        return kept

    try:
        kept = asyncio.run(run())
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(2) from None
    raise typer.Exit(int(not kept))
