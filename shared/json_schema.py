"""Checking a JSON value against JSON Schema 2020-12, with errors that name fields and never quote what was in them."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

import jsonschema_rs

from shared.errors import Invalid, Problem

MAX_PROBLEMS = 20
"""More than a person reads at once; an adversary's thousand errors cost no more than these."""

_MASK, _NAME = "the value", "a name in it"  # where names are free they may be anything, and are values as well
_PATTERNS = jsonschema_rs.RegexOptions()  # matched in linear time: neither look-around nor back-references


class JsonSchema:
    """One compiled schema. Never fetches anything: a `$ref` to elsewhere is refused when the schema is compiled."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        try:
            self._validator = jsonschema_rs.validator_for(
                dict(schema), mask=_MASK, validate_formats=True, offline=True, pattern_options=_PATTERNS
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise Invalid(Problem("", f"not a JSON Schema: {type(error).__name__}")) from error

    def validate(self, value: Any) -> None:
        """Return if `value` keeps the schema; raise `Invalid` naming every field that does not (20 at most)."""
        try:
            if self._validator.is_valid(value):
                return
            problems = [_problem(error) for error in islice(self._validator.iter_errors(value), MAX_PROBLEMS)]
        except ValueError as error:  # it reads 255 levels: what is nested deeper is the sender's fault, not ours
            raise Invalid(Problem("", "is nested too deeply")) from error
        raise Invalid(*problems)


def _problem(error: jsonschema_rs.ValidationError) -> Problem:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.instance_path)
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        return Problem(f"{pointer}/{error.kind.property}", "is required")
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
        return Problem(pointer, error.kind.error.message.replace(_MASK, _NAME, 1))
    return Problem(pointer, error.message)
