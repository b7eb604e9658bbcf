"""The door: who gets in, what is checked there, and that the description is the truth."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.operator_api.contract import contract, description
from functions.operator_api.route import Route
from shared.privacy import DataClass
from tests.functions.operator_api.build import Office, review, store

ROUTES = [route for route, _ in Office().service.routes]


def test_the_description_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(dict(description())).validate()


def test_the_description_has_the_routes_and_no_others_with_their_roles() -> None:
    described = {
        (method.upper(), path, operation["operationId"], frozenset(operation["x-roles"]))
        for path, item in description()["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and path != "/v1/openapi.json"
    }
    assert described == {(route.method, route.path, route.action, route.roles) for route in ROUTES}


def _leaves(value: Any, place: str = "") -> list[tuple[str, Any]]:
    """Every field of the described schemas that has no members of its own, and its data class."""
    found = []
    for name, part in value.get("properties", {}).items():
        inner = part.get("items", part)
        if "properties" in inner:
            found += _leaves(inner, f"{place}/{name}")
        elif not ("$ref" in inner and "x-data-class" not in inner and "x-data-class" not in part):
            found.append((f"{place}/{name}", inner.get("x-data-class", part.get("x-data-class"))))
    return found


def test_every_field_says_what_it_is_for_privacy() -> None:
    schemas = description()["components"]["schemas"]
    found = [leaf for name, schema in schemas.items() for leaf in _leaves(schema, name)]
    assert [place for place, declared in found if declared not in set(DataClass)] == []


def test_the_described_bodies_refuse_what_is_not_described() -> None:
    bodies = [found.body for route in ROUTES if (found := contract(route.method, route.path)).body is not None]
    assert bodies
    for body in bodies:
        with pytest.raises(Exception, match="nonsense"):
            body.check({"nonsense": 1})


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.action)
async def test_no_route_is_open_to_who_has_no_role(route: Route) -> None:
    office = Office()
    path = "/".join("x.y.1" if part.startswith("{") else part for part in route.path.split("/"))
    assert (await office.call("eve", route.method, path)).status == 403


async def test_the_description_is_served_to_operators() -> None:
    office = Office()
    assert (await office.call("ana", "GET", "/v1/openapi.json")).json == description()
    assert (await office.call("eve", "GET", "/v1/openapi.json")).status == 403
    assert (await office.call("ana", "POST", "/v1/openapi.json")).status == 405


@pytest.mark.parametrize(
    ("method", "path", "query", "status", "told"),
    [
        ("GET", "/", "", 404, "the paths of this service are in /v1/openapi.json"),
        ("GET", "/v1/reviews//approve", "", 404, "the paths of this service are in /v1/openapi.json"),
        ("DELETE", "/v1/reviews", "", 405, "use GET"),
        ("GET", "/v1/reviews", "limit=0", 422, "?limit: the value is less than the minimum of 1"),
        ("GET", "/v1/reviews", "limit=many", 422, "?limit: a whole number expected"),
        ("GET", "/v1/reviews", "status=closed", 422, '?status: the value is not one of "open" or "any"'),
        ("GET", "/v1/reviews", "sort=by", 422, "?sort: is not a parameter here: status, after, limit, why expected"),
        ("GET", "/v1/reviews/no such", "", 422, None),
        ("GET", "/v1/reviews/transaction.op-9.1", "", 404, "there is no review of this id"),
        ("POST", "/v1/reviews/transaction.op-9.1/approve", "", 400, "/: the body is not JSON"),
    ],
)
async def test_a_wrong_call_is_told_what_was_expected(
    method: str, path: str, query: str, status: int, told: str | None
) -> None:
    answer = await Office().call("ana", method, path, query=query)
    assert (answer.status, told is None or answer.json["detail"] == told) == (status, True), answer.json


async def test_without_the_token_key_no_client_is_shown_and_switches_still_turn() -> None:
    office = Office()
    await store(office.documents, review())
    office.service.log.tokens = None
    assert (await office.call("ana", "GET", "/v1/reviews")).status == 503
    assert (await office.judge("ana", "approve")).status == 503
    off = {"on": False, "why": "sends twice"}
    assert (await office.call("ana", "PUT", "/v1/switches/notify_client.text", off)).status == 200
