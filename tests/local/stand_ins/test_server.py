"""A stand-in breaks as its switches say, forgets nothing, and can be looked at."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from local.stand_ins.faults import PRESETS, Fault, Switches, switches
from local.stand_ins.json_store import JsonStore
from local.stand_ins.server import StandIn
from local.stand_ins.service import Reply, Request, Table
from tests.support.eventually import eventually

OURS = {"authorization": "Bearer ours"}


class Notes:
    """Keeps what is posted."""

    name = "notes"

    def __init__(self, store: JsonStore) -> None:
        self.store = store

    def handle(self, request: Request, switches: Switches, now: float) -> Reply:
        body = request.json()
        self.store.put("notes", body["id"], body)
        return Reply(201, {"path": request.path, "kept": self.store.count("notes")})

    def refusal(self, status: int) -> Reply:
        return Reply(status, {"refused": status})

    def tables(self) -> Sequence[Table]:
        return [Table("Notes", ("id",), [(key,) for key in self.store.all("notes")])]

    def close(self) -> None:
        self.store.close()


@asynccontextmanager
async def serving(path: Path | None = None) -> AsyncIterator[tuple[StandIn, aiohttp.ClientSession, Notes]]:
    notes = Notes(JsonStore(path))
    async with StandIn(notes, {OURS["authorization"]}) as stand_in, aiohttp.ClientSession(stand_in.url) as session:
        yield stand_in, session, notes


async def post(session: aiohttp.ClientSession, id_: str = "a", **headers: str) -> tuple[int, Any]:
    async with session.post("/notes", json={"id": id_}, headers=headers or OURS) as response:
        return response.status, await response.json()


async def test_who_shows_no_credential_or_another_one_is_refused() -> None:
    async with serving() as (_, session, notes):
        assert await post(session, authorization="Bearer theirs") == (401, {"refused": 401})
        assert notes.store.count("notes") == 0
        assert await post(session) == (201, {"path": "/notes", "kept": 1})


async def test_a_body_that_is_no_json_is_refused() -> None:
    async with serving() as (_, session, __), session.post("/notes", data=b"\xff{", headers=OURS) as response:
        assert response.status == 400


@pytest.mark.parametrize(("after_commit", "kept"), [(False, 0), (True, 1)])
async def test_a_status_is_answered_before_or_after_it_is_done(after_commit: bool, kept: int) -> None:
    async with serving() as (stand_in, session, notes):
        stand_in.switches = switches(Fault("status", 429, retry_after=3, after_commit=after_commit))
        async with session.post("/notes", json={"id": "a"}, headers=OURS) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "3")
        assert notes.store.count("notes") == kept


async def test_a_fault_that_happens_so_many_times_is_then_over() -> None:
    async with serving() as (stand_in, session, _):
        stand_in.switches = switches(Fault("status", 500, times=2))
        assert [(await post(session))[0] for _ in range(3)] == [500, 500, 201]


async def test_it_hangs_until_its_caller_gives_up() -> None:
    async with serving() as (stand_in, session, notes):
        stand_in.switches = switches(Fault("hang", after_commit=True))
        waiting = asyncio.ensure_future(post(session))
        await eventually(lambda: notes.store.count("notes") == 1)
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_it_hangs_up() -> None:
    async with serving() as (stand_in, session, _):
        stand_in.switches = switches(Fault("disconnect"))
        with pytest.raises(aiohttp.ClientError):
            await post(session)


async def test_what_it_has_done_outlives_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "notes.sqlite"
    async with serving(path) as (_, session, __):
        await post(session, "a")
        await post(session, "b")
    async with serving(path) as (_, __, notes):
        assert list(notes.store.all("notes")) == ["a", "b"]
        notes.store.remove("notes", "a")
    async with serving(path) as (_, __, notes):
        assert list(notes.store.all("notes")) == ["b"]


async def test_switches_are_set_shown_and_reset_over_http() -> None:
    async with serving() as (stand_in, session, _):
        body = {"latency_ms": 5, "faults": [{"kind": "hang", "share": 0.5}]}
        async with session.put("/_switches", json=body) as response:
            assert response.status == 200
        assert stand_in.switches == switches(Fault("hang", share=0.5), latency_ms=5)
        async with session.get("/_switches") as response:
            assert (await response.json())["latency_ms"] == 5
        async with session.delete("/_switches"):
            assert stand_in.switches == Switches()


@pytest.mark.parametrize("wrong", [b"", b"[]", b'{"latency": 1}', b'{"faults":[{"kind":"x"}]}', b'{"latency_ms":-1}'])
async def test_switches_that_there_are_not_are_refused_and_nothing_changes(wrong: bytes) -> None:
    async with serving() as (stand_in, session, _):
        async with session.put("/_switches", data=wrong) as response:
            assert (response.status, list(await response.json())) == (400, ["error"])
        assert stand_in.switches == Switches()


@pytest.mark.parametrize("name", sorted(PRESETS))
async def test_a_button_of_the_page_sets_a_preset(name: str) -> None:
    async with serving() as (stand_in, session, _):
        async with session.post(f"/_switches/{name}") as response:
            assert (response.status, response.url.path) == (200, "/")
            assert f'action="_switches/{name}"><button class="on">' in await response.text()
        assert stand_in.switches == PRESETS[name]


async def test_the_page_shows_what_it_holds_and_lets_nothing_through_as_markup() -> None:
    async with serving() as (_, session, __):
        await post(session, "<b>")
        async with session.get("/") as response:
            page = await response.text()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


async def test_it_is_the_same_mounted_under_a_name() -> None:
    notes = Notes(JsonStore())
    everything = web.Application()
    everything.add_subapp("/notes-of-ours", StandIn(notes, set(OURS.values())).application())
    runner = web.AppRunner(everything)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
            url = "/notes-of-ours/deep/path"
            async with session.post(url, json={"id": "a"}, headers=OURS) as response:
                assert await response.json() == {"path": "/deep/path", "kept": 1}
            async with session.post("/notes-of-ours/_switches/down") as response:
                assert response.url.path == "/notes-of-ours/"
    finally:
        await runner.cleanup()
        notes.close()
