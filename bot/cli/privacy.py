"""`shouwen privacy`: one person's data handed out or erased, and what is kept how long."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import read_settings, say

if TYPE_CHECKING:
    from bot.operation.privacy import Wanted
    from bot.privacy.models import ErasureRow

app = typer.Typer(no_args_is_help=True, help="One person's data: handed out, erased; how long what is kept.")

Customer = Annotated[str | None, typer.Option(help="Their id here, or at the shop.")]
Ticket = Annotated[str | None, typer.Option(help="The number of a ticket of theirs.")]
Order = Annotated[str | None, typer.Option(help="The number of an order of theirs.")]
Email = Annotated[str | None, typer.Option(help="A mail address that they left; '-' reads it from standard input.")]
Phone = Annotated[str | None, typer.Option(help="A telephone number that they left; '-' reads it.")]
Telegram = Annotated[str | None, typer.Option(help="The id of their chat on Telegram; '-' reads it.")]


@app.command()
def export(  # noqa: PLR0917 - each is an option
    file: Annotated[Path, typer.Argument(help="The ZIP file to write, for this person alone to read.")],
    customer: Customer = None,
    ticket: Ticket = None,
    order: Order = None,
    email: Email = None,
    phone: Phone = None,
    telegram: Telegram = None,
    reason: Annotated[str, typer.Option(help="Why, for the log: customer_asked, or another word.")] = "customer_asked",
) -> None:
    """Write all that is known of one person into one file: an overview in their language, JSON, photos."""
    from bot.operation.privacy import SubjectError, export_one  # noqa: PLC0415
    from bot.privacy.erasing import Reason  # noqa: PLC0415

    wanted = _read_wanted(customer=customer, ticket=ticket, order=order, email=email, phone=phone, telegram=telegram)
    try:
        say(asyncio.run(export_one(read_settings(), wanted, file, Reason(reason))).describe())
    except SubjectError as error:
        _tell_several(error)
    except OSError as error:
        say(f"shouwen: {file} cannot be written: {error.strerror}")
        raise typer.Exit(1) from None
    print(file)


@app.command()
def erase(  # noqa: PLR0917 - each is an option
    reason: Annotated[
        str, typer.Option(help="customer_asked, consent_withdrawn, purpose_over, unlawful, account_closed, or words.")
    ],
    customer: Customer = None,
    ticket: Ticket = None,
    order: Order = None,
    email: Email = None,
    phone: Phone = None,
    telegram: Telegram = None,
    despite: Annotated[
        str | None, typer.Option(help="Why it cannot wait for an open ticket, a parcel or what is owed.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase all that is known of one person, for good. Tickets, times, ratings, accounts and the audit log stay."""
    from bot.operation.privacy import SubjectError, describe_person, erase_person  # noqa: PLC0415
    from bot.privacy.erasing import Reason  # noqa: PLC0415
    from escalation.errors import RefusedError  # noqa: PLC0415

    settings = read_settings()
    wanted = _read_wanted(customer=customer, ticket=ticket, order=order, email=email, phone=phone, telegram=telegram)
    try:
        match = asyncio.run(describe_person(settings, wanted))
        say(match.describe())
        if not yes:
            typer.confirm("Erase this person for good?", abort=True, err=True)
        done = asyncio.run(erase_person(settings, match.customer_id, Reason(reason, despite)))
    except SubjectError as error:
        _tell_several(error)
    except RefusedError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    else:
        for line in describe_erasure(done):
            print(line)


def describe_erasure(row: "ErasureRow") -> list[str]:
    """Return what was done, what stays, and why."""
    kept = row.kept
    lines = [
        f"erased: {row.id}, on {row.done_at:%Y-%m-%d %H:%M} UTC",
        f"kept: {kept['tickets']} tickets with states, times and ratings, without a word (figures stay true)",
        f"kept: {kept['orders']} orders and {kept['commands']} things done with them, without who and where "
        "(transactions: at least three years, E-Commerce Law 31; accounts: Accounting Law)",
        "kept: the audit log, which holds ids and digests only",
        "not here: orders in the shop's own system, mail and chats already delivered, older backups (see restore)",
    ]
    lines += [f"ended: ticket {number}" for number in kept.get("ended", ())]
    lines += [f"not done any more, see to it yourself: {what}" for what in kept.get("broken_off", ())]
    return lines


def _tell_several(error: Exception) -> None:
    """List who may be meant, and end: nobody is chosen by chance."""
    say(f"shouwen: {error}")
    for match in getattr(error, "matches", ()):
        print(match.describe())
    raise typer.Exit(1)


def _read_wanted(**given: str | None) -> "Wanted":
    from bot.operation.privacy import Wanted  # noqa: PLC0415
    from bot.privacy.subjects import By  # noqa: PLC0415

    named = {name: value for name, value in given.items() if value is not None}
    if len(named) != 1:
        say(f"shouwen: say who is meant by one of: {', '.join(f'--{name}' for name in given)}")
        raise typer.Exit(2)
    [(name, value)] = named.items()
    # A number on the command line stands in the list of processes.
    value = sys.stdin.readline().strip() if value == "-" else value
    return Wanted(By(name), value)


@app.command()
def erasures() -> None:
    """Print the list of erasures, which holds ids alone: keep it where your backups are, for restore."""
    from bot.operation.privacy import list_erasures  # noqa: PLC0415

    print(asyncio.run(list_erasures(read_settings())), end="")


@app.command()
def apply(file: Annotated[Path, typer.Argument(help="A list that shouwen privacy erasures printed.")]) -> None:
    """Carry out here the erasures of a list; those that were are left."""
    from bot.operation.privacy import apply_erasures  # noqa: PLC0415
    from bot.privacy.ledger import LedgerError  # noqa: PLC0415

    try:
        print(f"{asyncio.run(apply_erasures(read_settings(), file))} erased")
    except (LedgerError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@app.command()
def resume() -> None:
    """Go on with erasures that were broken off; the running app does so by itself."""
    from bot.operation.privacy import resume_erasures  # noqa: PLC0415

    print(f"{asyncio.run(resume_erasures(read_settings()))} went on")


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how much is due.")] = False,
) -> None:
    """Let go of what was kept as long as its class allows, and tell how much; the running app does so every hour."""
    from bot.operation.privacy import find_kept_too_long  # noqa: PLC0415
    from bot.privacy.retention import RetentionError  # noqa: PLC0415

    try:
        for line in asyncio.run(find_kept_too_long(read_settings(), dry_run=dry_run)):
            print(line)
    except (RetentionError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
