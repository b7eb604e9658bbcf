"""What Cloud Logging answers to `entries:list`, whoever asks and by whichever client.

https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import Unavailable

URL = "https://logging.googleapis.com"
PATH = "/v2/entries:list"


def entries(answer: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The entries (LogEntry in JSON) of one page; raises `Unavailable` where they are none."""
    page = answer.get("entries", [])
    if not isinstance(page, list) or not all(isinstance(entry, dict) for entry in page):
        raise Unavailable("Cloud Logging answered something else than log entries")
    return page


def next_page(answer: Mapping[str, Any]) -> str:
    """The token of the page after this one; empty after the last."""
    return str(answer.get("nextPageToken") or "")
