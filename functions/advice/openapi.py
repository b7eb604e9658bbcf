"""The OpenAPI description as served: the template in `schemas/openapi/`, with one pair of paths for each known
operation.

Questions, answers and problems are described by the very schemas they are checked against, so the description cannot
drift.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from shared import schema_files
from shared.http.openapi import component
from shared.risk.operation import Operation

_TEMPLATE = "/v1/operations/{operation}/advice"


def document(operations: Iterable[Operation]) -> bytes:
    """The description as JSON, in OpenAPI 3.1."""
    template = schema_files.load("openapi/advice.v1.json")
    schemas = {
        "Answer": component("Answer", schema_files.load("json/advice/answer.v1.json")),
        "Problem": component("Problem", schema_files.load("json/problem.v1.json")),
    }
    paths: dict[str, Any] = {}
    for operation in sorted(operations, key=lambda operation: operation.name):
        schemas[operation.name] = component(operation.name, operation.schema)
        for path, item in template["paths"].items():
            if path.startswith(_TEMPLATE):
                paths[path.replace("{operation}", operation.name)] = _for_operation(item, operation.name)
    paths["/v1/openapi.json"] = template["paths"]["/v1/openapi.json"]
    components = {**template["components"], "schemas": schemas}
    return msgspec.json.encode({**template, "paths": paths, "components": components})


def _for_operation(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A template's path item, with operation ids of its own and the operation's question as body."""
    filled = {}
    for method, described in item.items():
        filled[method] = {**described, "operationId": f"{described['operationId']}_{name}", "tags": [name]}
        if "requestBody" in described:
            content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
            filled[method]["requestBody"] = {"required": True, "content": content}
    return filled
