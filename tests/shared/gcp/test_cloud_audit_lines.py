"""Whatever Cloud Logging answers, nothing is taken for the audit's lines that is none."""

from typing import Any

import pytest

from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.gcp.cloud_audit_lines import CloudAuditLines
from shared.http.service_client import Answer, ServiceClient
from tests.support.deadlines import plenty


class Answering(ServiceClient):
    """Gives one answer to everything."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def request(self, method: str, path: str, deadline: Deadline, **options: Any) -> Answer:
        return self._answer


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"entries": {}}),
        Answer(200, {"entries": [1]}),
        Answer(200, {"entries": [{}]}),
        Answer(200, {"entries": [{"jsonPayload": "x"}]}),
        Answer(400, {}),
        Answer(404, {}),
        Answer(200, {"nextPageToken": "for ever"}),
    ],
    ids=str,
)
async def test_what_is_no_list_of_entries_is_told(answer: Answer) -> None:
    with pytest.raises(Unavailable):
        await CloudAuditLines(Answering(answer), "view", ["operator-api"]).between(1, 2, plenty())


async def test_none_is_an_empty_list() -> None:
    assert await CloudAuditLines(Answering(Answer(200, {})), "view", ["operator-api"]).between(1, 2, plenty()) == []
