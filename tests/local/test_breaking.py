"""What is broken is mended in time, and whoever waits knows when."""

from aiohttp import web

from local.breaking import Break, Breaking
from local.listener import listen


async def test_a_stand_in_is_switched_and_switched_back_each_for_itself() -> None:
    seen: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(f"{request.method} {request.path}")
        return web.Response(status=303, headers={"location": "../"})

    runner, port = await listen(answer, 0, "the test")
    breaking = Breaking(lambda name: f"http://127.0.0.1:{port}/{name}", lasts=0.05)
    breaking.begin(Break("jira", 1))
    breaking.begin(Break("fcm", 1, "silent"))
    await breaking.over()
    await runner.cleanup()
    assert sorted(seen[:2]) == ["POST /fcm/_switches/silent", "POST /jira/_switches/down"]
    assert sorted(seen[2:]) == ["POST /fcm/_switches/well", "POST /jira/_switches/well"]
    assert [one.name for one in breaking.done] == ["jira", "fcm"]
