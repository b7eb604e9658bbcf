"""Stands in for the metadata server: one unsigned token for whoever asks, as a function would get its own."""

import base64
import json
import time

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response


def token(email: str) -> str:
    """A bearer token as Cloud Run forwards it: its claims readable, its signature replaced; good for an hour."""
    parts = ({"alg": "RS256"}, {"email": email, "email_verified": True, "exp": int(time.time()) + 3600})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "SIGNATURE_REMOVED_BY_GOOGLE"])


@functions_framework.aio.http
async def metadata(_: Request) -> Response:
    """The token of `advice`."""
    return Response(token("advice@slacker.local"), media_type="text/plain")
