"""What is broken is mended once somebody had to wait for it, or when it is time to end."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from local.replay.fault_injection import FaultInjector, PlannedFault
from local.stack.http_listener import listen


@dataclass
class Played:
    """Two stand-ins; `seen` are the calls."""

    seen: list[str] = field(default_factory=list)
    port: int = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        return web.Response(status=303, headers={"location": "../"})

    def injector(self, waits: Callable[[], int]) -> FaultInjector:
        urls = {name: f"http://127.0.0.1:{self.port}/{name}" for name in ("jira", "fcm")}
        return FaultInjector(urls, waits, min_duration=0.05)


@pytest.fixture
async def played() -> AsyncIterator[Played]:
    server = Played()
    runner, server.port = await listen(server.handle, 0, "the test")
    yield server
    await runner.cleanup()


async def test_it_is_broken_and_mended_each_for_itself(played: Played) -> None:
    injector = played.injector(lambda: 0)
    injector.inject(PlannedFault("jira", 1))
    injector.inject(PlannedFault("fcm", 1, "silent"))
    await injector.restore_all()
    assert sorted(played.seen[:2]) == ["POST /fcm/_switches/silent", "POST /jira/_switches/down"]
    assert sorted(played.seen[2:]) == ["POST /fcm/_switches/well", "POST /jira/_switches/well"]


async def test_it_lasts_until_something_had_to_wait(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.replay.fault_injection._LOOK_EVERY", 0.01)
    counts = iter([3, 3, 3, 4])
    injector = played.injector(lambda: next(counts))
    injector.inject(PlannedFault("jira", 1))
    [task] = injector._running
    await task
    assert (next(counts, None), played.seen[-1]) == (None, "POST /jira/_switches/well")
