"""Which operations a path has, matched as starlette, on which the functions are served, matches its own routes."""

from collections.abc import Mapping, Sequence

import msgspec
from starlette.routing import compile_path

from shared.http.openapi import Operation


class Route(msgspec.Struct, frozen=True):
    """Where a request leads: an operation, and the texts of its path's parameters, not checked yet."""

    operation: Operation
    path: Mapping[str, str]


class Routes:
    """The operations of an API by path; of two with the same method that fit, the first in the document is taken."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._patterns = [(compile_path(operation.path)[0], operation) for operation in operations]

    def at(self, path: str) -> Mapping[str, Route]:
        """The routes at `path` by method; empty where there is no such path."""
        routes: dict[str, Route] = {}
        for pattern, operation in self._patterns:
            match = pattern.fullmatch(path)  # `$` alone would let a line break at the end through
            if match is not None:
                routes.setdefault(operation.method, Route(operation, match.groupdict()))
        return routes
