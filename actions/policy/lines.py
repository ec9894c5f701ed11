"""The policy over JSON lines: what `shouwen policy decide` does with its input."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from actions.policy.case import CaseError, parse_case
from actions.policy.engine import decide
from actions.policy.rules import Policy

# An error quotes what it names; a line of megabytes is not said back.
_LONGEST_QUOTE = 200


def decide_lines(lines: Iterable[str | bytes], policy: Policy) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield each line's decision and True, or {"error": {field, reason}} and False; blank lines are passed over.

    Lines of bytes are read as UTF-8; one that is not is a bad line like any other.
    """
    for line in lines:
        if line.strip():
            yield _decide_line(line, policy)


def _decide_line(line: str | bytes, policy: Policy) -> tuple[dict[str, Any], bool]:
    try:
        return decide(parse_case(_read_json(line)), policy).to_json(), True
    except CaseError as error:
        return _tell_error(error.field, error.reason), False
    except UnicodeDecodeError as error:
        return _tell_error("", f"is not UTF-8: {error.reason} at byte {error.start + 1}"), False
    except RecursionError:
        return _tell_error("", "is not JSON of a case: too many brackets within one another"), False
    except ValueError as error:
        return _tell_error("", f"is not JSON: {error}"), False


class _Object(dict[str, Any]):
    """A JSON object that knows which of its fields stands twice: nobody knows which of the two was meant."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(name for name, _ in pairs)
        self.twice = next((name for name in times if times[name] > 1), None)


def _read_json(line: str | bytes) -> Any:
    text = line if isinstance(line, str) else line.decode("utf-8-sig")
    data = json.loads(text.strip(), object_pairs_hook=_Object)
    for field in _find_twice(data, ""):
        raise CaseError(field, "stands twice")
    return data


def _find_twice(data: Any, prefix: str) -> Iterator[str]:
    if isinstance(data, _Object):
        if data.twice is not None:
            yield f"{prefix}{data.twice}"
        for name, value in data.items():
            yield from _find_twice(value, f"{prefix}{name}.")
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from _find_twice(value, f"{prefix.removesuffix('.')}[{at}].")


def _tell_error(field: str, reason: str) -> dict[str, Any]:
    return {"error": {"field": _quote(field), "reason": _quote(reason)}}


def _quote(text: str) -> str:
    """Return a text that can be printed whatever stood in the line: short, and without half characters."""
    short = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
    return short.encode("utf-8", "backslashreplace").decode("utf-8")
