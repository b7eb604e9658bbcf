"""The OpenAPI description: valid, and made of the very schemas that are checked against."""

import json

from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.advice import openapi
from functions.advice.answer import DecidedBy
from shared import schema_files
from shared.advice import Advice
from tests.support.builders.advice import operation

DOCUMENT = json.loads(openapi.document([operation(), operation(name="another")]))


def test_it_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_known_operation_has_its_paths_and_its_question() -> None:
    assert sorted(DOCUMENT["paths"]) == [
        "/v1/openapi.json",
        "/v1/operations/another/advice",
        "/v1/operations/another/advice/{operation_id}",
        "/v1/operations/transaction/advice",
        "/v1/operations/transaction/advice/{operation_id}",
    ]
    content = DOCUMENT["paths"]["/v1/operations/transaction/advice"]["post"]["requestBody"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/transaction"}
    assert DOCUMENT["components"]["schemas"]["transaction"]["required"] == operation().schema["required"]


def test_no_reference_leads_out_of_the_document() -> None:
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [reference for part in value.values() for reference in references(part)]
        return [reference for part in value for reference in references(part)] if isinstance(value, list) else []

    for reference in references(DOCUMENT):
        target = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_the_words_of_the_contract_are_those_of_the_code() -> None:
    answer = schema_files.load("json/advice/answer.v1.json")["properties"]
    decision = schema_files.load("json/risk_function/decision.v1.json")["properties"]
    assert set(answer["advice"]["enum"]) == set(decision["advice"]["enum"]) == set(Advice)
    assert set(answer["decided_by"]["enum"]) == set(DecidedBy)
