"""What a dead letter is about, as far as that can be read: most commands in it break their schema somewhere else."""

from functools import cache
from typing import Any, NamedTuple

from shared import schema_files
from shared.errors import Invalid
from shared.http.json_body import json_object
from shared.ids import OperationRef
from shared.json_schema import JsonSchema
from shared.privacy import Pseudonymiser


class Subject(NamedTuple):
    """The id of a command or event, the key of the answer it belongs to, its client's token; empty where unknown."""

    id: str = ""
    operation: str = ""
    client: str = ""


def of_command(body: bytes, tokens: Pseudonymiser) -> Subject:
    """What a body says that was meant to be a command."""
    try:
        document = json_object(body)
    except Invalid:
        return Subject()
    payload = document.get("payload")
    client = payload.get("client_id") if isinstance(payload, dict) else None
    operation = _kept("operation", document)
    return Subject(
        _kept("id", document) or "",
        OperationRef(**operation).key if operation else "",
        tokens.token_or_id("client", client) if isinstance(client, str) and client else "",
    )


def _kept(name: str, document: dict[str, Any]) -> Any:
    """A field of the envelope that keeps its schema, or `None`."""
    try:
        _field(name).validate(document.get(name))
    except Invalid:
        return None
    return document[name]


@cache
def _field(name: str) -> JsonSchema:
    return JsonSchema(schema_files.load("json/commands/envelope.v1.json")["properties"][name])
