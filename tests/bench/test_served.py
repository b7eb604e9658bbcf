"""The load reaches a served function, counts what comes back, and leaves nothing running."""

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import load, servers, targets


@pytest.fixture(scope="module")
def served() -> Iterator[servers.Server]:
    with servers.serve(targets.empty("answering", requests())) as server:
        yield server


def requests() -> Iterator[bytes]:
    return itertools.repeat(load.post("/", b"{}"))


def test_every_answer_under_load_is_counted_with_its_latency(served: servers.Server) -> None:
    result = load.run(served.port, requests(), connections=4, seconds=2.0, expected=(b'"APPROVE"',))
    assert (len(result.latencies) > 4, result.latencies == sorted(result.latencies), result.failed) == (True, True, [])


def test_an_answer_without_what_is_expected_has_failed(served: servers.Server) -> None:
    result = load.run(served.port, requests(), connections=1, seconds=1.0, expected=(b'"REJECT"',))
    assert len(result.failed) == len(result.latencies) > 0


def test_a_function_is_gone_after_its_measurement() -> None:
    with servers.serve(targets.empty("answering", requests())) as server:
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_function_that_does_not_start_is_told_with_what_it_printed(tmp_path: Path) -> None:
    source = tmp_path / "main.py"
    source.write_text("raise RuntimeError('no such luck')")
    with (
        pytest.raises(servers.NotReady, match="no such luck"),
        servers.serve(servers.Function("broken", source, requests())),
    ):
        pass
