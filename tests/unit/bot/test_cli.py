"""The command's contracts: JSON lines in, one answer a line out, in order; exit 1 when a line was bad."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from actions.policy.loader import DEFAULT_FILE
from bot.cli import app

GOOD_CASE = {
    "request": "return",
    "reason": "no_reason",
    "at": "2026-03-10T12:00:00+08:00",
    "goods": {"kind": "clothing", "intact": True},
    "order": {
        "amount": "199.00",
        "paid_at": "2026-03-01T10:00:00+08:00",
        "dispatched_at": "2026-03-02T10:00:00+08:00",
        "delivered_at": "2026-03-05T10:00:00+08:00",
        "signed_at": "2026-03-05T10:00:00+08:00",
    },
}
DECISION = {
    "outcome", "remedies", "shipping", "amount", "tier", "rules", "clauses", "evidence_required", "until",
    "explanation",
}  # fmt: skip
GOOD_CLOCK = {
    "tier": "general",
    "clock": "response",
    "start": "2026-03-10T12:00:00+08:00",
    "calendar": None,
    "pauses": [],
}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's `.env` is read."""
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, lines: list[Any] | str = "") -> Result:
    """Run the command with JSON lines, or with any text, as its input."""
    text = lines if isinstance(lines, str) else "".join(json.dumps(line) + "\n" for line in lines)
    return CliRunner().invoke(app, list(arguments), input=text)


def answers(result: Result) -> list[dict[str, Any]]:
    """Return the answers on standard output."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_policy_decides_line_by_line() -> None:
    """Every field of the contract, explained in three languages; blank lines are passed over; exit 0."""
    result = run("policy", "decide", lines="\n".join([json.dumps(GOOD_CASE), "", json.dumps(GOOD_CASE), ""]))
    first, second = answers(result)
    assert 0 == result.exit_code
    assert first == second
    assert set(first) == DECISION
    assert ("accept", ["return.no_reason"]) == (first["outcome"], first["rules"])
    assert {"zh-Hans", "zh-Hant", "en"} == set(first["explanation"])
    assert "3月12日" in first["explanation"]["zh-Hans"]


def test_a_policy_file_is_looked_over(tmp_path: Path) -> None:
    """One line and 0 where nothing is wrong; each finding by file and line, and 1, where something is."""
    fine = run("policy", "check")
    assert (0, 1) == (fine.exit_code, len(fine.stdout.splitlines()))
    path = tmp_path / "mine.yml"
    default = DEFAULT_FILE.read_text(encoding="utf-8")
    path.write_text(default.replace("days: 15\n", "days: 14\n", 1), encoding="utf-8")
    poor = run("policy", "check", str(path))
    line = 1 + next(at for at, text in enumerate(path.read_text().splitlines()) if "days: 14" in text)
    assert 1 == poor.exit_code
    assert f"{path}:{line}: fault.exchange.days = 14: takes a right away" in poor.stdout


def test_the_policy_is_explained_in_the_language_asked_for() -> None:
    """The rules as a table; a file that cannot be used is said plainly."""
    told = run("policy", "explain", "--language", "zh-Hant", "--width", "200")
    assert 0 == told.exit_code
    assert "簽收後7天" in told.stdout
    missing = run("policy", "explain", "missing.yml")
    assert (1, "") == (missing.exit_code, missing.stdout)


@pytest.mark.parametrize("setting", ["POLICY_FILE", "SERVICE_FILE", "FAQ_FILE", "RETENTION_FILE"])
@pytest.mark.parametrize(
    ("content", "line"),
    [(b"- 1\n", 1), (b"", 1), (b"zone: [\n", 2), (b"\xff\xfe no text", 1), (b"entries: 7\nclocks: none\n", 1)],
    ids=["list", "empty", "no_yaml", "no_text", "other_table"],
)
@pytest.mark.parametrize("command", ["up", "serve"])
def test_nothing_starts_on_a_broken_file(
    command: str, content: bytes, line: int, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, line and reason are named, and what to do; no traceback, and nothing was begun."""
    path, data = tmp_path / "mine.yml", tmp_path / "data"
    path.write_bytes(content)
    monkeypatch.setenv("SHOUWEN_DATA_DIR", str(data))
    monkeypatch.setenv(f"SHOUWEN_{setting}", str(path))
    result = run(command)
    assert (1, "") == (result.exit_code, result.stdout)
    assert isinstance(result.exception, SystemExit)
    assert f"SHOUWEN_{setting} cannot be used:\n{path}:{line}: " in result.stderr
    assert "Mend the file and start again" in result.stderr
    assert not data.exists()


