"""A YAML file as the JSON it means, and where in the file each value stands.

YAML is read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), not by PyYAML's 1.1: a
country `NO` is a string, so is a date. What JSON has no word for is refused, and so are a key given twice, anchors
and own tags.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from shared.catalogue.yaml_problems import needs_quotes, unprintable
from shared.errors import Malformed, Problem
from shared.json_pointer import escaped

MAX_CHARACTERS = 1_000_000
"""Characters of one file; a version's state in the store is bounded likewise."""

MAX_DEPTH = 64
"""Levels of nesting; PyYAML itself would fall off the stack."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where the wheel has it: ten times faster

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Positioned(msgspec.Struct, frozen=True):
    """A document with the place of each of its values: by JSON pointer, line and column, both from 1.

    `first_characters` are those of texts that stand in the file line by line as they are.
    """

    source: str
    content: dict[str, Any]
    positions: Mapping[str, tuple[int, int]]
    first_characters: Mapping[str, tuple[int, int]]

    def position(self, pointer: str) -> str:
        """`rules.yaml:42:7`: where the value at `pointer` stands, or the innermost one around it that the file has."""
        while pointer not in self.positions:
            pointer = pointer.rpartition("/")[0]
        line, column = self.positions[pointer]
        return f"{self.source}:{line}:{column}"

    def position_inside(self, pointer: str, line: int, column: int) -> str | None:
        """Where a character of the text at `pointer` stands, by its line and column in that text, both from 1.

        `None` for what is no text, and for one that the file breaks into lines of its own.
        """
        first = self.first_characters.get(pointer)
        if first is None:
            return None
        return f"{self.source}:{first[0] + line - 1}:{first[1] + column - 1}"


def load(text: str, source: str) -> Positioned:
    """The document in `text`, which people know as `source`. Raises `Malformed`, its field being the place in the
    file.
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed(Problem(source, f"at most {MAX_CHARACTERS} characters expected"))
    try:
        return _Reader(text, source).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        position = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        lines = text.splitlines()[mark.line : mark.line + 1] if mark else []
        raise Malformed(Problem(position, f"not YAML: {error.problem}{needs_quotes(''.join(lines))}")) from error
    except yaml.YAMLError as error:
        raise Malformed(unprintable(text, source) or Problem(source, f"not YAML: {type(error).__name__}")) from error


def content(path: Path) -> dict[str, Any]:
    """Just the content of a file. Raises `Malformed`, and `OSError` where it cannot be read."""
    return load(path.read_text("utf-8"), path.name).content


def dump(content: Mapping[str, Any]) -> str:
    """`content` as YAML for people, which `load` reads back as the same; an expression of several lines stays so."""
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    mistaken = any(pattern.fullmatch(text) for pattern in (_NULL, _BOOL, _INT, _FLOAT, _NO_NUMBER))
    style = "'" if mistaken else "|" if "\n" in text.rstrip("\n") else None
    if not text.replace("\n", "").isprintable():
        style = '"'  # the only style with escapes
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _string)


class _Reader:
    """One walk over the events of a document, as the parser finds them."""

    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._events = yaml.parse(text, Loader=_LOADER)
        self._lines = text.splitlines()
        self._positions: dict[str, tuple[int, int]] = {}
        self._first_characters: dict[str, tuple[int, int]] = {}

    def document(self) -> Positioned:
        """The one document of the text."""
        event = next(self._events)
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = next(self._events)
        if not isinstance(event, yaml.MappingStartEvent):
            raise Malformed(Problem(f"{self._source}:1:1", "an object (key: value) expected"))
        value = self._value(event, "", 1)
        next(self._events)
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise self._malformed(following, "one document expected")
        return Positioned(self._source, value, self._positions, self._first_characters)

    def _value(self, event: yaml.Event, pointer: str, depth: int) -> Any:
        """The JSON value that begins with `event` and stands at `pointer`."""
        self._positions.setdefault(pointer, _position(event))
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            message = f"the value itself expected, not a reference to another{self._hint(event)}"
            raise self._malformed(event, message)
        if event.tag is not None or event.anchor is not None:
            raise self._malformed(event, f"a value without a tag or anchor expected{self._hint(event)}")
        if depth > MAX_DEPTH:
            raise self._malformed(event, f"at most {MAX_DEPTH} levels expected")
        if isinstance(event, yaml.MappingStartEvent):
            return self._object(pointer, depth)
        if isinstance(event, yaml.ScalarEvent):
            self._note_text(event, pointer)
            return self._scalar(event)
        return self._array(pointer, depth)

    def _object(self, pointer: str, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or not event.value:
                raise self._malformed(event, "a key that is a word expected")
            if event.value in members:
                raise self._malformed(event, "this key was given before")
            below = f"{pointer}/{escaped(event.value)}"
            self._positions[below] = _position(event)
            members[event.value] = self._value(next(self._events), below, depth + 1)
        return members

    def _array(self, pointer: str, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, f"{pointer}/{len(items)}", depth + 1))
        return items

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if event.style:  # quoted or a block; a plain one has None here, or "" from libyaml
            return text
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _INT.fullmatch(text):
            return self._number(int, event)
        if _FLOAT.fullmatch(text):
            return self._number(float, event)
        if _NO_NUMBER.fullmatch(text):
            raise self._malformed(event, "a finite number expected")
        return text

    def _note_text(self, event: yaml.ScalarEvent, pointer: str) -> None:
        """Note where a text begins, if each of its lines is one of the file's."""
        line, column = _position(event)
        if event.style == "|":
            below = next((text for text in self._lines[line:] if text.strip()), "")
            self._first_characters[pointer] = (line + 1, len(below) - len(below.lstrip()) + 1)
        elif event.style != ">" and self._lines[line - 1][column - 1 :].find(event.value) in {0, 1}:
            self._first_characters[pointer] = (line, column + (1 if event.style else 0))

    def _number(self, kind: type[int] | type[float], event: yaml.ScalarEvent) -> int | float:
        if len(event.value) > 64:
            raise self._malformed(event, "a number of at most 64 digits expected")
        number = kind(event.value)
        if number in {float("inf"), float("-inf")}:
            raise self._malformed(event, "a finite number expected")
        return number

    def _hint(self, event: yaml.Event) -> str:
        return needs_quotes(self._lines[_position(event)[0] - 1])

    def _malformed(self, event: yaml.Event, message: str) -> Malformed:
        line, column = _position(event)
        return Malformed(Problem(f"{self._source}:{line}:{column}", message))


def _position(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark  # never None in what a parser gives
    return mark.line + 1, mark.column + 1
