"""JSON Pointer (RFC 6901), split once into member names, so that resolving it costs a few dictionary look-ups."""

from typing import Any

from shared.errors import Invalid, Problem


def split(pointer: str) -> tuple[str, ...]:
    """The member names of a pointer into nested objects; raises `Invalid` for one that does not start with `/`."""
    if not pointer.startswith("/"):
        raise Invalid(Problem(pointer, "a JSON pointer starts with /"))
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def resolve(document: Any, path: tuple[str, ...]) -> Any:
    """The value at `path`, or `None` where the path leads nowhere."""
    for part in path:
        if not isinstance(document, dict):  # as JSON is decoded; asking for a Mapping costs ten times as much
            return None
        document = document.get(part)
    return document


def escaped(name: str | int) -> str:
    """A member's name, or an item's number, as it stands in a pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")
