"""A backtest by several processes tells, value for value, what one process tells; and ends with whoever asked."""

import multiprocessing
import os
import signal
from collections import Counter
from itertools import islice

import pytest

from jobs.backtest import processes
from jobs.backtest.command import events_of
from jobs.backtest.features import Offline, Row
from jobs.backtest.processes import most, offline_rows
from jobs.backtest.share import Split
from shared.errors import Unavailable
from shared.events.events import Event
from tests.jobs.backtest.test_features import generated
from tests.shared.risk.features.test_online_offline import DATA
from tests.support.event_streams import TOKENS

pytestmark = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="needs processes that can be forked"
)


def rows_of(events: list[Event], processes: int) -> list[Row]:
    with offline_rows(events, TOKENS, processes) as rows:
        return list(rows)


def types(rows: list[Row]) -> list[list[type]]:
    return [[type(value) for value in row.values] for row in rows]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("chunk", [1, 100, 30_000])
def test_vectors_are_those_of_one_process(monkeypatch: pytest.MonkeyPatch, count: int, chunk: int) -> None:
    monkeypatch.setattr(processes, "_CHUNK", chunk)
    events = generated()
    expected = list(Offline(TOKENS).rows(events))
    rows = rows_of(events, count)
    assert rows == expected
    assert types(rows) == types(expected)


def test_vectors_of_the_handbook_are_those_of_one_process() -> None:
    if not DATA.exists():
        pytest.skip(f"needs the Handbook's transactions ({DATA.name}); SLACKER_DATA names the folder above data/fraud")
    events = list(islice(events_of(DATA), 5000))
    assert rows_of(events, 2) == list(Offline(TOKENS).rows(events))


def test_without_events_there_are_no_vectors() -> None:
    assert rows_of([], 2) == []


def test_every_process_has_a_share_of_the_clients() -> None:
    for count in range(2, 12):
        owner = Split(count).owner
        shares = Counter(owner(f"client-{number}") for number in range(10_000))
        assert set(shares) == set(range(count))
        assert min(shares, key=shares.__getitem__) == 0  # it has the vectors to put together besides


def test_no_process_outlives_who_stops_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_CHUNK", 1)
    with offline_rows(generated() * 20, TOKENS, 3) as rows:  # more than the pipes hold
        next(rows)
        assert len(multiprocessing.active_children()) == 2  # and this one
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a short list of vectors."""
    monkeypatch.setattr(processes, "_CHUNK", 1)
    with offline_rows(generated() * 20, TOKENS, 2) as rows:  # more than the pipes hold
        next(rows)
        victim = multiprocessing.active_children()[0]
        assert victim.pid is not None
        os.kill(victim.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match="ended early"):
            list(rows)
    assert multiprocessing.active_children() == []


def test_an_interrupt_leaves_the_processes_to_who_started_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal sends it to all of them at once."""
    monkeypatch.setattr(processes, "_CHUNK", 1)
    events = generated()
    with offline_rows(events, TOKENS, 2) as rows:
        first = list(islice(rows, 50))  # by then both of them run
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
        assert [*first, *rows] == list(Offline(TOKENS).rows(events))


def test_there_is_a_process_for_each_core_that_may_be_used() -> None:
    assert most() == len(os.sched_getaffinity(0))
