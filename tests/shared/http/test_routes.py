"""Which operations a path has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.openapi import operations
from shared.http.routes import Routes
from tests.shared.http.toy_api import DOCUMENT

ROUTES = Routes(operations(DOCUMENT))


def at(path: str) -> dict[str, tuple[str, dict[str, str]]]:
    return {method: (route.operation.id, dict(route.path)) for method, route in ROUTES.at(path).items()}


def test_a_path_has_its_operations_by_method() -> None:
    assert at("/v1/notes") == {"GET": ("notes.list", {})}


def test_a_path_with_parameters_has_their_texts() -> None:
    assert at("/v1/notes/a b")["PUT"] == ("notes.write", {"note": "a b"})


def test_of_two_that_fit_with_the_same_method_the_first_in_the_document_is_taken() -> None:
    methods = at("/v1/notes/search")
    assert (methods["POST"], methods["GET"]) == (("notes.search", {}), ("notes.read", {"note": "search"}))


@pytest.mark.parametrize("path", ["", "/", "/v1/notes/", "/v1/notes\n", "/v1/notes/a/b", "/V1/notes", "v1/notes"])
def test_another_path_has_none(path: str) -> None:
    assert at(path) == {}


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_one_part_of_a_path_is_one_parameter_whatever_is_in_it(text: str) -> None:
    assert at(f"/v1/notes/{text}")["DELETE"] == ("notes.delete", {"note": text})
