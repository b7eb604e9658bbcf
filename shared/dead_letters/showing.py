"""What of a dead letter's body is shown to somebody who looks at it: what its schema says is not about a person.

A field of class none or pseudonymous is shown, a personal one says only that it is there, and so does one that no
schema knows, since nobody has said what is in it.
"""

from collections.abc import Mapping
from typing import Any

from shared import contracts
from shared.commands.types import command_topics
from shared.errors import Invalid
from shared.http.json_body import json_object
from shared.privacy import DataClass, data_classes

HIDDEN, UNKNOWN = "(personal: not shown)", "(not in the schema: not shown)"

_SHOWN = frozenset({DataClass.NONE, DataClass.PSEUDONYMOUS})


def shown(body: bytes) -> Any:
    """What may be seen of a command's body; `None` where it is no JSON object."""
    try:
        document = json_object(body)
    except Invalid:
        return None
    return _masked(document, _classes(document.get("type"), document.get("version")), "")


def _classes(kind: Any, version: Any) -> Mapping[str, DataClass | None]:
    """The class of every field of a command; of its payload too, where there is a schema of that type and version."""
    envelope = dict(data_classes(contracts.load("json/commands/envelope.v1.json")))
    envelope.pop("/payload")
    if not (isinstance(kind, str) and kind in command_topics() and type(version) is int):
        return envelope
    try:
        payload = contracts.load(f"json/commands/{kind}.v{version}.json")
    except FileNotFoundError:
        return envelope
    return envelope | data_classes(payload, "/payload")


def _masked(value: Any, classes: Mapping[str, DataClass | None], pointer: str) -> Any:
    if pointer in classes:
        plain = all(not isinstance(each, dict | list) for each in (value if isinstance(value, list) else [value]))
        return value if classes[pointer] in _SHOWN and plain else HIDDEN
    if isinstance(value, dict) and _within(classes, pointer):
        return {name: _masked(each, classes, f"{pointer}/{name}") for name, each in value.items()}
    if isinstance(value, list) and _within(classes, pointer):
        return [_masked(each, classes, pointer) for each in value]
    return UNKNOWN


def _within(classes: Mapping[str, DataClass | None], pointer: str) -> bool:
    return any(known.startswith(f"{pointer}/") for known in classes)
