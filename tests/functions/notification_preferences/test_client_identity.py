"""Only the gateway speaks for clients."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.builders.notification_preferences import Function


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"caller": "somebody@else.example"}, 403), ({"client": None}, 422), ({"client": ""}, 422),
        ({"client": "C-1, C-2"}, 422), ({"client": "x" * 129}, 422), ({"headers": {"authorization": "Bearer x"}}, 401),
    ],
)  # fmt: skip
async def test_only_the_gateway_speaks_for_clients_and_names_one(
    tmp_path: Path, changes: dict[str, Any], status: int
) -> None:
    assert (await Function(tmp_path).call("GET", "/v1/preferences", **changes))[0] == status
