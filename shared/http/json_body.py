"""A JSON body, parsed."""

from typing import Any

from shared.errors import Malformed, Problem
from shared.json_value import NO_JSON, json_value


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises `Malformed` where it is not JSON, or JSON but not an object."""
    try:
        value = json_value(body)
    except NO_JSON as error:
        raise Malformed(Problem("", "the body is not JSON")) from error
    if not isinstance(value, dict):
        raise Malformed(Problem("", "the body is JSON, but not an object"))
    return value
