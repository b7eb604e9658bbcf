"""Reading Cloud Logging (`entries:list`, https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list)."""

from collections.abc import Callable
from typing import Any

import msgspec

from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.gcp import rest

BASE = "https://logging.googleapis.com"
PAGE = 1000
"""Entries of one page, the API's maximum."""


class CloudLogging(msgspec.Struct, frozen=True):
    """The log entries of one project, for an account with `roles/logging.viewer`. `token` gives an access token."""

    project: str
    token: Callable[[], str]
    base: str = BASE

    def entries(self, filter_: str, deadline: Deadline, limit: int) -> list[dict[str, Any]]:
        """Up to `limit` entries (LogEntry in JSON) that match `filter_` (Logging query language), the oldest first."""
        entries: list[dict[str, Any]] = []
        page_token = ""
        for _ in range(-(-limit // PAGE) * 4):  # pages may come half empty, or empty
            answer = rest.call(
                f"{self.base}/v2/entries:list", self.token(), deadline, self._request(filter_, page_token)
            )
            page = answer.get("entries", [])
            if not isinstance(page, list) or not all(isinstance(entry, dict) for entry in page):
                raise Unavailable("Cloud Logging answered something else than log entries")
            entries += page
            page_token = answer.get("nextPageToken", "")
            if not page_token or len(entries) >= limit:
                break
        return entries[:limit]

    def _request(self, filter_: str, page_token: str) -> dict[str, Any]:
        request = {
            "resourceNames": [f"projects/{self.project}"],
            "filter": filter_,
            "orderBy": "timestamp asc",
            "pageSize": PAGE,
        }
        return request | ({"pageToken": page_token} if page_token else {})