def test_a_right_taken_away_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By line, field and value, with the law it is against."""
    path = tmp_path / "mine.yml"
    path.write_text(DEFAULT_FILE.read_text(encoding="utf-8").replace("days: 7\n", "days: 6\n", 1), encoding="utf-8")
    monkeypatch.setenv("SHOUWEN_POLICY_FILE", str(path))
    result = run("up")
    assert 1 == result.exit_code
    assert re.search(r"mine\.yml:\d+: return\.no_reason\.days = 6: takes a right away: the law gives 7", result.stderr)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("request", {**GOOD_CASE, "request": "money"}),
        ("reason", {**GOOD_CASE, "reason": None}),
        ("at", {**GOOD_CASE, "at": "yesterday"}),
        ("at", {**GOOD_CASE, "at": "2026-03-10T12:00:00"}),
        ("goods.kind", {**GOOD_CASE, "goods": {"kind": "spaceship"}}),
        ("goods.intact", {**GOOD_CASE, "goods": {"kind": "clothing", "intact": "yes"}}),
        ("order.amount", {**GOOD_CASE, "order": {**GOOD_CASE["order"], "amount": "-1"}}),  # type: ignore[dict-item]
        ("order.signed_at", {**GOOD_CASE, "order": {**GOOD_CASE["order"], "signed_at": 7}}),  # type: ignore[dict-item]
    ],
)
def test_a_bad_case_is_named_and_the_others_are_decided(field: str, bad: dict[str, Any]) -> None:
    """The answer in its place is an error with field and reason; exit 1."""
    result = run("policy", "decide", lines=[GOOD_CASE, bad, GOOD_CASE])
    first, error, last = answers(result)
    assert 1 == result.exit_code
    assert "accept" == first["outcome"] == last["outcome"]
    assert field == error["error"]["field"]
    assert error["error"]["reason"]


@pytest.mark.parametrize("line", ["{", "[]", "7", '"return"', "null", "[" * 50_000, '{"request": "\\ud800"}', "{}"])
def test_what_is_no_case_is_an_error_line(line: str) -> None:
    """No traceback, whatever stands in the line."""
    for command in (("policy", "decide"), ("sla", "due")):
        result = run(*command, lines=line + "\n")
        assert 1 == result.exit_code
        assert ["error"] == [key for answer in answers(result) for key in answer]


def test_clocks_are_computed_line_by_line() -> None:
    """A deadline and its steps, in order of time."""
    result = run("sla", "due", lines=[GOOD_CLOCK, {**GOOD_CLOCK, "tier": "critical"}])
    general, critical = answers(result)
    assert 0 == result.exit_code
    assert ("2026-03-11T04:00:00+00:00", "2026-03-10T04:30:00+00:00") == (general["due_at"], critical["due_at"])
    instants = [step["at"] for step in critical["steps"]]
    assert sorted(instants) == instants
    assert critical["due_at"] in instants


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("tier", {**GOOD_CLOCK, "tier": "urgent"}),
        ("clock", {**GOOD_CLOCK, "clock": "tea"}),
        ("start", {**GOOD_CLOCK, "start": "2026-03-10T12:00:00"}),
        ("start", {**GOOD_CLOCK, "start": None}),
        ("calendar", {**GOOD_CLOCK, "calendar": "no such"}),
        ("pauses", {**GOOD_CLOCK, "pauses": {"from": "2026-03-10T13:00:00+08:00"}}),
        ("pauses", {**GOOD_CLOCK, "clock": "resolution", "pauses": [["2026-03-10T13:00:00+08:00"]]}),
    ],
)
def test_a_bad_clock_is_named_and_the_others_are_computed(field: str, bad: dict[str, Any]) -> None:
    """The answer in its place is an error with field and reason; exit 1."""
    result = run("sla", "due", lines=[GOOD_CLOCK, bad, GOOD_CLOCK])
    first, error, last = answers(result)
    assert 1 == result.exit_code
    assert first == last
    assert field == error["error"]["field"]
    assert error["error"]["reason"]


def test_a_faq_file_is_looked_over(tmp_path: Path) -> None:
    """The product's own is whole; in another, every fault is named with its line."""
    result = run("faq", "check")
    assert (0, True) == (result.exit_code, "39 entries" in result.stdout)
    path = tmp_path / "faq.yml"
    path.write_text("entries:\n  - id: a\n    questions: {en: [b]}\n", encoding="utf-8")
    result = run("faq", "check", str(path))
    assert 1 == result.exit_code
    assert f"{path}:2: a.answers: is missing" in result.stdout
    assert f"{path}:3: a.questions.zh-Hans: the translation is missing" in result.stdout
    result = run("faq", "check", str(tmp_path / "none.yml"))
    assert (1, True) == (result.exit_code, "can't be read" in result.stdout)


