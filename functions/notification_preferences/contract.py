"""What is asked and answered here: the OpenAPI description, by whose schemas bodies and ids are checked."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from shared import contracts
from shared.errors import Invalid, Problem
from shared.json_schema import Checked


@cache
def description() -> Mapping[str, Any]:
    """The OpenAPI description as it is served."""
    document = contracts.load("openapi/notification_preferences.v1.json")
    problem = {name: part for name, part in contracts.load("json/problem.v1.json").items() if not name.startswith("$")}
    schemas = {**document["components"]["schemas"], "Problem": problem}
    return {**document, "components": {**document["components"], "schemas": schemas}}


@cache
def body(name: str) -> Checked:
    """What the schema called `name` says."""
    return Checked({"$ref": f"#/components/schemas/{name}", "components": description()["components"]})


def parameter(name: str, value: str) -> str:
    """`value`, if it is what the parameter called `name` must be; raises `Invalid`, naming it."""
    described = description()["components"]["parameters"][name]
    try:
        _parameter(name).check(value)
    except Invalid as error:
        raise Invalid(*(Problem(described["name"], each.message) for each in error.problems)) from None
    return value


@cache
def _parameter(name: str) -> Checked:
    return Checked(description()["components"]["parameters"][name]["schema"])
