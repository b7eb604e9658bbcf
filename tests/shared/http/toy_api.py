"""A toy API over the general piece: notes that are read, listed, written under an entity tag, and deleted."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.http.api import DESCRIBE, Api, ApiRequest, ApiResponse, Handler
from shared.http.openapi import component
from shared.http.request import HttpRequest
from shared.http.responses import problem
from shared.http.routes import Route
from shared.privacy import Pseudonymiser
from shared.schema_files import load
from tests.support.http_requests import Reply, http_request, reply_of

MAX_BODY = 200
TOKENS = Pseudonymiser(b"k" * 32, 1)

_PROBLEM = {
    "description": "Wrong.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SHOWN = {"application/json": {"schema": {"type": "object"}}}
_ETAG = {"ETag": {"schema": {"type": "string"}}}
_ANSWERS = {"200": {"description": "A note.", "content": _SHOWN, "headers": _ETAG}, "4XX": _PROBLEM}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1.0.0"},
    "paths": {
        "/v1/notes": {
            "get": {
                "operationId": "notes.list",
                "x-roles": ["reader"],
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
                    },
                    {"name": "order", "in": "query", "schema": {"enum": ["oldest", "newest"], "default": "oldest"}},
                    {"name": "all", "in": "query", "schema": {"type": "boolean"}},
                    {
                        "name": "since",
                        "in": "query",
                        "required": True,
                        "schema": {"type": "string", "format": "date-time"},
                    },
                    {"name": "X-Case", "in": "header", "schema": {"type": "string", "maxLength": 5}},
                ],
                "responses": {"200": {"description": "Notes.", "content": _SHOWN}, "4XX": _PROBLEM},
            },
        },
        "/v1/notes/search": {
            "post": {
                "operationId": "notes.search",
                "x-roles": ["reader"],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"200": {"description": "Notes.", "content": _SHOWN}, "4XX": _PROBLEM},
            },
        },
        "/v1/notes/{note}": {
            "parameters": [{"$ref": "#/components/parameters/Note"}],
            "get": {
                "operationId": "notes.read",
                "x-roles": ["reader"],
                "parameters": [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}],
                "responses": {**_ANSWERS, "304": {"description": "As it was."}},
            },
            "put": {
                "operationId": "notes.write",
                "x-roles": ["writer"],
                "parameters": [
                    {"name": "If-Match", "in": "header", "schema": {"type": "string"}},
                    {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
                },
                "responses": _ANSWERS,
            },
            "delete": {
                "operationId": "notes.delete",
                "x-roles": ["writer"],
                "responses": {"204": {"description": "Gone."}, "4XX": _PROBLEM},
            },
        },
        "/v1/openapi.json": {
            "get": {"operationId": DESCRIBE, "responses": {"200": {"description": "This.", "content": _SHOWN}}},
        },
    },
    "components": {
        "parameters": {
            "Note": {"name": "note", "in": "path", "required": True, "schema": {"$ref": "#/components/schemas/Id"}}
        },
        "schemas": {
            "Id": {"type": "string", "pattern": "^[a-z]{1,8}$"},
            "Note": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "properties": {"text": {"type": "string", "minLength": 1}},
            },
            "Problem": component("Problem", load("json/problem.v1.json")),
        },
    },
}


class ToyAccess:
    """The header `x-roles` says which roles the caller has."""

    async def authorise(self, request: HttpRequest, route: Route) -> str:
        """See the port."""
        roles = request.headers.get("x-roles")
        if roles is None:
            raise Unauthenticated("no roles")
        if route.operation.id != DESCRIBE and not route.operation.roles & set(roles.split()):
            raise Forbidden("another role")
        return roles


@dataclass
class Notes:
    """The API over a dictionary; `seen` are the requests that reached a handler."""

    texts: dict[str, str] = field(default_factory=dict)
    seen: list[ApiRequest[str]] = field(default_factory=list)
    recorded: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    tokens: Pseudonymiser | None = TOKENS

    def __post_init__(self) -> None:
        self.api = Api(DOCUMENT, [self.handlers()], ToyAccess(), max_body=MAX_BODY, within=5.0, recorder=self._record)

    def handlers(self) -> dict[str, Handler[str]]:
        """By operation id."""
        return {
            "notes.list": self._list,
            "notes.search": self._list,
            "notes.read": self._read,
            "notes.write": self._write,
            "notes.delete": self._delete,
        }

    async def _list(self, request: ApiRequest[str]) -> ApiResponse:
        self.seen.append(request)
        return ApiResponse({"notes": sorted(self.texts)})

    async def _read(self, request: ApiRequest[str]) -> ApiResponse:
        self.seen.append(request)
        note = request.path["note"]
        if note not in self.texts:
            raise NotFound("there is no such note")
        return ApiResponse({"text": self.texts[note]}, (note,), etag=tag(self.texts[note]))

    async def _write(self, request: ApiRequest[str]) -> ApiResponse:
        self.seen.append(request)
        note, text = request.path["note"], request.body["text"]
        request.check_preconditions(tag(self.texts[note]) if note in self.texts else None)
        self.texts[note] = text
        return ApiResponse({"text": text}, etag=tag(text))

    async def _delete(self, request: ApiRequest[str]) -> ApiResponse:
        self.seen.append(request)
        self.texts.pop(request.path["note"], None)
        return ApiResponse(status=204)

    async def _record(self, request: ApiRequest[str], response: ApiResponse) -> None:
        self.recorded.append((request.operation.id, response.targets))

    async def call(
        self, method: str, path: str, body: Any = None, query: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request, of somebody with every role; a body that is not bytes is sent as JSON."""
        return await self.call_as("reader writer", method, path, body, query, headers)

    async def call_as(
        self, roles: str | None, method: str, path: str, body: Any = None, query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        """One request, of somebody with these roles, or of nobody."""
        sent = {**({} if roles is None else {"x-roles": roles}), **(headers or {})}
        try:
            response = await self.api.handle(http_request(method, path, body, query, sent), self.tokens)
        except Exception as error:  # noqa: BLE001 - as the entry point does
            response = problem(error)
        return reply_of(response)


def tag(text: str) -> str:
    """The entity tag of a note."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
