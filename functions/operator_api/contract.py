"""What a route's parameters and body have to be: what its OpenAPI operation says, and nothing else."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from shared import contracts
from shared.errors import Invalid, Problem
from shared.http.json_body import json_object
from shared.http.request import HttpRequest
from shared.json_schema import Checked

MAX_BODY = 256 * 1024
"""Bytes of a body: an edited command with everything has a quarter."""

_DIGITS = 15


class Parameter(msgspec.Struct, frozen=True):
    """A parameter in the path or the query."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    checked: Checked

    def value(self, text: str | None) -> Any:
        """The value that a text stands for, the default without one; raises `Invalid`."""
        where = f"?{self.name}" if self.place == "query" else self.name
        if text is None:
            if self.required:
                raise Invalid(Problem(where, "is required"))
            return self.schema.get("default")
        integer = self.schema.get("type") == "integer"
        if integer and not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
            raise Invalid(Problem(where, "a whole number expected"))
        value = int(text) if integer else text
        try:
            self.checked.check(value)
        except Invalid as error:
            raise Invalid(*(Problem(where, problem.message) for problem in error.problems)) from None
        return value


class Contract(msgspec.Struct, frozen=True):
    """The contract of one route; `body` is `None` where it takes none."""

    parameters: tuple[Parameter, ...]
    body: Checked | None

    def values(self, place: str, given: Mapping[str, str]) -> dict[str, Any]:
        """The values of the parameters in the path or the query; raises `Invalid` for a wrong or an unknown one."""
        known = [parameter for parameter in self.parameters if parameter.place == place]
        unknown = given.keys() - {parameter.name for parameter in known}
        if unknown:
            names = ", ".join(parameter.name for parameter in known) or "none"
            raise Invalid(Problem(f"?{min(unknown)}", f"is not a parameter here: {names} expected"))
        return {parameter.name: parameter.value(given.get(parameter.name)) for parameter in known}

    async def body_of(self, call: HttpRequest) -> dict[str, Any]:
        """The JSON object that a call brings, empty where none is taken; raises as its `body` does, and `Invalid`."""
        if self.body is None:
            return {}
        content = json_object(await call.body(MAX_BODY))
        self.body.check(content)
        return content


@cache
def description() -> Mapping[str, Any]:
    """The OpenAPI description as it is served."""
    document = contracts.load("openapi/operator.v1.json")
    problem = {name: part for name, part in contracts.load("json/problem.v1.json").items() if not name.startswith("$")}
    schemas = {**document["components"]["schemas"], "Problem": problem}
    return {**document, "components": {**document["components"], "schemas": schemas}}


def contract(method: str, path: str) -> Contract:
    """The contract of the operation at `method` and `path` of the description; a `KeyError` where there is none."""
    item = description()["paths"][path]
    operation = item[method.lower()]
    components = {"components": description()["components"]}
    parameters = []
    for listed in (*item.get("parameters", ()), *operation.get("parameters", ())):
        each = _resolved(listed)
        schema = _resolved(each["schema"])
        checked = Checked({**schema, **components})
        parameters.append(Parameter(each["name"], each["in"], each.get("required", False), schema, checked))
    described = operation.get("requestBody")
    body = None
    if described is not None:
        body = Checked({**described["content"]["application/json"]["schema"], **components})
    return Contract(tuple(parameters), body)


def _resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference into the description leads to."""
    while "$ref" in value:
        target: Any = description()
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value