@pytest.mark.parametrize(("command", "option"), [(("policy", "decide"), "--policy"), (("sla", "due"), "--service")])
def test_a_file_that_cannot_be_used_is_said_plainly(command: tuple[str, ...], option: str, tmp_path: Path) -> None:
    """Missing, no YAML, or not what it should be: named on standard error, nothing on standard output, exit 1."""
    for name, content in (("missing.yml", None), ("broken.yml", "a: [\n"), ("other.yml", "hello: world\n")):
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        result = run(*command, option, str(path), lines=[GOOD_CASE])
        assert (1, "") == (result.exit_code, result.stdout)
        assert name in result.stderr
        assert "Traceback" not in result.stderr


def test_a_wrong_setting_stops_the_command_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, before anything is read."""
    monkeypatch.setenv("SHOUWEN_PORT", "eighty")
    result = run("policy", "decide", lines=[GOOD_CASE])
    assert (2, "") == (result.exit_code, result.stdout)
    assert "SHOUWEN_PORT" in result.stderr


@pytest.mark.parametrize("group", ["", "nlu", "policy", "faq", "sla", "db", "people", "audit"])
def test_help_names_every_command(group: str) -> None:
    """`shouwen` and each group explain themselves."""
    result = run(*([group] if group else []), "--help")
    assert 0 == result.exit_code
    assert "Usage" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["https://shop.example.com", "--token-env", "NO_SUCH"], "no token in the environment variable NO_SUCH"),
        (["http://shop.example.com", "--token-env", "TOKEN"], "must be https"),
        (["https://shop.example.com", "--token-env", "TOKEN", "--sent", "1"], "belong together"),
    ],
)
def test_a_shop_is_not_checked_with_half_of_what_it_takes(
    arguments: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, nothing is asked of anybody."""
    monkeypatch.setenv("TOKEN", "a-token-of-the-shop")
    result = run("shop", "check", *arguments)
    assert 2 == result.exit_code
    assert reason in result.stderr


def test_a_person_for_a_desk_that_is_not_there() -> None:
    """A slip of the pen would make somebody whom no ticket ever reaches; the desks that there are are named."""
    result = run("people", "add", "--login", "zed", "--name", "Zed", "--role", "agent", "--desk", "mars")
    assert 1 == result.exit_code
    assert "desk 'mars' is none of: order, logistics" in result.output
