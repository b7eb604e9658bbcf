"""The log of a local stack: a file of lines for each function, one JSON object a line."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from shared.errors import Unavailable
from shared.json_value import NO_JSON


def raw_lines(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of the files that are there; raises `Unavailable` for one that cannot be read."""
    for path in paths:
        try:
            with path.open("rb") as lines:
                yield from lines
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def parsed(raw: bytes) -> dict[str, Any] | None:
    """The fields of a line; `None` where it is incomplete, or none."""
    try:
        line = msgspec.json.decode(raw)
    except NO_JSON:
        return None
    return line if isinstance(line, dict) else None
