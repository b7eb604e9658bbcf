"""The fields that a JSON Schema declares for an object, found by pointers as values are."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from shared.json_pointer import escaped, resolve, split

Declared = Mapping[str, Any]

_MAX_POINTERS, _MAX_DEPTH = 1_000, 16
_MAX_REFERENCES = 16  # of one to the next


def resolved(root: Declared, schema: Any) -> Declared:
    """What a `$ref` within `root` stands for, or `schema` itself; empty for what says nothing."""
    for _ in range(_MAX_REFERENCES):
        if not isinstance(schema, Mapping) or not str(schema.get("$ref", "")).startswith("#/"):
            break
        schema = resolve(root, split(schema["$ref"].removeprefix("#")))
    return schema if isinstance(schema, Mapping) else {}


def field(schema: Declared, path: tuple[str, ...]) -> Declared | None:
    """What is declared of the field at `path`: empty where the schema leaves open whether there is one, `None` where no
    valid value has it.
    """
    root, at = schema, schema
    for name in path:
        at = resolved(root, at)
        if name in at.get("properties", {}):
            at = at["properties"][name]
        else:
            return None if _closed(at) else {}
    return resolved(root, at)


def pointers(schema: Declared) -> tuple[str, ...]:
    """The pointers of what is declared, objects and the fields in them; of very many the first."""
    return tuple(islice(_pointers(schema, schema, ""), _MAX_POINTERS))


def _pointers(root: Declared, schema: Any, pointer: str, depth: int = 1) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    for name, below in resolved(root, schema).get("properties", {}).items():
        yield f"{pointer}/{escaped(name)}"
        yield from _pointers(root, below, f"{pointer}/{escaped(name)}", depth + 1)


def _closed(schema: Declared) -> bool:
    """Whether a value has no other members than the declared ones: whatever is said of it elsewhere, none is added."""
    types = schema.get("type", "object")
    if "object" not in ([types] if isinstance(types, str) else types):
        return True
    return schema.get("additionalProperties") is False and "patternProperties" not in schema
