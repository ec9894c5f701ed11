"""The `shouwen` command. Everything heavy is imported by the command that needs it."""

import asyncio
import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

if TYPE_CHECKING:
    from actions.policy import Policy
    from bot.nlu.rasa_server import RasaAddress
    from bot.settings import Settings
    from escalation.service_levels import ServiceLevels

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="首問: customer service for an online shop.",
)
nlu = typer.Typer(no_args_is_help=True, help="Understanding: train the model, read texts, measure it.")
policy = typer.Typer(no_args_is_help=True, help="The shop's return and repair policy.")
sla = typer.Typer(no_args_is_help=True, help="Clocks and deadlines.")
db = typer.Typer(no_args_is_help=True, help="The database.")
people = typer.Typer(no_args_is_help=True, help="The people who work with shouwen.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
shop = typer.Typer(no_args_is_help=True, help="The shop's orders.")
faq = typer.Typer(no_args_is_help=True, help="What the shop has answered once.")
outbox = typer.Typer(no_args_is_help=True, help="Messages on their way to customers.")
_GROUPS = {"nlu": nlu, "policy": policy, "sla": sla, "shop": shop, "db": db, "people": people, "audit": audit}
_GROUPS |= {"outbox": outbox, "faq": faq}
for name, group in _GROUPS.items():
    app.add_typer(group, name=name)

_TOKEN_ENV = "SHOUWEN_SHOP_TOKEN"  # noqa: S105
EngineOption = Annotated[Literal["embedded", "rasa"], typer.Option(help="Which engine reads: embedded or rasa.")]


def say(line: str) -> None:
    """Show progress; standard output belongs to the answers."""
    print(line, file=sys.stderr, flush=True)


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
    from bot.database import DatabaseError  # noqa: PLC0415
    from bot.doctor import examine  # noqa: PLC0415

    async def run() -> bool:
        fine = True
        async for finding in examine(_settings(), say):
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


@outbox.command()
def show() -> None:
    """List what could not be handed to its channel: when, which, why."""
    from bot.administration import list_dead  # noqa: PLC0415

    for line in asyncio.run(list_dead(_settings())):
        print(line)


@outbox.command()
def replay(
    message: Annotated[UUID | None, typer.Option(help="This one alone, by the id that show tells.")] = None,
) -> None:
    """Try again what was given up."""
    from bot.administration import replay_outbox  # noqa: PLC0415

    print(f"{asyncio.run(replay_outbox(_settings(), message_id=message))} will be tried again")


@nlu.command()
def train(force: Annotated[bool, typer.Option(help="Even if the model is not stale.")] = False) -> None:
    """Train the text model from nlu_data/ and store it."""
    from bot.nlu.commands import train as train_model  # noqa: PLC0415
    from bot.nlu.data import TrainingDataError  # noqa: PLC0415

    settings = _settings()
    try:
        print(train_model(settings.nlu_data, settings.data_dir, say, force=force))
    except TrainingDataError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@nlu.command()
def parse(engine: EngineOption = "embedded") -> None:
    """Read JSON lines {"text"} from standard input; one reading a line comes out."""
    from bot.nlu.commands import parse_lines  # noqa: PLC0415
    from bot.nlu.data import TrainingDataError  # noqa: PLC0415
    from bot.nlu.dates import find_dates  # noqa: PLC0415
    from bot.nlu.reading import InterpreterError  # noqa: PLC0415
    from escalation.ports import SystemClock  # noqa: PLC0415

    settings = _settings()
    clock, zone = SystemClock(), _load_levels(settings.service_file).working_hours.zone
    try:
        code = parse_lines(
            sys.stdin, sys.stdout.write, engine=engine, nlu_data=settings.nlu_data, data_dir=settings.data_dir,
            find_dates=lambda text: find_dates(text, at=clock.now(), zone=zone), progress=say,
            rasa=_rasa_address(settings),
        )  # fmt: skip
    except (InterpreterError, TrainingDataError) as error:
        say(f"shouwen: {error}")
        code = 1
    raise typer.Exit(code)


@nlu.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Where the labelled *.jsonl files lie.")],
    engine: EngineOption = "embedded",
    out: Annotated[Path | None, typer.Option(help="The report's file; else one under DATA_DIR/reports.")] = None,
) -> None:
    """Measure an engine on labelled texts: a table, and a report as one HTML file."""
    from bot.nlu.commands import evaluate as measure  # noqa: PLC0415
    from bot.nlu.data import TrainingDataError  # noqa: PLC0415
    from bot.nlu.evaluation import EvaluationError  # noqa: PLC0415
    from bot.nlu.reading import InterpreterError  # noqa: PLC0415
    from escalation.ports import SystemClock  # noqa: PLC0415

    settings = _settings()
    try:
        code = measure(
            folder, sys.stdout.write, engine=engine, nlu_data=settings.nlu_data, data_dir=settings.data_dir,
            clock=SystemClock(), progress=say, rasa=_rasa_address(settings), out=out,
        )  # fmt: skip
    except (EvaluationError, InterpreterError, TrainingDataError, OSError) as error:
        say(f"shouwen: {error}")
        code = 1
    raise typer.Exit(code)


