"""The audit's lines in Cloud Logging, from the log bucket whose retention is locked."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.gcp.log_entries import PATH, entries, next_page
from shared.http.service_client import ServiceClient

_PAGE = 200  # entries of one answer
_MAX_PAGES = 200  # pages may come half empty, or empty


class CloudAuditLines:
    """Implements `shared.audit.anchors.AuditLines`: what `services`, which write the audit, logged to `view`, a view of
    a log bucket by its resource name.
    """

    def __init__(self, client: ServiceClient, view: str, services: Sequence[str]) -> None:
        self._client = client
        self._view = view
        names = " OR ".join(f'"{service}"' for service in services)
        self._filter = f'resource.labels.service_name=({names}) AND jsonPayload.kind=("audit" OR "audit_head")'

    async def between(self, first: int, last: int, deadline: Deadline) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        filter_ = f"{self._filter} AND jsonPayload.sequence>={first} AND jsonPayload.sequence<={last}"
        lines: list[Mapping[str, Any]] = []
        page_token = ""
        for _ in range(_MAX_PAGES):
            request = {"resourceNames": [self._view], "filter": filter_, "pageSize": _PAGE, "pageToken": page_token}
            answer = await self._client.request("POST", PATH, deadline, json=request, safe=True)
            if answer.status != 200:
                raise Unavailable(f"Cloud Logging refused to list the audit's lines with status {answer.status}")
            lines += _payloads(answer.body)
            page_token = next_page(answer.body)
            if not page_token:
                return lines
        raise Unavailable("Cloud Logging has more lines about these entries than can be")


def _payloads(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    payloads = [entry.get("jsonPayload") for entry in entries(answer)]
    if not all(isinstance(payload, dict) for payload in payloads):
        raise Unavailable("Cloud Logging answered something else than log entries")
    return payloads  # type: ignore[return-value]  # all of them are
