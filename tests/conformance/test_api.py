"""Every API keeps its OpenAPI document: what the document does not allow is refused by name, by every operation."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.notification_preferences import service as notification_preferences
from functions.operator_api import service as operator_api
from shared.http.api import DESCRIBE
from shared.http.openapi import Operation, Parameter, description, operations
from shared.http.routes import Routes
from tests.shared.http import toy_api
from tests.shared.http.toy_api import Notes
from tests.support.builders.notification_preferences import Function
from tests.support.builders.operator_api import Office
from tests.support.http_requests import Reply

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS")
PATHS = {
    "note": "a", "device": "phone", "review": "transaction.op-1.1", "switch": "notify_client.text",
    "letter": "2026-11-22T09:30:00.000Z.0123456789abcdef",
}  # fmt: skip
"""A value for each parameter of a path."""

QUERY = {"since": "2026-11-20T12:00:00Z"}
"""Values for the parameters that a query must have."""

EVERY_ROLE = ",".join(f"{role}=ana@x.example" for role in ("reviewer", "on_call", "auditor", "support"))


class Call(Protocol):
    """Makes a request as somebody who may; a body that is not bytes is sent as JSON."""

    async def __call__(
        self, method: str, path: str, body: Any = None, query: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer."""
        ...


@dataclass
class Subject:
    """An API under test: what describes it, the bytes that a body may have, and the way in."""

    document: Mapping[str, Any]
    max_body: int
    call: Call


class _Office(Office):
    who = EVERY_ROLE


DOCUMENTS = {
    "toy": (toy_api.DOCUMENT, toy_api.MAX_BODY),
    "operator_api": (description(operator_api.DOCUMENT), operator_api.MAX_BODY),
    "notification_preferences": (description(notification_preferences.DOCUMENT), notification_preferences.MAX_BODY),
}


def subject(name: str, path: Path) -> Subject:
    """The API called `name`."""
    ways: dict[str, Call] = {
        "toy": Notes().call,
        "operator_api": _Office().as_ana,
        "notification_preferences": Function(path).reply,
    }
    return Subject(*DOCUMENTS[name], ways[name])


def described(takes: Callable[[Operation], bool] = lambda _: True) -> list[Any]:
    """The operations of every API, as far as `takes` says so."""
    return [
        pytest.param(name, operation, id=f"{name}-{operation.id}")
        for name, (document, _) in DOCUMENTS.items()
        for operation in operations(document)
        if takes(operation)
    ]


def has_body(operation: Operation) -> bool:
    """Whether an operation takes a body."""
    return operation.body is not None


def has_closed_body(operation: Operation) -> bool:
    """Whether it takes one of known members."""
    return has_body(operation) and operation.id != "notes.search"


def parameters() -> list[Any]:
    """The parameters of every operation that do not allow any text."""
    return [
        pytest.param(name, operation, parameter, id=f"{name}-{operation.id}-{parameter.name}")
        for name, operation in (param.values for param in described())
        for parameter in operation.parameters
        if set(parameter.schema) != {"type"}
    ]


def path_of(operation: Operation, **values: str) -> str:
    """The operation's path with its parameters filled in."""
    return operation.path.format(**{**PATHS, **values})


def query_of(operation: Operation, **values: str) -> str:
    """The operation's query with what it must have."""
    return "&".join(f"{name}={value}" for name, value in {**QUERY, **values}.items() if name in operation.of("query"))


def broken(parameter: Parameter) -> str:
    """A text that the parameter's schema does not allow."""
    schema = parameter.schema
    if schema.get("type") in {"integer", "boolean"} or "enum" in schema or "format" in schema:
        return "nonsense"
    return "x" * (schema["maxLength"] + 1) if "maxLength" in schema else "no such"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_description_is_valid_openapi(name: str) -> None:
    OpenAPIV31SpecValidator(dict(DOCUMENTS[name][0])).validate()


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_the_description_is_served_as_it_is(name: str, tmp_path: Path) -> None:
    api = subject(name, tmp_path)
    reply = await api.call("GET", "/v1/openapi.json")
    assert (reply.status, reply.json) == (200, json.loads(json.dumps(api.document)))


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_path_that_is_not_described_is_a_404(name: str, tmp_path: Path) -> None:
    replies = [await subject(name, tmp_path).call("GET", path) for path in ("/", "/v1", "/v2/notes", "/v1/openapi.jso")]
    assert {(reply.status, reply.json["title"]) for reply in replies} == {(404, "Not Found")}