@policy.command()
def decide(
    file: Annotated[Path | None, typer.Option("--policy", help="A policy file instead of the shop's.")] = None,
) -> None:
    """Decide cases: JSON lines in, decisions out (docs/reference/policy.md)."""
    from actions.policy import decide_lines  # noqa: PLC0415

    rules = _load_policy(file or _settings().policy_file)
    bad = False
    for answer, fine in decide_lines(sys.stdin.buffer, rules):
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        bad |= not fine
    raise typer.Exit(int(bad))


@policy.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A policy file instead of the shop's.")] = None,
) -> None:
    """Look a policy file over: gaps, overlaps, unreachable rules, missing translations, rights taken away."""
    from actions.policy.check import check_policy  # noqa: PLC0415
    from actions.policy.loader import DEFAULT_FILE  # noqa: PLC0415

    summary, faults = check_policy(file or _settings().policy_file or DEFAULT_FILE)
    print("\n".join(map(str, faults)) or summary)
    raise typer.Exit(int(bool(faults)))


@policy.command(name="explain")
def explain_policy(
    file: Annotated[Path | None, typer.Argument(help="A policy file instead of the shop's.")] = None,
    language: Annotated[Literal["zh-Hans", "zh-Hant", "en"], typer.Option(help="Of the table.")] = "en",
    width: Annotated[int | None, typer.Option(min=20, help="Of its lines; else the terminal's.")] = None,
) -> None:
    """Show the rules as a table: when, what is open, until when, who pays, by which clause, in force when."""
    from actions.policy.table import render_table  # noqa: PLC0415

    rules = _load_policy(file or _settings().policy_file)
    for line in render_table(rules, language=language, width=width or shutil.get_terminal_size().columns):
        print(line)


@faq.command(name="check")
def check_faq(
    file: Annotated[Path | None, typer.Argument(help="A FAQ file instead of the shop's.")] = None,
) -> None:
    """Look a FAQ file over: every fault by line, field and reason."""
    from actions.faq import FaqError, load_faq  # noqa: PLC0415
    from actions.faq.loader import DEFAULT_FILE  # noqa: PLC0415

    path = file or _settings().faq_file or DEFAULT_FILE
    try:
        entries = load_faq(path).entries.values()
    except FaqError as error:
        print(error)
        raise typer.Exit(1) from None
    print(f"{path}: {len(entries)} entries, {sum(len(entry.variants) for entry in entries)} ways to ask")


@faq.command(name="export")
def export_faq(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; else it is printed.")] = None,
) -> None:
    """Write the FAQ in force, with what people have edited on the console, as a file that FAQ_FILE takes."""
    from actions.faq import FaqError  # noqa: PLC0415
    from bot.administration import export_faq as export  # noqa: PLC0415

    try:
        text = asyncio.run(export(_settings()))
        if file is not None:
            file.write_text(text, encoding="utf-8")
    except (FaqError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    print(text if file is None else f"{file}: written", end="" if file is None else "\n")


@sla.command()
def due(
    file: Annotated[Path | None, typer.Option("--service", help="A service file instead of the shop's.")] = None,
) -> None:
    """Compute deadlines: JSON lines {"tier","clock","start","calendar","pauses"} in, {"due_at","steps"} out."""
    from escalation.sla import compute_due_line  # noqa: PLC0415

    levels = _load_levels(file or _settings().service_file)
    bad = False
    for line in filter(str.strip, sys.stdin):
        answer = compute_due_line(levels, line)
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        bad |= "error" in answer
    raise typer.Exit(int(bad))


@db.command()
def upgrade() -> None:
    """Bring the database to this release."""
    from bot.serving import open_database  # noqa: PLC0415

    async def run() -> None:
        async with open_database(_settings(), say):
            say("database: up to date")

    asyncio.run(run())


@shop.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Orders as .csv, .jsonl or .json.")],
) -> None:
    """Take a file of orders over into the embedded shop: all of it, or, with a fault in it, nothing."""
    from actions.order_files import OrderFileError  # noqa: PLC0415
    from bot.administration import import_order_file  # noqa: PLC0415

    try:
        report = asyncio.run(import_order_file(_settings(), file, say))
    except (OrderFileError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    for line in report:
        print(line)


@shop.command(name="commands")
def list_commands(
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day; else today.")] = None,
) -> None:
    """Print what the chat had the embedded shop do (changes, invoices, instructions), a JSON line each."""
    from bot.administration import list_shop_commands  # noqa: PLC0415

    for command in asyncio.run(list_shop_commands(_settings(), since=since.date() if since else None)):
        print(json.dumps(command, ensure_ascii=False))


@shop.command(name="check")
def check_system(
    url: Annotated[str, typer.Argument(help="The address of the shop's system, as SHOP_URL would be.")],
    token_env: Annotated[str, typer.Option(help="The environment variable with the token.")] = _TOKEN_ENV,
    sent: Annotated[str | None, typer.Option(help="A test order that was sent.")] = None,
    unsent: Annotated[str | None, typer.Option(help="A test order that may be cancelled.")] = None,
    customer: Annotated[str | None, typer.Option(help="The customer (sub) whose the sent one is.")] = None,
) -> None:
    """Try a shop's system against the contract, line by line; commands are tried on its test orders only."""
    from bot.administration import check_shop_system  # noqa: PLC0415

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


@people.command()
def add(
    login: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option(help="As customers see it.")],
    role: Annotated[str, typer.Option(help="agent, team_lead, supervisor, operations_manager, auditor, admin, ...")],
    desk: Annotated[str | None, typer.Option(help="order, logistics, quality, after_sales, complaint")] = None,
    token: Annotated[bool, typer.Option(help="Print an API token too.")] = False,
    email: Annotated[str | None, typer.Option(help="Where notices reach them.")] = None,
) -> None:
    """Add a person; prints a one-time password (and a token), once."""
    from bot.administration import add_person  # noqa: PLC0415

    try:
        made = asyncio.run(
            add_person(_settings(), login=login, name=name, role=role, desk=desk, token=token, email=email)
        )
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None
    print(f"password: {made.password}")
    if made.token:
        print(f"token: {made.token}")


