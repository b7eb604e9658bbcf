"""What the people on call do with dead letters."""

import json
from datetime import timedelta

from tests.corpus.scenarios.steps import (
    NOON,
    SCHEDULER,
    Steps,
    at,
    cases,
    cli,
    http,
    operator,
    settle,
)


def letters(kind: str) -> Steps:
    """What the people on call do with dead letters."""
    listed = yield operator("ana", "POST", "/v1/dead-letters/search", {"limit": 50})
    letter_ids = [each["letter"] for each in json.loads(listed[0]["body"])["letters"]]
    yield operator("ana", "POST", "/v1/dead-letters/search", {"filter": {"type": kind}, "limit": 2})
    yield operator("ana", "POST", "/v1/dead-letters/groups", {})
    yield operator("sue", "POST", "/v1/dead-letters/groups", {})
    for letter in letter_ids[:3]:
        yield operator("ana", "GET", f"/v1/dead-letters/{letter}", query="why=look")
    yield operator("ana", "GET", "/v1/dead-letters/2026-11-22T09:29:00.000Z.0011223344556677")
    yield operator("ana", "GET", "/v1/dead-letters/x")
    yield operator("ana", "POST", f"/v1/dead-letters/{letter_ids[0]}/reveal", {"why": "case 7"})
    yield operator("ana", "POST", f"/v1/dead-letters/{letter_ids[0]}/reveal", {})
    yield operator("ana", "POST", f"/v1/dead-letters/{letter_ids[0]}/edit", {"why": "x", "changes": {"version": 1}})
    yield operator(
        "ana", "POST", "/v1/dead-letters/redrive", {"why": "again", "filter": {"type": kind}, "dry_run": True}
    )
    for letter in letter_ids[:4]:
        yield operator("ana", "POST", "/v1/dead-letters/redrive", {"why": "again", "letters": [letter]})
    yield operator("ben", "POST", "/v1/dead-letters/redrive", {"why": "again", "letters": letter_ids[:4]})
    yield operator("ana", "POST", "/v1/dead-letters/discard", {"why": "a test", "letters": letter_ids[4:7]})
    yield operator("ben", "POST", "/v1/dead-letters/discard", {"why": "a test", "letters": letter_ids[4:7]})
    yield operator("ana", "POST", "/v1/dead-letters/discard", {"letters": []})
    for arguments in cases(
        ["list"],
        ["list", "--json"],
        ["groups"],
        ["show", letter_ids[-1], "--why", "look"],
        ["show", "x"],
        ["discard", letter_ids[-1], "--why", "a test"],
        ["redrive", "--type", kind, "--why", "x", "--dry-run"],
    ):
        yield cli("dead-letters", *arguments)
    yield http("scheduled_work", "/", at=at(NOON + timedelta(minutes=10)), **{"as": SCHEDULER})
    yield from settle()
    yield http("scheduled_work", "/", at=at(NOON + timedelta(minutes=20)), **{"as": SCHEDULER})
    yield operator("ana", "POST", "/v1/dead-letters/search", {"filter": {"status": "any"}, "limit": 50})
