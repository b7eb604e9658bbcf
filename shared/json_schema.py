"""Checking a JSON value against JSON Schema 2020-12, with errors that name fields and never quote what was in them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import jsonschema_rs

from shared.errors import Invalid, Problem
from shared.json_pointer import escaped

MAX_PROBLEMS = 20
"""More than a person reads at once; an adversary's thousand errors cost no more than these."""

_MASK, _NAME = "the value", "a name in it"  # where names are free they may be anything, and are values as well
_PATTERNS = jsonschema_rs.RegexOptions()  # matched in linear time: neither look-around nor back-references


class JsonSchema:
    """One compiled schema. Never fetches anything: a `$ref` to elsewhere is refused when the schema is compiled."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        try:
            self._validator = jsonschema_rs.validator_for(
                self._schema, mask=_MASK, validate_formats=True, offline=True, pattern_options=_PATTERNS
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise Invalid(Problem("", f"not a JSON Schema: {type(error).__name__}")) from error

    def validate(self, value: Any) -> None:
        """Return if `value` keeps the schema; raise `Invalid` naming every field that does not (20 at most)."""
        try:
            if self._validator.is_valid(value):
                return
            errors = self._validator.iter_errors(value)
            problems = list(islice(chain.from_iterable(map(self._problems, errors)), MAX_PROBLEMS))
        except ValueError as error:  # it reads 255 levels: what is nested deeper is the sender's fault, not ours
            raise Invalid(Problem("", "is nested too deeply")) from error
        raise Invalid(*problems)

    def _problems(self, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
        """The problems that an error stands for: of several forms of which none fits, those of the nearest."""
        kinds = jsonschema_rs.ValidationErrorKind
        if isinstance(error.kind, kinds.OneOfNotValid | kinds.AnyOf):
            forms = _nearest(error.kind.context, len(error.instance_path))
            if len(forms) == 1:
                yield from chain.from_iterable(map(self._problems, forms[0]))
                return
            texts = [str(problem) for form in forms for problem in islice(self._problems(form[0]), 1)]
            yield Problem(_pointer(error), f"fits none of its forms: {'; or '.join(texts)}")
        elif isinstance(error.kind, kinds.OneOfMultipleValid):
            yield Problem(_pointer(error), f"only one {self._form_names(error)}expected")
        else:
            yield _problem(error)

    def _form_names(self, error: jsonschema_rs.ValidationError) -> str:
        """`of a, b `, where what is required tells apart the forms that a value has more than one of."""
        forms: Any = self._schema
        try:
            for part in error.schema_path:
                forms = forms[part]
            return f"of {', '.join(' and '.join(form['required']) for form in forms)} "
        except (KeyError, IndexError, TypeError):
            return "of several forms "


def _nearest(
    forms: Sequence[Sequence[jsonschema_rs.ValidationError]], depth: int
) -> Sequence[Sequence[jsonschema_rs.ValidationError]]:
    """The errors of each form that is as near as any: where the value itself has the right type, has what is required
    and nothing that is not admitted, and then where least is wrong further in.
    """
    kinds = jsonschema_rs.ValidationErrorKind

    def distance(form: Sequence[jsonschema_rs.ValidationError]) -> tuple[bool, int, int]:
        own = [part.kind for part in form if len(part.instance_path) == depth]
        unexpected = sum(len(kind.unexpected) - 1 for kind in own if isinstance(kind, kinds.AdditionalProperties))
        other = any(isinstance(kind, kinds.Type | kinds.Constant | kinds.Enum) for kind in own)
        return other, len(own) + unexpected, len(form)

    least = min(map(distance, forms))
    return [form for form in forms if distance(form) == least]


def _pointer(error: jsonschema_rs.ValidationError) -> str:
    return "".join(f"/{escaped(part)}" for part in error.instance_path)


def _problem(error: jsonschema_rs.ValidationError) -> Problem:
    pointer = _pointer(error)
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        return Problem(f"{pointer}/{error.kind.property}", "is required")
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
        return Problem(pointer, error.kind.error.message.replace(_MASK, _NAME, 1))
    return Problem(pointer, error.message)
