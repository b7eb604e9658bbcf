"""A YAML file as the JSON it means, and where in the file each value stands.

YAML is read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), not by PyYAML's 1.1: a
country `NO` is a string, so is a date. What JSON has no word for is refused, and so are a key given twice, anchors
and own tags.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from shared.errors import Malformed, Problem

MAX_CHARACTERS = 1_000_000
"""Characters of one file; a version's state in the store is bounded likewise."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where the wheel has it: ten times faster
_STANDARD_TAG = "tag:yaml.org,2002:"

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True)
class Positioned:
    """A document with the place of each of its values: by JSON pointer, line and column, both from 1."""

    source: str
    content: dict[str, Any]
    places: Mapping[str, tuple[int, int]]

    def position(self, pointer: str) -> str:
        """`rules.yaml:42:7`: where the value at `pointer` stands, or the innermost one around it that the file has."""
        while pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        line, column = self.places[pointer]
        return f"{self.source}:{line}:{column}"


def load(text: str, source: str) -> Positioned:
    """The document in `text`, which people know as `source`. Raises `Malformed`, its field being the place in the
    file.
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed(Problem(source, f"at most {MAX_CHARACTERS} characters expected"))
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise Malformed(Problem(place, f"not YAML: {error.problem}")) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Malformed(Problem(source, f"not YAML: {type(error).__name__}")) from error
    reading = _Reading(source)
    content = reading.value(root, "") if root is not None else None
    if not isinstance(content, dict):
        raise Malformed(Problem(f"{source}:1:1", "an object (key: value) expected"))
    return Positioned(source, content, reading.places)


def content(path: Path) -> dict[str, Any]:
    """Just the content of a file. Raises `Malformed`, and `OSError` where it cannot be read."""
    return load(path.read_text("utf-8"), path.name).content


def bundled(folder: Path) -> dict[str, Callable[[], Mapping[str, Any]]]:
    """By file stem, a function reading that `.yaml` file of `folder`: the copies deployed with the code."""
    return {path.stem: partial(content, path) for path in sorted(folder.glob("*.yaml"))}


class _Reading:
    """One walk through the nodes of a document."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._visited: set[int] = set()
        self.places: dict[str, tuple[int, int]] = {}

    def value(self, node: yaml.Node, pointer: str) -> Any:
        """The JSON value of `node`, which stands at `pointer`."""
        self.places.setdefault(pointer, (node.start_mark.line + 1, node.start_mark.column + 1))
        if id(node) in self._visited:
            raise self._malformed(node, "an anchor cannot be used again here: write the value out")
        self._visited.add(id(node))
        if not node.tag.startswith(_STANDARD_TAG):
            raise self._malformed(node, "a value without a tag expected")
        if isinstance(node, yaml.MappingNode):
            return self._object(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, f"{pointer}/{number}") for number, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        raise self._malformed(node, "a value expected")

    def _object(self, node: yaml.MappingNode, pointer: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str) or not key:
                raise self._malformed(key_node, "a key that is a word expected")
            if key in found:
                raise self._malformed(key_node, "this key was given before")
            below = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            self.places[below] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, below)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        if node.style:  # quoted or a block; a plain one has None here, or "" from libyaml
            return text
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _INT.fullmatch(text):
            return self._number(int, node)
        if _FLOAT.fullmatch(text):
            return self._number(float, node)
        if _NO_NUMBER.fullmatch(text):
            raise self._malformed(node, "a finite number expected")
        return text

    def _number(self, kind: type[int] | type[float], node: yaml.ScalarNode) -> int | float:
        if len(node.value) > 64:
            raise self._malformed(node, "a number of at most 64 digits expected")
        number = kind(node.value)
        if number in {float("inf"), float("-inf")}:
            raise self._malformed(node, "a finite number expected")
        return number

    def _malformed(self, node: yaml.Node, message: str) -> Malformed:
        mark = node.start_mark
        return Malformed(Problem(f"{self._source}:{mark.line + 1}:{mark.column + 1}", message))
