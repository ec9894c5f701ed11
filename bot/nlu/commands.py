"""What `shouwen nlu ...` does. `bot/cli.py` opens the streams and turns the returned code into the exit code.

train(nlu_data, data_dir, progress) -> Path                        # trains if stale; the exported model's folder
parse_lines(lines, write, engine=..., nlu_data=..., data_dir=..., rasa_url=None) -> int   # 0, or 1 after a bad line
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal


def train(nlu_data: Path, data_dir: Path, progress: Callable[[str], None], *, force: bool = False) -> Path:
    """Train the text model if it is stale (or `force`), and return its folder."""
    raise NotImplementedError


def parse_lines(
    lines: Iterable[str],
    write: Callable[[str], None],
    *,
    engine: Literal["embedded", "rasa"] = "embedded",
    nlu_data: Path,
    data_dir: Path,
    rasa_url: str | None = None,
) -> int:
    """Read JSON lines `{"text": ...}`, write one JSON line each, in order; return 1 if any line was bad, else 0."""
    raise NotImplementedError
