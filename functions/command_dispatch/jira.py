"""Tickets in Jira Cloud, by its REST API v3.

Jira has no idempotency key, and its search does not see at once what was made. So an issue carries the id of the
command it was made for twice: as a label, by which it is searched, and as an issue property, which says so for certain.
Sources: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post,
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.deadline import Deadline
from shared.errors import Invalid, Misconfigured, Problem, SlackerError, Unavailable, Uncertain
from shared.http.service_client import Answer, ServiceClient

from .jira_document import document
from .tickets import Ticket

PROPERTY = "slacker.command"

_LABEL = "slacker-"
_MAX_RESULTS = 20
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]+-[0-9]+")


class Jira:
    """Implements `Tickets` in the Jira behind `downstream`."""

    def __init__(self, downstream: ServiceClient) -> None:
        self._downstream = downstream

    async def create(self, ticket: Ticket, deadline: Deadline) -> str:
        """See the port."""
        answer = await self._downstream.request("POST", "/rest/api/3/issue", deadline, json=issue(ticket))
        if answer.status != 201:
            raise _refusal(answer)
        key = answer.body.get("key")
        if not (isinstance(key, str) and _KEY.fullmatch(key)):
            raise Uncertain("Jira said that it made an issue, and not which")
        return key

    async def made_for(self, command_id: str, deadline: Deadline) -> Sequence[str]:
        """See the port."""
        query = {
            "jql": f'labels = "{label(command_id)}" ORDER BY created ASC, key ASC',
            "maxResults": _MAX_RESULTS,
            "fields": ["created"],
            "properties": [PROPERTY],
        }
        answer = await self._downstream.request("POST", "/rest/api/3/search/jql", deadline, json=query, safe=True)
        if answer.status != 200:
            raise Misconfigured(f"Jira answered a search with status {answer.status}")
        issues = answer.body.get("issues")
        if not isinstance(issues, list):
            raise Unavailable("Jira answered a search without issues")
        return [key for key in (_key_of(issue_found, command_id) for issue_found in issues) if key]

    async def close(self) -> None:
        """Close the connections."""
        await self._downstream.close()


def label(command_id: str) -> str:
    """The label of the issue made for a command; the id has no character that a label or a query could not have."""
    return _LABEL + command_id


def issue(ticket: Ticket) -> Mapping[str, Any]:
    """The body that makes an issue of `ticket`: `IssueUpdateDetails` of Jira's API."""
    kind = ticket.kind
    fields: dict[str, Any] = {
        "project": {"key": kind.project},
        "issuetype": {"name": kind.issue_type},
        "summary": ticket.summary,
        "labels": [label(ticket.command_id), *kind.labels],
        "description": document(ticket),
    }
    if kind.priorities:
        fields["priority"] = {"name": kind.priorities[ticket.priority]}
    return {"fields": fields, "properties": [{"key": PROPERTY, "value": {"id": ticket.command_id}}]}


def _key_of(issue_found: Any, command_id: str) -> str:
    """The key of an issue found by its label, or nothing where its property names another command: a label is copied
    along with an issue, a property is not.
    """
    try:
        key, properties = issue_found["key"], issue_found.get("properties") or {}
        owner = (properties.get(PROPERTY) or {}).get("id", command_id)
    except (TypeError, KeyError, AttributeError) as error:
        raise Unavailable("Jira answered a search with what is no issue") from error
    if not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise Unavailable("Jira answered a search with what is no key")
    return key if owner == command_id else ""


def _refusal(answer: Answer) -> SlackerError:
    """Why no issue was made: fields that Jira does not take are named, their values are not."""
    if answer.status in {400, 413}:
        errors = answer.body.get("errors")
        named = sorted(name for name in errors if _FIELD.fullmatch(name)) if isinstance(errors, dict) else []
        return Invalid(*(Problem(f"/fields/{name}", "Jira does not take it") for name in named or ["*"]))
    return Misconfigured(f"Jira answered with status {answer.status}: see its projects, types and permissions")