@pytest.mark.parametrize(("name", "operation"), described())
async def test_a_method_that_is_not_described_is_a_405_that_names_those_that_are(
    name: str, operation: Operation, tmp_path: Path
) -> None:
    api = subject(name, tmp_path)
    path = path_of(operation)
    allowed = [
        described_operation.method
        for described_operation in operations(api.document)
        if path in {described_operation.path, path_of(described_operation)}
    ]
    for method in set(METHODS) - set(Routes(operations(api.document)).at(path)):
        reply = await api.call(method, path)
        assert (reply.status, set(reply.headers["allow"].split(", ")) >= set(allowed)) == (405, True)
    assert operation.method in allowed


@pytest.mark.parametrize(("name", "operation", "parameter"), parameters())
async def test_a_broken_parameter_is_refused_by_name(
    name: str, operation: Operation, parameter: Parameter, tmp_path: Path
) -> None:
    text, location = broken(parameter), parameter.location
    path = path_of(operation, **({parameter.name: text} if location == "path" else {}))
    query = query_of(operation, **({parameter.name: text} if location == "query" else {}))
    headers = {parameter.name: text} if location == "header" else {}
    reply = await subject(name, tmp_path).call(operation.method, path, query=query, headers=headers)
    field = f"?{parameter.name}" if location == "query" else parameter.name
    assert (reply.status, [problem["field"] for problem in reply.json["problems"]]) == (422, [field])


@pytest.mark.parametrize(("name", "operation"), described(lambda operation: operation.id != DESCRIBE))
async def test_an_unknown_parameter_of_the_query_is_refused_by_name(
    name: str, operation: Operation, tmp_path: Path
) -> None:
    query = f"{query_of(operation)}&surprise=1"
    reply = await subject(name, tmp_path).call(operation.method, path_of(operation), query=query)
    assert (reply.status, [problem["field"] for problem in reply.json["problems"]]) == (422, ["?surprise"])


@pytest.mark.parametrize(("name", "operation"), described(has_body))
@pytest.mark.parametrize(
    ("body", "headers", "status", "detail"),
    [
        (b"{", {}, 400, "/: the body is not JSON"),
        (b"", {}, 400, "/: the body is not JSON"),
        (b"\xff", {}, 400, "/: the body is not JSON"),
        (b"[]", {}, 400, "/: the body is JSON, but not an object"),
        (b"{}", {"content-type": "text/plain"}, 415, "the body's type has to be application/json"),
        (b"{}", {"content-type": "application/x-www-form-urlencoded"}, 415, None),
        (b"{}", {"content-length": "9999999999"}, 413, None),
    ],
)  # fmt: skip
async def test_a_body_that_is_none_is_refused(
    name: str, operation: Operation, body: bytes, headers: dict[str, str], status: int, detail: str | None,
    tmp_path: Path,
) -> None:  # fmt: skip
    reply = await subject(name, tmp_path).call(operation.method, path_of(operation), body, headers=headers)
    assert (reply.status, reply.json["detail"]) == (status, detail or reply.json["detail"])


@pytest.mark.parametrize(("name", "operation"), described(has_body))
async def test_a_body_that_is_too_large_is_refused(name: str, operation: Operation, tmp_path: Path) -> None:
    api = subject(name, tmp_path)
    reply = await api.call(operation.method, path_of(operation), b" " * (api.max_body + 1))
    assert (reply.status, reply.json["title"]) == (413, "Content Too Large")


@pytest.mark.parametrize(("name", "operation"), described(has_closed_body))
async def test_what_is_not_described_in_a_body_is_refused(name: str, operation: Operation, tmp_path: Path) -> None:
    reply = await subject(name, tmp_path).call(operation.method, path_of(operation), {"surprise": 1})
    assert (reply.status, "surprise" in reply.json["detail"]) == (422, True)
