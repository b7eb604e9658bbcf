"""How many events a core takes by push, what each costs, and what one hot merchant does to that."""

import itertools
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop
from msgspec.structs import replace

from bench import comparison, emulator, pushes, servers, targets
from bench.bank import bank
from bench.counting import CONNECTIONS, Counting, push
from bench.measurement import Measurement, informs, ratio_at_least
from bench.servers import Function
from functions.risk_features.main import compose
from local.replay.ledger import Ledger
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.events.events import Event
from shared.privacy import Pseudonymiser
from shared.risk.features.fold import fold, touched
from shared.storage.documents import Key

RATE_GOAL, HOT_GOAL = 0.5, 0.8
HOT = 0.3
"""Part of the events that are at one merchant."""

_GROUP = 32
_COSTED = 4_000
"""Events whose cost is counted in this process."""

_KEY = bytes(range(32))


def measure(seconds: float) -> list[Measurement]:
    """By push, on SQLite and on Firestore's emulator."""
    with tempfile.TemporaryDirectory() as folder:
        prepared, fresh = Path(folder, "prepared"), (Path(folder, str(number)) for number in itertools.count())

        def state() -> Path:
            """A state directory of its own, in which nothing has happened since the bank's month."""
            return Path(shutil.copytree(prepared, next(fresh)))

        uvloop.run(targets.prepare(prepared))
        measured = [_rate("", state(), seconds), _hot_merchant(state(), state(), seconds), _fold()]
        if emulator.installed():
            with emulator.filled(prepared) as address:
                measured.append(_rate("_firestore", state(), seconds, targets.on_emulator(address)))
        return measured + uvloop.run(_cost(state()))


def _rate(store: str, state: Path, seconds: float, environment: Mapping[str, str] | None = None) -> Measurement:
    happened = pushes.events()
    floor = targets.empty("pushed", pushes.requests("risk_features", happened))
    subject = _function(state, "risk_features", happened, environment)
    return ratio_at_least(f"features_push_rate{store}", *_rates(floor, subject, seconds), "events/s", RATE_GOAL)


def _hot_merchant(cool: Path, hot: Path, seconds: float) -> Measurement:
    """The same function twice, one of them with a stream of which a part is at one merchant."""
    happened = pushes.events()
    floor = _function(cool, "merchant_features", happened)
    subject = _function(hot, "merchant_features", pushes.heated(happened, HOT))
    return ratio_at_least("features_hot_merchant", *_rates(floor, subject, seconds), "events/s", HOT_GOAL)


def _rates(floor: Function, subject: Function, seconds: float) -> tuple[float, float]:
    with ExitStack() as running:
        ports = [running.enter_context(servers.serve(function)).port for function in (floor, subject)]
        sides = (comparison.Side(ports[0], floor), comparison.Side(ports[1], subject))
        return comparison.alternate(*sides, seconds, CONNECTIONS).rates()


def _function(
    state: Path, name: str, happened: Sequence[Event], environment: Mapping[str, str] | None = None
) -> Function:
    source = servers.ROOT / "functions" / name / "main.py"
    settings = {**targets.pushed_to(state), **(environment or {})}
    return Function(name, source, pushes.requests(name, happened), settings)


def _fold() -> Measurement:
    """The pure fold over the bank's month, in groups, states decoded and encoded each time."""
    ledger, tokens = Ledger({}), Pseudonymiser(_KEY, 1)
    history = [event for transaction in bank().history for event in ledger.book(transaction)]
    states: dict[Key, bytes] = {}
    started = time.process_time()
    for first in range(0, len(history), _GROUP):
        group = history[first : first + _GROUP]
        keys = {key for event in group for key in touched(event, tokens)}
        states |= fold({key: states.get(key) for key in keys}, group, tokens).states
    rate = len(history) / (time.process_time() - started)
    return informs("features_fold", rate, "events/s")


async def _cost(state: Path) -> list[Measurement]:
    """CPU and documents of one event, without the server's part, as many at once as in the measured load."""
    environ = targets.pushed_to(state)
    documents = Counting(state / "documents.sqlite")
    ports = replace(open_ports(environ), documents=documents)
    entry = EntryPoint("risk_features", lambda _: compose(ports))
    bodies = pushes.bodies("risk_features", pushes.events())
    await push(entry, itertools.islice(bodies, _COSTED // 10))
    documents.reads = documents.writes = 0
    started = time.process_time()
    await push(entry, itertools.islice(bodies, _COSTED))
    cpu = (time.process_time() - started) / _COSTED
    await ports.close()
    return [
        informs("features_push_cpu", cpu * 1e6, "us/event"),
        informs("features_push_read", documents.reads / _COSTED, "documents/event"),
        informs("features_push_written", documents.writes / _COSTED, "documents/event"),
    ]
