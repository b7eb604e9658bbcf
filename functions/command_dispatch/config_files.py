"""What a bank configures as data: files beside this one, each checked against a schema of the same name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from shared import schema_files
from shared.errors import Invalid, Misconfigured
from shared.json_schema import JsonSchema


def configuration(name: str) -> Mapping[str, Any]:
    """The document in `{name}.json`; raises `Misconfigured`, naming each field that breaks its schema."""
    content = (Path(__file__).parent / f"{name}.json").read_bytes()
    try:
        return checked(name, msgspec.json.decode(content))
    except (Invalid, msgspec.DecodeError) as error:
        raise Misconfigured(f"{name}.json is not what its schema asks for: {error}") from error


def checked(name: str, document: Any) -> Mapping[str, Any]:
    """`document`, if it keeps `schemas/json/{name}.v1.json`; raises `Invalid`."""
    JsonSchema(schema_files.load(f"json/{name}.v1.json")).validate(document)
    content: Mapping[str, Any] = document
    return content
