"""Who may call a function that has one path and one method: event functions, risk functions and scheduled work."""

from collections.abc import Collection

from starlette.responses import Response

from shared.errors import Forbidden, NotFound
from shared.http.callers import Callers
from shared.http.request import HttpRequest
from shared.http.responses import method_not_allowed


def guard(
    request: HttpRequest, callers: Callers, allowed: Collection[str], *, function: str, verb: str
) -> Response | None:
    """`None` where one of `allowed`, by e-mail address, calls `POST /`; the 405 where the method is another one.

    Raises `NotFound` for another path, `Unauthenticated` and `Forbidden`; their messages read `a risk function has the
    path / alone` and `… may not ask`, of the `function` and the `verb`.
    """
    if request.path != "/":
        raise NotFound(f"{function} has the path / alone")
    if request.method != "POST":
        return method_not_allowed("POST")
    caller = callers.identify(request.headers)
    if caller.email not in allowed:
        raise Forbidden(f"{caller.email} may not {verb}: see SLACKER_CALLERS")
    return None