@people.command()
def contact(
    login: Annotated[str, typer.Option()],
    email: Annotated[str | None, typer.Option(help="Where notices reach them; '' takes it away.")] = None,
    language: Annotated[
        Literal["zh-Hans", "zh-Hant", "en", ""] | None, typer.Option(help="Of their notices; '' is the shop's.")
    ] = None,
) -> None:
    """Change where, and in which language, notices reach a person."""
    from bot.administration import set_contact  # noqa: PLC0415

    try:
        asyncio.run(set_contact(_settings(), login=login, email=email, language=language))
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@people.command()
def reset(login: Annotated[str, typer.Option()]) -> None:
    """Print a new one-time password, once; every sign-in and the API token end."""
    from bot.administration import reset_person  # noqa: PLC0415

    try:
        print(f"password: {asyncio.run(reset_person(_settings(), login=login))}")
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@people.command()
def deactivate(login: Annotated[str, typer.Option()]) -> None:
    """Close an account: every sign-in and the API token end, tickets pass to the desk's lead."""
    from bot.administration import deactivate_person  # noqa: PLC0415

    try:
        asyncio.run(deactivate_person(_settings(), login=login))
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@people.command()
def telegram(login: Annotated[str, typer.Option()]) -> None:
    """Print what a person sends to the shop's bot on Telegram, within 15 minutes, to get their notices there."""
    from bot.administration import make_telegram_code  # noqa: PLC0415

    try:
        print(f"/link {asyncio.run(make_telegram_code(_settings(), login=login))}")
    except ValueError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@audit.command()
def verify() -> None:
    """Check every chain of the audit log; names the first broken entry."""
    from bot.administration import verify_audit  # noqa: PLC0415

    broken = asyncio.run(verify_audit(_settings()))
    print("audit log: whole" if broken is None else f"audit log: broken at {broken}")
    raise typer.Exit(int(broken is not None))


def _load_policy(path: Path | None) -> "Policy":
    """Return what the policy file says, or the default; a faulty one ends the command."""
    from actions.policy import PolicyError, load_default_policy, load_policy  # noqa: PLC0415

    try:
        return load_policy(path) if path else load_default_policy()
    except (PolicyError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


def _load_levels(path: Path | None) -> "ServiceLevels":
    """Return what the service file says, or the default; a faulty one ends the command."""
    from escalation.service_levels import (  # noqa: PLC0415
        ServiceLevelsError,
        load_default_service_levels,
        load_service_levels,
    )

    try:
        return load_service_levels(path) if path else load_default_service_levels()
    except (ServiceLevelsError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


def _rasa_address(settings: "Settings") -> "RasaAddress | None":
    """Return the operator's own Rasa server; None means the one that was started for this data directory."""
    from bot.nlu.understanding import parse_address  # noqa: PLC0415

    return parse_address(settings.rasa_url) if settings.rasa_url else None


def _run(*, demo: bool, with_rasa: bool) -> None:
    import uvloop  # noqa: PLC0415

    from bot.database import DatabaseError  # noqa: PLC0415
    from bot.serving import StartError, run_all  # noqa: PLC0415

    try:
        # A tenth of a turn's time is the event loop's own: this one needs less of it.
        uvloop.run(run_all(_settings(), demo=demo, with_rasa=with_rasa, progress=say))
    except (StartError, DatabaseError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


def _settings() -> "Settings":
    from bot.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        return load_settings()
    except SettingsError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(2) from None


def main() -> None:
    """Run the command."""
    app()
