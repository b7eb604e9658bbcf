"""JSON that a command is given, in a file or as a value: read as functions read a body."""

from pathlib import Path
from typing import Any

from shared.errors import Malformed, NotFound, Problem
from shared.http.json_body import json_object
from shared.json_value import NO_JSON, json_value


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises `NotFound`, and `Malformed` naming the file."""
    try:
        return json_object(path.read_bytes())
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}") from error
    except Malformed as error:
        [problem] = error.problems
        message = problem.message if problem.field else f"a JSON object expected: {problem.message}"
        raise Malformed(Problem(f"{path}{problem.field}", message)) from error


def typed_value(name: str, text: str) -> Any:
    """The JSON value that is meant by `text`, or else the text itself. Raises `Malformed`, naming `name`, for a number
    that is out of range.
    """
    try:
        return json_value(text)
    except NO_JSON:
        return text
    except Malformed as error:
        raise Malformed(Problem(name, error.problems[0].message)) from error
