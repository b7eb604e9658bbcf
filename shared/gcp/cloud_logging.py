"""Reading Cloud Logging from the command line."""

from collections.abc import Callable
from typing import Any

import msgspec

from shared.deadline import Deadline
from shared.gcp import log_entries, rest

PAGE = 1000
"""Entries of one page, the API's maximum."""


class CloudLogging(msgspec.Struct, frozen=True):
    """The log entries of one project, for an account with `roles/logging.viewer`. `token` gives an access token."""

    project: str
    token: Callable[[], str]
    base: str = log_entries.URL

    def entries(self, filter_: str, deadline: Deadline, limit: int) -> list[dict[str, Any]]:
        """Up to `limit` entries (LogEntry in JSON) that match `filter_` (Logging query language), the oldest first."""
        listed: list[dict[str, Any]] = []
        page_token = ""
        for _ in range(-(-limit // PAGE) * 4):  # pages may come half empty, or empty
            answer = rest.call(self.base + log_entries.PATH, self.token(), deadline, self._request(filter_, page_token))
            listed += log_entries.entries(answer)
            page_token = log_entries.next_page(answer)
            if not page_token or len(listed) >= limit:
                break
        return listed[:limit]

    def _request(self, filter_: str, page_token: str) -> dict[str, Any]:
        request = {
            "resourceNames": [f"projects/{self.project}"],
            "filter": filter_,
            "orderBy": "timestamp asc",
            "pageSize": PAGE,
        }
        return request | ({"pageToken": page_token} if page_token else {})
