"""Who may call a function that has one path and one method."""

from collections.abc import Mapping

import pytest

from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.http.callers import Caller
from shared.http.guard import guard
from tests.support.http_requests import http_request


class Named:
    """The caller is who the header says."""

    def identify(self, headers: Mapping[str, str]) -> Caller:
        if "authorization" not in headers:
            raise Unauthenticated("no token")
        return Caller(headers["authorization"])


def guarded(method: str, path: str, caller: str | None = "a@x.example") -> int | None:
    headers = {} if caller is None else {"authorization": caller}
    request = http_request(method, path, headers=headers)
    response = guard(request, Named(), {"a@x.example"}, function="a toy", verb="play")
    return None if response is None else response.status_code


def test_who_is_allowed_may_post_to_the_one_path() -> None:
    assert guarded("POST", "/") is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_another_method_is_a_405_whoever_calls(method: str) -> None:
    assert guarded(method, "/", None) == 405


def test_another_path_is_not_there_whoever_calls() -> None:
    with pytest.raises(NotFound, match="a toy has the path / alone"):
        guarded("GET", "/v1", None)


def test_somebody_else_may_not_and_nobody_is_unknown() -> None:
    with pytest.raises(Forbidden, match=r"b@x\.example may not play: see SLACKER_CALLERS"):
        guarded("POST", "/", "b@x.example")
    with pytest.raises(Unauthenticated):
        guarded("POST", "/", None)
