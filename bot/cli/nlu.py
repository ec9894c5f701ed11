"""`shouwen nlu`: train the model, read texts, measure an engine."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.common import find_rasa, read_levels, read_settings, say

app = typer.Typer(no_args_is_help=True, help="Understanding: train the model, read texts, measure it.")
EngineOption = Annotated[Literal["embedded", "rasa"], typer.Option(help="Which engine reads: embedded or rasa.")]


@app.command()
def train(force: Annotated[bool, typer.Option(help="Even if the model is not stale.")] = False) -> None:
    """Train the text model from nlu_data/ and store it."""
    from bot.nlu.commands import train as train_model  # noqa: PLC0415
    from bot.nlu.data import TrainingDataError  # noqa: PLC0415

    settings = read_settings()
    try:
        print(train_model(settings.nlu_data, settings.data_dir, say, force=force))
    except TrainingDataError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


@app.command()
def parse(engine: EngineOption = "embedded") -> None:
    """Read JSON lines {"text"} from standard input; one reading a line comes out."""
    from bot.nlu.commands import parse_lines  # noqa: PLC0415
    from bot.nlu.data import TrainingDataError  # noqa: PLC0415
    from bot.nlu.dates import find_dates  # noqa: PLC0415
    from bot.nlu.reading import InterpreterError  # noqa: PLC0415
    from escalation.ports import SystemClock  # noqa: PLC0415

    settings = read_settings()
    clock, zone = SystemClock(), read_levels(settings.service_file).working_hours.zone
    try:
        code = parse_lines(
            sys.stdin, sys.stdout.write, engine=engine, nlu_data=settings.nlu_data, data_dir=settings.data_dir,
            find_dates=lambda text: find_dates(text, at=clock.now(), zone=zone), progress=say,
            rasa=find_rasa(settings),
        )  # fmt: skip
    except (InterpreterError, TrainingDataError) as error:
        say(f"shouwen: {error}")
        code = 1
    raise typer.Exit(code)


@app.command()
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

    settings = read_settings()
    try:
        code = measure(
            folder, sys.stdout.write, engine=engine, nlu_data=settings.nlu_data, data_dir=settings.data_dir,
            clock=SystemClock(), progress=say, rasa=find_rasa(settings), out=out,
        )  # fmt: skip
    except (EvaluationError, InterpreterError, TrainingDataError, OSError) as error:
        say(f"shouwen: {error}")
        code = 1
    raise typer.Exit(code)
