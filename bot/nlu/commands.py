"""What `shouwen nlu ...` does. `bot/cli/nlu.py` opens the streams and turns the returned code into the exit code.

train(nlu_data, data_dir, progress) -> Path                # trains if stale; the exported model's folder
parse_lines(lines, write, engine=..., nlu_data=..., data_dir=..., find_dates=..., progress=..., rasa=None) -> int
evaluate(folder, write, engine=..., nlu_data=..., data_dir=..., clock=..., progress=..., rasa=None, out=None) -> int
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from bot.nlu.analysis import TextReader
from bot.nlu.dates import add_dates
from bot.nlu.embedded import load_reader
from bot.nlu.evaluation import judge, load_labelled
from bot.nlu.evaluation_report import FileReport, Report, format_table, write_report
from bot.nlu.model_store import find_models_folder, prepare_text_model
from bot.nlu.rasa_client import RasaInterpreter
from bot.nlu.rasa_server import RasaAddress, read_address
from bot.nlu.reading import Entity, Reading
from escalation.ports import Clock

Progress = Callable[[str], None]
FindDates = Callable[[str], tuple[Entity, ...]]
ReadMany = Callable[[Sequence[str]], Sequence[Reading]]

_BATCH = 256
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def train(nlu_data: Path, data_dir: Path, progress: Progress, *, force: bool = False) -> Path:
    """Train the text model if it is stale (or `force`), and return its folder.

    Raises:
        TrainingDataError: the training data has a broken line.
    """
    model = prepare_text_model(nlu_data, data_dir, progress, force=force)
    return find_models_folder(data_dir) / model.fingerprint


def parse_lines(
    lines: Iterable[str],
    write: Callable[[str], object],
    *,
    engine: Literal["embedded", "rasa"] = "embedded",
    nlu_data: Path,
    data_dir: Path,
    find_dates: FindDates = lambda _: (),
    progress: Progress = lambda _: None,
    rasa: RasaAddress | None = None,
) -> int:
    """Read JSON lines `{"text": ...}`, write one JSON line each (with its newline), in order.

    `find_dates` knows what day it is; without it there are none. `rasa` is the server to ask; None: the one started
    for this data directory. Returns 1 if any line was bad, else 0.

    Raises:
        InterpreterError: the Rasa engine is asked for and does not answer.
    """
    read_many, _ = _open_engine(engine, nlu_data, data_dir, progress, rasa)
    bad = 0
    remaining = iter(lines)
    while batch := list(islice(remaining, _BATCH)):
        for answer in answer_batch(batch, lambda texts: _add_dates(read_many(texts), find_dates)):
            bad += "error" in answer
            write(_dump(answer) + "\n")
    return 1 if bad else 0


def evaluate(
    folder: Path,
    write: Callable[[str], object],
    *,
    engine: Literal["embedded", "rasa"] = "embedded",
    nlu_data: Path,
    data_dir: Path,
    clock: Clock,
    progress: Progress = lambda _: None,
    rasa: RasaAddress | None = None,
    out: Path | None = None,
) -> int:
    """Measure an engine on the labelled files of a folder: write a table, store a report.

    `out` is the report's file; None means one named by the time under `data_dir`. Broken lines are told and left out.
    Returns 1 if there were any, else 0.

    Raises:
        EvaluationError: there is nothing to measure.
        InterpreterError: the Rasa engine is asked for and does not answer.
        OSError: a file cannot be read, or the report not be written.
    """
    labelled = load_labelled(folder)
    read_many, model = _open_engine(engine, nlu_data, data_dir, progress, rasa)
    files = []
    for file in labelled:
        progress(f"Reading {file.name} ({len(file.rows)} rows)")
        files.append(FileReport(file.name, judge(file.rows, read_many([row.text for row in file.rows]))))
    broken = [line for file in labelled for line in file.broken]
    made_at = clock.now()
    report = Report(folder, engine, model, made_at, files, broken)
    write(format_table(report) + "\n")
    for line in broken:
        progress(str(line))
    progress(f"Report: {write_report(report, out or data_dir / 'reports' / f'nlu-{made_at:%Y%m%d-%H%M%S}.html')}")
    return 1 if broken else 0


def answer_batch(lines: Sequence[str], read_many: ReadMany) -> Iterator[dict[str, Any]]:
    """Yield one answer a line, blank lines left out: a reading, or an error that says what was wrong."""
    asked = [_read_line(line) for line in lines if line.strip()]
    readings = iter(read_many([item for item in asked if isinstance(item, str)]))
    for item in asked:
        yield describe_reading(next(readings)) if isinstance(item, str) else item


def describe_reading(reading: Reading) -> dict[str, Any]:
    """Return a reading in the form of the public interface."""
    return {
        "text": reading.text,
        "intent": reading.intent,
        "category": reading.category,
        "confidence": round(reading.confidence, 4),
        "unsure": reading.unsure,
        "language": reading.language,
        "entities": [
            {"name": entity.name, "value": entity.value, "start": entity.start, "end": entity.end}
            for entity in reading.entities
        ],
        "also": list(reading.also),
        "engine": reading.engine,
    }


def _dump(answer: dict[str, Any]) -> str:
    """Return the answer as JSON; escaped where the customer's text holds half a character that UTF-8 cannot write."""
    written = json.dumps(answer, ensure_ascii=False)
    return json.dumps(answer) if _HALF_CHARACTER.search(written) else written


def _read_line(line: str) -> str | dict[str, str]:
    try:
        document = json.loads(line)
    except ValueError as error:
        return {"error": f"not JSON: {error}"}
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        return {"error": "field `text` is missing or not a string"}
    return str(document["text"])


def _open_engine(
    engine: str, nlu_data: Path, data_dir: Path, progress: Progress, rasa: RasaAddress | None
) -> tuple[ReadMany, str | None]:
    """Return what reads texts, and the model's fingerprint where the engine tells it."""
    if engine == "embedded":
        reader = load_reader(nlu_data, data_dir, progress)
        return lambda texts: _read_in_batches(reader, texts), reader.fingerprint
    return lambda texts: asyncio.run(_ask_rasa(texts, rasa or read_address(data_dir))), None


def _add_dates(readings: Sequence[Reading], find_dates: FindDates) -> list[Reading]:
    return [add_dates(reading, find_dates(reading.text)) for reading in readings]


def _read_in_batches(reader: TextReader, texts: Sequence[str]) -> list[Reading]:
    """A file's worth of texts at once would cost memory without end."""
    starts = range(0, len(texts), _BATCH)
    return [reading for start in starts for reading in reader.read(texts[start : start + _BATCH], engine="embedded")]


async def _ask_rasa(texts: Sequence[str], address: RasaAddress | None) -> list[Reading]:
    interpreter = RasaInterpreter(lambda: address)
    try:
        return [await interpreter.parse(text) for text in texts]
    finally:
        await interpreter.close()
