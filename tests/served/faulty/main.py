"""A risk function that does what an operation id tells it to: hang, answer late, break, talk nonsense."""

import asyncio
import json

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

GOOD = {"advice": "APPROVE", "reasons": [], "versions": {}}
REVIEW = {
    "type": "open_review",
    "version": 1,
    "payload": {"client_id": "C-1", "reasons": [], "rule_set": "faulty@1"},
}
ANSWERS = {
    "garbage": b"\x00<html>",
    "list": b"[]",
    "illegal": json.dumps({**GOOD, "advice": "REJECT"}).encode(),
    "unknown": json.dumps({**GOOD, "advice": "MAYBE"}).encode(),
    "huge": b" " * 2_000_000,
    "review": json.dumps({**GOOD, "advice": "MANUAL_APPROVAL_NEEDED", "commands": [REVIEW]}).encode(),
    "unfit": json.dumps({**GOOD, "advice": "APPROVE", "commands": [{**REVIEW, "payload": {}}]}).encode(),
}


@functions_framework.aio.http
async def risk_decision(request: Request) -> Response:
    """Answers by the first word of the operation id."""
    kind = json.loads(await request.body())["operation_id"].split("-")[0]
    if kind == "hang":
        await asyncio.sleep(60)
    if kind == "slow":
        await asyncio.sleep(0.08)
    if kind == "broken":
        return Response(b"no", 500)
    return Response(ANSWERS.get(kind) or json.dumps(GOOD).encode(), media_type="application/json")
