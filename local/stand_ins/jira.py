"""Plays Jira Cloud's REST API v3: issues are created, and found by label after the lag that its switches set.

Requests and answers keep Jira's own OpenAPI description. It checks what Jira would: known projects, types, priorities,
and a description in Atlassian's document format.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from local.stack.stand_ins import SECRETS
from local.stand_ins.faults import Switches
from local.stand_ins.json_store import JsonStore, store_of
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from shared.http.credentials import basic
from shared.times import at_seconds

PROJECTS = ("REVIEW", "FRAUD", "OPS")
_TYPES = frozenset(("Task", "Bug", "Story"))
_PRIORITIES = frozenset(("Lowest", "Low", "Medium", "High", "Highest"))
_REQUIRED = ("project", "issuetype", "summary")
_KNOWN = frozenset((*_REQUIRED, "labels", "description", "priority"))
_LABELS = re.compile(r'labels\s*=\s*"([^"\\ ]{1,255})"(?:\s+ORDER BY .*)?', re.IGNORECASE)


class Jira:
    """Implements `local.stand_ins.service.Service` over `store`."""

    name = "jira"

    def __init__(self, store: JsonStore) -> None:
        self._store = store
        self._labelled: dict[str, list[str]] = {}  # the keys of the issues with a label, the oldest first
        for key, issue in self.issues().items():
            self._remember(key, issue["fields"])

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:
        """See the protocol."""
        match request.method, request.path:
            case "POST", "/rest/api/3/issue":
                return self._create(request.json(), now)
            case "POST", "/rest/api/3/search/jql":
                return self._search(request.json(), now - switches.search_lag_ms / 1000)
            case _, "/rest/api/3/search":
                return _errors(410, "The requested API has been removed. Please migrate to /rest/api/3/search/jql.")
        return _errors(404, "There is no such resource.")

    def refusal(self, status: int) -> Reply:
        """See the protocol."""
        return _errors(status, f"refused with status {status}")

    def tables(self) -> Sequence[Table]:
        """See the protocol."""
        rows = [
            (key, issue["made"], issue["fields"]["summary"], (issue["fields"].get("priority") or {}).get("name", ""),
             " ".join(issue["fields"].get("labels", ())), text(issue["fields"].get("description")))
            for key, issue in reversed(self.issues().items())
        ]  # fmt: skip
        return [Table("Issues", ("key", "made", "summary", "priority", "labels", "description"), rows)]

    def issues(self) -> dict[str, Any]:
        """Every issue by key, the oldest first."""
        return self._store.all("issues")

    def close(self) -> None:
        """See the protocol."""
        self._store.close()

    def _create(self, body: Any, now: float) -> Reply:
        fields = body.get("fields") if isinstance(body, dict) else None
        if not isinstance(fields, dict):
            return _errors(400, "fields expected")
        wrong = _wrong(fields)
        if wrong:
            return Reply(400, {"errorMessages": [], "errors": wrong})
        id_ = str(10_000 + self._store.count("issues"))
        key = f"{fields['project']['key']}-{self._store.count('issues') + 1}"
        made = at_seconds(now).isoformat(timespec="milliseconds")
        kept = {"id": id_, "at": now, "made": made, "fields": fields, "properties": body.get("properties", [])}
        self._store.put("issues", key, kept)
        self._remember(key, fields)
        return Reply(201, {"id": id_, "key": key, "self": f"https://jira.example/rest/api/3/issue/{id_}"})

    def _remember(self, key: str, fields: Mapping[str, Any]) -> None:
        for label in dict.fromkeys(fields.get("labels", ())):
            self._labelled.setdefault(label, []).append(key)

    def _search(self, body: Any, seen_until: float) -> Reply:
        query = _LABELS.fullmatch(body.get("jql", "")) if isinstance(body, dict) else None
        if query is None:
            return _errors(400, "This stand-in understands a query by one label.")
        properties = body.get("properties", [])
        issues = [
            _issue(key, issue, properties)
            for key in self._labelled.get(query[1], ())
            if (issue := self._store.get("issues", key))["at"] <= seen_until
        ]
        return Reply(200, {"issues": issues[: body.get("maxResults", 50)], "isLast": True})


def text(node: Any) -> str:
    """The text of a document in Atlassian's format, blocks one after another."""
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node["text"])
    parts = [text(child) for child in node.get("content", ())]
    return ("" if node.get("type") == "paragraph" else " · ").join(parts)


def _wrong(fields: Mapping[str, Any]) -> dict[str, str]:
    """What Jira would not take, by field."""
    wrong = {name: f"{name} is required" for name in _REQUIRED if not fields.get(name)}
    wrong |= dict.fromkeys(fields.keys() - _KNOWN, "Field cannot be set: it is not on the screen.")
    if _named(fields, "project", "key") not in PROJECTS:
        wrong["project"] = "valid project is required"
    if _named(fields, "issuetype", "name") not in _TYPES:
        wrong["issuetype"] = "Specify a valid issue type"
    if "priority" in fields and _named(fields, "priority", "name") not in _PRIORITIES:
        wrong["priority"] = "Priority name is not valid"
    if not isinstance(fields.get("summary"), str) or not 0 < len(fields["summary"]) <= 255 or "\n" in fields["summary"]:
        wrong["summary"] = "Summary must be a line of at most 255 characters."
    if any(" " in label or len(label) > 255 for label in fields.get("labels", ())):
        wrong["labels"] = "A label cannot contain spaces."
    description = fields.get("description", {"type": "doc", "version": 1})
    if not (isinstance(description, dict) and (description.get("type"), description.get("version")) == ("doc", 1)):
        wrong["description"] = "Operation value must be an Atlassian Document"
    return wrong


def _named(fields: Mapping[str, Any], field: str, by: str) -> Any:
    value = fields.get(field)
    return value.get(by) if isinstance(value, dict) else None


def _issue(key: str, issue: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
    properties = {item["key"]: item["value"] for item in issue["properties"] if item["key"] in keys}
    self = f"https://jira.example/rest/api/3/issue/{issue['id']}"
    return {"id": issue["id"], "key": key, "self": self, "fields": {"created": issue["made"]}, "properties": properties}


def _errors(status: int, message: str) -> Reply:
    return Reply(status, {"errorMessages": [message], "errors": {}})


def application() -> web.Application:
    """The stand-in of the stack."""
    return StandIn(Jira(store_of("jira")), {basic(SECRETS["jira-token"])}).application()
