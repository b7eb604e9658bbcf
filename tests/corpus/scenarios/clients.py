"""What clients choose and register."""

from datetime import timedelta
from typing import Any

from tests.corpus.scenarios.steps import (
    GATEWAY,
    NOON,
    Steps,
    at,
    cases,
    http,
)
from tests.corpus.stage import Json


def preferences() -> Steps:
    to, who = "notification_preferences", {"as": GATEWAY}

    def ask(method: str, path: str, body: Any = None, client: str = "C-1", **more: Any) -> Json:
        return http(to, path, body, method, headers={"x-client-id": client} if client else {}, **{**who, **more})

    yield ask("GET", "/v1/preferences", at=at(NOON - timedelta(hours=1)))
    chosen = {
        "push": {"service": True, "rewards": True},
        "text": {"service": False, "rewards": False},
        "quiet_hours": None,
        "language": None,
        "time_zone": None,
    }
    night = {"start": "22:00", "end": "07:00"}
    for body in cases(
        chosen,
        {**chosen, "language": "cs", "time_zone": "Europe/Prague", "quiet_hours": night},
        {**chosen, "language": "x"},
        {**chosen, "time_zone": "Mars"},
        {**chosen, "push": {"security": False}},
        {},
        [],
        "{",
        "",
        {**chosen, "extra": 1},
        {**chosen, "quiet_hours": {"start": "25:00", "end": "1"}},
        {"long": 100_000},
    ):
        yield ask("PUT", "/v1/preferences", body)
    yield ask("GET", "/v1/preferences")
    phone = {"platform": "android", "fid": "f" * 22}
    yield ask("PUT", "/v1/devices/phone", phone)
    yield ask("PUT", "/v1/devices/tablet", {"platform": "ios", "fid": "g" * 22})
    yield ask("PUT", "/v1/devices/other", phone, "C-2")
    for body in cases(
        {},
        {**phone, "platform": "x"},
        {**phone, "fid": "f"},
        "{",
        {**phone, "extra": 1},
        {"platform": "ios", "token": "t" * 150},
    ):
        yield ask("PUT", "/v1/devices/wrong", body)
    yield ask("PUT", "/v1/devices/phone", phone)
    yield ask("PUT", "/v1/devices/" + "x" * 200, phone)
    yield ask("GET", "/v1/devices")
    yield ask("DELETE", "/v1/devices/tablet")
    yield ask("DELETE", "/v1/devices/tablet")
    for path in cases("/v1/openapi.json", "/", "/v1/nothing"):
        yield ask("GET", path)
    yield ask("POST", "/v1/preferences", chosen)
    yield ask("GET", "/v1/preferences", client="")
    yield ask("GET", "/v1/preferences", client="a/b")
    yield ask("GET", "/v1/preferences", **{"as": "stranger@slacker.local"})
