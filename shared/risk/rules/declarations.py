"""What a rule set declares before its rules: the variables it reads from the question, and its own lists."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import Invalid, Problem
from shared.expressions.variables import Type, Variable, Variables
from shared.json_pointer import split
from shared.privacy import DataClass
from shared.times import shifted


def question_variables(declared: Mapping[str, Mapping[str, Any]]) -> Variables:
    """The question's variables, in the order of the document. Raises `Invalid`."""
    for name, variable in declared.items():
        try:
            split(variable["pointer"])
        except Invalid as error:
            raise Invalid(Problem(f"/variables/{name}/pointer", "a JSON pointer starts with /")) from error
    try:
        return Variables(
            Variable(
                name,
                Type(variable["type"]),
                variable.get("min"),
                variable.get("max"),
                DataClass(variable["data_class"]),
                variable["pointer"],
                variable.get("description", ""),
            )
            for name, variable in declared.items()
        )
    except Invalid as error:
        raise Invalid(*(Problem(f"/{problem.field}", problem.message) for problem in error.problems)) from error


def named_lists(declared: Mapping[str, Sequence[Any]]) -> tuple[dict[str, dict[str, float]], list[Problem]]:
    """The lists, each entry with the epoch second it expires (`inf` for never), and what is wrong with them."""
    lists: dict[str, dict[str, float]] = {}
    problems = []
    for name, entries in declared.items():
        values = lists[name] = {}
        for index, entry in enumerate(entries):
            where = f"/lists/{name}/{index}"
            value, expires = (entry, None) if isinstance(entry, str) else (entry["value"], entry.get("expires"))
            if value in values:
                problems.append(Problem(where, "stands in this list before"))
            try:
                values[value] = _instant(expires) if expires is not None else float("inf")
            except ValueError:
                message = "expected a day (2027-01-31, the whole of it, UTC) or a time with its zone"
                problems.append(Problem(f"{where}/expires", message))
    return lists, problems


def _instant(text: str) -> float:
    moment = datetime.fromisoformat(text)
    if len(text) == len("2027-01-31"):
        return shifted(moment.replace(tzinfo=UTC), timedelta(days=1)).timestamp()
    if moment.tzinfo is None:
        raise ValueError
    return moment.timestamp()
