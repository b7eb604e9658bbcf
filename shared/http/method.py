"""Which method a path takes, told to those who used another one (RFC 9110, 405 with Allow)."""

from starlette.responses import Response

from shared.http.problem import problem_response


def not_allowed(*allowed: str) -> Response:
    """A 405 that names the methods the path does take."""
    response = problem_response(405, "The path does not take this method", f"use {' or '.join(allowed)}")
    response.headers["allow"] = ", ".join(allowed)
    return response
