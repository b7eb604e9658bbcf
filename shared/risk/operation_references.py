"""What an operation's parts say of its question, held against the question's schema when it is published.

A version that is in force already is read without: a wrong pointer leaves a value absent, which is no reason to stop.
"""

from shared.errors import Problem
from shared.risk.operation import DEFAULT_CASE, Operation
from shared.schema_fields import field, pointers
from shared.suggestions import did_you_mean


def reference_problems(operation: Operation) -> list[Problem]:
    """The pointers that lead nowhere in a question, and the cases that no question falls into."""
    problems = [
        Problem(where, f"leads nowhere in the question{did_you_mean(_joined(path), pointers(operation.schema))}")
        for where, path in (("/client", operation.client_path), ("/answers/by", operation.case_path))
        if path is not None and field(operation.schema, path) is None
    ]
    declared = field(operation.schema, operation.case_path) if operation.case_path is not None else None
    values = (
        [value for value in declared["enum"] if isinstance(value, str)] if declared and "enum" in declared else None
    )
    if values is not None:
        problems += [
            Problem(f"/answers/cases/{name}", f"no question falls into this case{did_you_mean(name, values)}")
            for name in operation.cases
            if name not in {*values, DEFAULT_CASE}
        ]
    return problems


def _joined(path: tuple[str, ...]) -> str:
    return "".join(f"/{name}" for name in path)
