"""Reads the text of a policy file into tables that know their lines; what stands in them is the loader's to judge."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

# No value of a policy is longer, but for texts; Python would not write a number of thousands of digits back.
_LONGEST_VALUE = 40
_UNREADABLE = "can't be read: "


class SourceError(Exception):
    """A file that is no YAML. `line` is where reading it ended."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = f"{_UNREADABLE}{reason}"


_YAML = "tag:yaml.org,2002:"
_NODES = {
    MappingNode: {f"{_YAML}map"},
    SequenceNode: {f"{_YAML}seq"},
    ScalarNode: {f"{_YAML}{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge")},
}


class _Constructor(RoundTripConstructor):
    """Leaves as it is written what is no value of its kind (2026-02-30), so that it is a fault with its line."""

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        """A policy is words, numbers, lists and tables; what else YAML can be told to make has no place in it."""
        if node.tag not in _NODES[type(node)]:
            raise ConstructorError(None, None, f"the tag {node.tag} is not known here", node.start_mark)
        return super().construct_object(node, deep)

    def construct_mapping(self, node: Node, maptyp: Any, deep: bool = False) -> Any:  # type: ignore[override]
        """A table that is merged with itself is not finished when it is needed; its keys are words."""
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                raise ConstructorError(None, None, "a key is not a word", key.start_mark)
        try:
            return super().construct_mapping(node, maptyp, deep)
        except AttributeError as error:
            raise ConstructorError(None, None, "a table is merged with itself", node.start_mark) from error

    def check_mapping_key(self, _node: Node, key_node: Node, mapping: Any, key: Any, _value: Any) -> bool:
        """Unlike ruamel's own, without what stands at the key: that may be long beyond memory."""
        if key in mapping:
            raise ConstructorError(None, None, f'found duplicate key "{key}"', key_node.start_mark)
        return True


def _or_as_written(tag: str) -> Callable[[_Constructor, ScalarNode], Any]:
    construct = RoundTripConstructor.yaml_constructors[tag]

    def construct_or_leave(constructor: _Constructor, node: ScalarNode) -> Any:
        try:
            return construct(constructor, node) if len(node.value) <= _LONGEST_VALUE else str(node.value)
        except (ValueError, LookupError):
            return str(node.value)

    return construct_or_leave


for _kind in ("int", "float", "bool"):
    _Constructor.add_constructor(f"{_YAML}{_kind}", _or_as_written(f"{_YAML}{_kind}"))
# Days are read by the loader: one there is not would be told without its place.
_Constructor.add_constructor(f"{_YAML}timestamp", lambda _, node: str(node.value))


def read_source(path: Path) -> Any:
    """Return what the file holds.

    Raises:
        SourceError: it is not there, is no UTF-8 text, or no YAML.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise SourceError(1, str(error.strerror or error)) from error
    except UnicodeDecodeError as error:
        raise SourceError(_line_at(raw[: error.start]), "is not UTF-8 text; save it as UTF-8") from error
    try:
        return _make_yaml().load(text)
    except RecursionError as error:
        raise SourceError(1, "too many brackets within one another") from error
    except ReaderError as error:
        line = _line_at(text[: error.position].encode())
        raise SourceError(line, f"unacceptable character #x{error.character:04x}") from error
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        raise SourceError(mark.line + 1 if mark else 1, str(getattr(error, "problem", None) or error)) from error


def _make_yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    # Whoever copies a version copies its anchors, which YAML allows.
    yaml.composer.warn_double_anchors = False
    return yaml


def _line_at(before: bytes) -> int:
    return before.count(b"\n") + 1
