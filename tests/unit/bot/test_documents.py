"""What README, the how-to pages and `deploy/` name exists: settings, commands, files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from bot.cli import app
from bot.settings import PREFIX, Settings

PROJECT = Path(__file__).parent.parent.parent.parent
WRITTEN = sorted([PROJECT / "README.md", *PROJECT.glob("docs/how-to/*.md"), *PROJECT.glob("deploy/*")])
# A command in a line that is typed or run: what follows the program's name in the same line.
_CALL = re.compile(r"(?:^|[\s/`])shouwen (?!shouwen)([a-z]+)(?: ([a-z]+))?", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def named(path: Path) -> str:
    """A test's name of a file."""
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_every_setting_exists(path: Path) -> None:
    """With its prefix, as it is set."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set() == set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", path.read_text())) - known


def test_every_setting_is_explained() -> None:
    """In README's table, without the prefix."""
    rows = [line.split("|")[1] for line in (PROJECT / "README.md").read_text().splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert {name.upper() for name in Settings.model_fields} == explained


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_every_command_exists(path: Path) -> None:
    """What stands in lines of code, after the program's name."""
    assert [] == [call for call in _calls(path) if not _exists(*call)]


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text()
    code = text if path.suffix != ".md" else "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    for line in code.splitlines():
        before, _, _ = line.partition("#")
        yield from _CALL.findall(before)


def _exists(name: str, below: str) -> bool:
    command = typer.main.get_command(app)
    found = getattr(command, "commands", {}).get(name)
    deeper = getattr(found, "commands", None)
    return found is not None and (deeper is None or below in deeper)


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.suffix == ".md"], ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    """To a file of this project."""
    links = _LINK.findall(path.read_text())
    assert [] == [link for link in links if not (path.parent / link).exists()]
