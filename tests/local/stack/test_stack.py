"""The stack starts whole or not at all, revives what dies, and leaves nothing behind, however it ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from local.stack.http_listener import bind, free_ports
from local.stack.process import ROOT
from local.stack.stack import Settings, Stack
from local.stack.state_directory import StateDirectory
from shared.errors import Misconfigured, SlackerError, Unavailable
from tests.support import toy_function
from tests.support.eventually import PATIENCE
from tests.support.processes import gone, of_state

ONE = ("advice",)


def _settings(folder: Path, text: str = toy_function.ECHO, **other: Any) -> Settings:
    source = toy_function.write(folder / "toy", text)
    return Settings(state=folder / "state", sources={"advice": source}, **other)


async def _ask(stack: Stack) -> tuple[int, str]:
    url = stack.url("advice")
    headers = {"authorization": f"Bearer {stack.tokens.sign('payments@slacker.local', url, time.time())}"}
    async with aiohttp.ClientSession() as session, session.get(f"{url}/here", headers=headers) as response:
        return response.status, await response.text()


async def test_a_function_serves_behind_the_front_and_its_output_is_kept(tmp_path: Path) -> None:
    async with Stack(_settings(tmp_path), ONE) as stack:
        status, text = await _ask(stack)
        assert (status, "SIGNATURE_REMOVED_BY_GOOGLE" in text, '"/here"' in text) == (200, True, True)
    assert '{"kind": "toy"}' in (tmp_path / "state/logs/advice.jsonl").read_text()


async def test_leaving_it_leaves_no_process(tmp_path: Path) -> None:
    async with Stack(_settings(tmp_path), ONE):
        assert len(of_state(tmp_path / "state")) >= 2
    assert not of_state(tmp_path / "state")


async def test_a_killed_function_comes_back_and_requests_wait_for_it(tmp_path: Path) -> None:
    async with Stack(_settings(tmp_path), ONE) as stack:
        process = stack.processes["advice"]
        await process.kill()
        async with asyncio.timeout(PATIENCE):
            while (await _ask(stack))[0] != 200:
                pass
        assert process.restarts == 1


async def test_a_killed_master_takes_its_workers_along(tmp_path: Path) -> None:
    async with Stack(_settings(tmp_path), ONE) as stack:
        process = stack.processes["advice"]
        before = of_state(tmp_path / "state")
        master = next(pid for pid in before if os.getpgid(pid) == pid)
        os.kill(master, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            while not process.restarts:
                await _ask(stack)
            await process.ready.wait()
        assert not before & of_state(tmp_path / "state")


async def test_a_function_that_breaks_at_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"advice did not get ready: it ended with status 1(.|\n)*the toy is broken"):
        async with Stack(_settings(tmp_path, toy_function.BROKEN), ONE):
            pass
    assert not of_state(tmp_path / "state")


async def test_a_function_that_does_not_get_ready_in_time_is_told_and_stopped(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"advice did not get ready: it did not answer in 0\.5 s"):
        async with Stack(_settings(tmp_path, toy_function.SILENT, ready_within=0.5), ONE):
            pass
    assert not of_state(tmp_path / "state")


async def test_a_port_in_use_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with bind(port, "somebody else") as taken:
        taken.listen()
        with pytest.raises(Misconfigured, match=f"port {port} is in use: advice cannot listen"):
            async with Stack(_settings(tmp_path, ports={"advice": port}), ONE):
                pass
        with pytest.raises(Misconfigured, match=f"port {port} is in use: the front cannot listen"):
            async with Stack(_settings(tmp_path, port=port), ONE):
                pass
    assert not of_state(tmp_path / "state")


async def test_two_stacks_do_not_share_a_state_directory(tmp_path: Path) -> None:
    async with Stack(_settings(tmp_path), ONE):
        with pytest.raises(SlackerError, match="another stack is using"):
            async with Stack(_settings(tmp_path), ONE):
                pass


def test_wiping_touches_only_what_a_stack_has_written(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    with state.claim():
        for own in ("documents.sqlite", "secrets.json", "stack.json", "logs/advice.jsonl"):
            (tmp_path / own).touch()
        for foreign in ("notes.txt", "logs/mine.txt"):
            (tmp_path / foreign).touch()
        state.wipe()
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"notes.txt", "logs/mine.txt", "stack.lock"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_a_stack_is_ended_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import asyncio, signal, sys; from pathlib import Path; from local.stack.stack import Settings, Stack\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job would ignore it
        "async def main():\n"
        "    state, source = map(Path, sys.argv[1:])\n"
        "    async with Stack(Settings(state=state, sources={'advice': source}), ('advice',)):\n"
        "        print('up', flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    state = tmp_path / "state"
    command = [sys.executable, "-c", program, str(state), str(toy_function.write(tmp_path / "toy"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as stack:
        assert stack.stdout is not None
        assert stack.stdout.readline() == b"up\n"
        assert of_state(state)
        stack.send_signal(number)
        try:
            stack.wait(PATIENCE)
        finally:
            stack.kill()
    assert gone(state)
