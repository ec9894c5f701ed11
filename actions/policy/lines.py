"""The policy over JSON lines: what `shouwen policy decide` does with its input."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from actions.policy.case import CaseError, parse_case
from actions.policy.engine import decide
from actions.policy.rules import Policy


def decide_lines(lines: Iterable[str], policy: Policy) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield each line's decision and True, or {"error": {field, reason}} and False; blank lines are passed over."""
    for line in lines:
        if line.strip():
            yield _decide_line(line, policy)


def _decide_line(line: str, policy: Policy) -> tuple[dict[str, Any], bool]:
    try:
        return decide(parse_case(json.loads(line)), policy).to_json(), True
    except CaseError as error:
        return {"error": {"field": error.field, "reason": error.reason}}, False
    except (ValueError, RecursionError) as error:
        return {"error": {"field": "", "reason": f"is not JSON: {error}"}}, False
