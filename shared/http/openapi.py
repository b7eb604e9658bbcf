"""What an OpenAPI document says of a function: its description as served, each operation's parameters and body.

Schemas are compiled when the first request needs them: a cold instance pays for one operation, not for all.
"""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

import msgspec

from shared import schema_files
from shared.errors import Invalid, Problem, UnsupportedMediaType
from shared.http.json_body import json_object
from shared.http.request import HttpRequest
from shared.json_schema import JsonSchema

METHODS = ("get", "put", "post", "delete", "patch")
"""The members of a path item that are operations, in lower case as OpenAPI spells them."""

_MAX_DIGITS = 15  # of a whole number: each has a float of its own
_BOOLEANS = {"true": True, "false": False}
_ROOT_ONLY = ("$schema", "$id")


@cache
def description(path: str) -> Mapping[str, Any]:
    """The OpenAPI document at `path` below `schemas/` as it is served: with the schema of problems among its own."""
    document = schema_files.load(path)
    problem = component("Problem", schema_files.load("json/problem.v1.json"))
    schemas = {**document["components"]["schemas"], "Problem": problem}
    return {**document, "components": {**document["components"], "schemas": schemas}}


def component(name: str, schema: Mapping[str, Any]) -> Any:
    """A schema as the component `name`: its references into itself start at the document's root."""
    inner = {key: value for key, value in schema.items() if key not in _ROOT_ONLY}
    return _moved(inner, f"#/components/schemas/{name}/")


class Parameter(msgspec.Struct, frozen=True, dict=True):
    """A parameter; `location` is `path`, `query` or `header`, and `schema` compiles with `components` beside it."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    components: Mapping[str, Any]

    def value(self, text: str | None) -> Any:
        """The value that a text stands for, the default without one; raises `Invalid`, naming the parameter."""
        field = f"?{self.name}" if self.location == "query" else self.name
        if text is None:
            if self.required:
                raise Invalid(Problem(field, "is required"))
            return self.schema.get("default")
        value = self._parsed(field, text)
        try:
            self._checked.validate(value)
        except Invalid as error:
            raise Invalid(*(Problem(field, problem.message) for problem in error.problems)) from None
        return value

    def _parsed(self, field: str, text: str) -> Any:
        match self.schema.get("type"):
            case "integer":
                if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
                    raise Invalid(Problem(field, "a whole number expected"))
                return int(text)
            case "boolean":
                if text not in _BOOLEANS:
                    raise Invalid(Problem(field, "true or false expected"))
                return _BOOLEANS[text]
            case _:
                return text

    @cached_property
    def _checked(self) -> JsonSchema:
        return JsonSchema({**self.schema, "components": self.components})


class Body(msgspec.Struct, frozen=True, dict=True):
    """The JSON object that an operation takes, in one of `media_types`."""

    media_types: frozenset[str]
    schema: Mapping[str, Any]
    components: Mapping[str, Any]

    async def read(self, request: HttpRequest, limit: int) -> dict[str, Any]:
        """The object in a request's body, `limit` bytes at most.

        Raises `UnsupportedMediaType` where the request names another type; one that names none is taken for JSON.
        Raises `Malformed` for what is no JSON object, `Invalid` for one that breaks the schema, and as
        `HttpRequest.body` does.
        """
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type and media_type not in self.media_types:
            raise UnsupportedMediaType(f"the body's type has to be {' or '.join(sorted(self.media_types))}")
        content = json_object(await request.body(limit))
        self._checked.validate(content)
        return content

    @cached_property
    def _checked(self) -> JsonSchema:
        return JsonSchema({**self.schema, "components": self.components})


class Operation(msgspec.Struct, frozen=True):
    """One operation: `method` in upper case, `path` with its parameters in braces; `roles` are those of `x-roles`.

    `has_etag` says whether an answer carries an entity tag; `body` is `None` where none is taken.
    """

    id: str
    method: str
    path: str
    roles: frozenset[str]
    parameters: tuple[Parameter, ...]
    body: Body | None
    has_etag: bool

    def of(self, location: str) -> Mapping[str, Parameter]:
        """The parameters in one location, by name; those of headers in lower case."""
        return {parameter.name: parameter for parameter in self.parameters if parameter.location == location}

    def query(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The values of the query's parameters; raises `Invalid` for a wrong and for an unknown one."""
        parameters = self.of("query")
        unknown = texts.keys() - parameters.keys()
        if unknown:
            names = ", ".join(parameters) or "none"
            raise Invalid(Problem(f"?{min(unknown)}", f"is not a parameter here: {names} expected"))
        return self.values("query", texts)

    def values(self, location: str, texts: Mapping[str, str]) -> dict[str, Any]:
        """The values of the parameters in one location; raises `Invalid` for a wrong one."""
        return {name: parameter.value(texts.get(name)) for name, parameter in self.of(location).items()}


def operations(document: Mapping[str, Any]) -> Sequence[Operation]:
    """The operations of an OpenAPI document, in its order."""
    return [
        _operation(document, path, method, item)
        for path, item in document["paths"].items()
        for method in item
        if method in METHODS
    ]


def _operation(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> Operation:
    described, components = item[method], document["components"]
    listed = (*item.get("parameters", ()), *described.get("parameters", ()))
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        roles=frozenset(described.get("x-roles", ())),
        parameters=tuple(_parameter(document, parameter) for parameter in listed),
        body=_body(described["requestBody"], components) if "requestBody" in described else None,
        has_etag=any("ETag" in answer.get("headers", {}) for answer in described["responses"].values()),
    )


def _parameter(document: Mapping[str, Any], listed: Mapping[str, Any]) -> Parameter:
    described = _resolved(document, listed)
    name, location = described["name"], described["in"]
    schema = _resolved(document, described["schema"])
    required = described.get("required", False)
    return Parameter(name.lower() if location == "header" else name, location, required, schema, document["components"])


def _body(described: Mapping[str, Any], components: Mapping[str, Any]) -> Body:
    content = described["content"]
    return Body(frozenset(content), content["application/json"]["schema"], components)


def _resolved(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference into the document leads to."""
    while "$ref" in value:
        target: Any = document
        for name in value["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        value = target
    return value


def _moved(value: Any, root: str) -> Any:
    if isinstance(value, Mapping):
        return {
            key: root + part.removeprefix("#/") if key == "$ref" and isinstance(part, str) else _moved(part, root)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_moved(part, root) for part in value]
    return value
