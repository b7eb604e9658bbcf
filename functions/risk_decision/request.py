"""What `advice` asks: checked against `schemas/json/risk_function/request.v1.json`, then a typed value."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from shared import schema_files
from shared.advice import Advice
from shared.errors import Invalid, Problem
from shared.json_schema import JsonSchema
from shared.times import parse_time


class Request(msgspec.Struct, frozen=True):
    """A request for a decision about one attempt at one operation, for the time `at` (aware UTC), whose answer is to
    be `legal`.
    """

    operation: str
    operation_version: str
    operation_id: str
    attempt: int
    at: datetime
    legal: frozenset[Advice]
    question: Mapping[str, Any]


@lru_cache(maxsize=64)  # operations have few cases
def _legal(advices: tuple[str, ...]) -> frozenset[Advice]:
    return frozenset(Advice(advice) for advice in advices)


class RequestParser:
    """Parses requests."""

    def __init__(self) -> None:
        self._checked = JsonSchema(schema_files.load("json/risk_function/request.v1.json"))

    def parse(self, document: dict[str, Any]) -> Request:
        """The request in a document; raises `Invalid` naming each field that is wrong."""
        self._checked.validate(document)
        try:
            at = parse_time(document["at"])
        except ValueError as error:
            raise Invalid(Problem("/at", "a time like 2026-11-22T08:30:00Z expected")) from error
        return Request(
            document["operation"],
            document["operation_version"],
            document["operation_id"],
            document["attempt"],
            at,
            _legal(tuple(document["legal"])),
            document["question"],
        )
