"""A JSON body, parsed."""

from typing import Any

import msgspec

from shared.errors import Malformed, Problem

_decode = msgspec.json.Decoder().decode


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises `Malformed` where it is not JSON, or JSON but not an object."""
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(Problem("", "the body is not JSON")) from error
    if not isinstance(value, dict):
        raise Malformed(Problem("", "the body is JSON, but not an object"))
    return value
