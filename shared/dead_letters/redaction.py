"""What of a dead letter's body is shown to somebody who looks at it: what its schema says is not about a person.

A field of class none or pseudonymous that keeps its schema is shown. One that is personal, breaks its schema or is in
none says only that it is there: nobody can say what is in it.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from shared import schema_files
from shared.commands.types import command_topics
from shared.errors import Invalid
from shared.http.json_body import json_object
from shared.json_schema import MAX_PROBLEMS, JsonSchema
from shared.privacy import DataClass, data_classes

PERSONAL, WRONG, UNKNOWN = "(personal)", "(breaks its schema)", "(not in the schema)"
"""What stands in the place of a value that is not shown."""

_SHOWN = frozenset({DataClass.NONE, DataClass.PSEUDONYMOUS})
_ENVELOPE = "json/commands/envelope.v1.json"
_INDEX = re.compile(r"/\d+(?=/|$)")


def redacted(body: bytes) -> dict[str, Any] | None:
    """What may be seen of a command's body; `None` where it is no JSON object."""
    try:
        document = json_object(body)
    except Invalid:
        return None
    classes = data_classes(schema_files.load(_ENVELOPE))
    classes.pop("/payload")
    wrong = _wrong(schema_files.load(_ENVELOPE), document, "")
    schema, payload = _payload_schema(document), document.get("payload")
    if schema is not None and isinstance(payload, dict):
        classes |= data_classes(schema, "/payload")
        wrong |= _wrong(schema, payload, "/payload")
    masked: dict[str, Any] = _Redactor(classes, wrong).of(document, "")
    return masked


def _payload_schema(document: Mapping[str, Any]) -> Any:
    """The schema of its type and version; `None` where there is none, whatever a message says they are."""
    kind, version = document.get("type"), document.get("version")
    if not (isinstance(kind, str) and kind in command_topics() and type(version) is int):
        return None
    try:
        return schema_files.load(f"json/commands/{kind}.v{version}.json")
    except FileNotFoundError:
        return None


def _wrong(schema: Mapping[str, Any], value: Mapping[str, Any], pointer: str) -> set[str]:
    """The fields of `schema` that `value` breaks, by pointers that go through an array without an index."""
    try:
        JsonSchema(schema).validate(value)
    except Invalid as error:
        if len(error.problems) >= MAX_PROBLEMS:  # there may be more
            return {*data_classes(schema, pointer)}
        return {_INDEX.sub("", f"{pointer}{problem.field}") for problem in error.problems}
    return set()


class _Redactor:
    """Covers what is not to be seen: what has no class of those that are shown, or is wrong."""

    def __init__(self, classes: Mapping[str, DataClass | None], wrong: Collection[str]) -> None:
        self._classes = classes
        self._wrong = wrong

    def of(self, value: Any, pointer: str) -> Any:
        """`value`, which stands at `pointer`, without what is not to be seen."""
        data_class = self._classes.get(pointer)
        around = any(classified.startswith(f"{pointer}/") for classified in self._classes)
        if isinstance(value, dict) and around:
            return {name: self.of(member, f"{pointer}/{name}") for name, member in value.items()}
        if isinstance(value, list) and (data_class is not None or around):
            return [self.of(item, pointer) for item in value]
        if data_class is None:
            return UNKNOWN
        if data_class not in _SHOWN:
            return PERSONAL
        return WRONG if pointer in self._wrong or isinstance(value, dict) else value
