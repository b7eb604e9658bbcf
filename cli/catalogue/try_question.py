"""A question in a file, read as `advice` reads it when a bank service asks it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.catalogue.references import Others
from cli.json_input import read_object
from shared.errors import Invalid, NotFound, Problem, TooLarge
from shared.risk.operation import parse_operation
from shared.risk.question import MAX_BYTES, Question, parse_question
from shared.suggestions import did_you_mean


def read_question(path: Path, rule_set: Mapping[str, Any], operations: Others, now: datetime) -> Question:
    """The question as of `now`: under its operation's schema, with the defaults and the tolerance that it has there.

    Raises `NotFound` where the rule set's operation is not known, `TooLarge`, `Malformed`, and `Invalid` naming each
    field that breaks the operation's schema.
    """
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise TooLarge(MAX_BYTES)
    body = read_object(path)
    if operations.referred is None:
        name = rule_set["operation"]
        suggestion = did_you_mean(name, operations.names)
        raise NotFound(f"no operation {name} is known to read the question by: --against FILE names one{suggestion}")
    operation = parse_operation(operations.referred.content)
    try:
        return parse_question(operation, operations.referred.label, body, now, replay=False)
    except Invalid as error:
        raise Invalid(*(Problem(f"{path}{problem.field}", problem.message) for problem in error.problems)) from error
