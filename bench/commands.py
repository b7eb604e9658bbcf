"""How many commands a core takes by push with a downstream that is instant, what each costs, and how late they are."""

import asyncio
import base64
import io
import itertools
import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import uvloop
from msgspec.structs import replace

from bench import comparison, load, pushes, servers, targets
from bench.counting import CONNECTIONS, Counting, push
from bench.instant.main import LATE, Instant
from bench.measurement import Measurement, informs, ratio_at_least, value_at_most
from bench.servers import Function
from functions.command_dispatch.dispatcher import Dispatcher
from functions.command_dispatch.log_lines import CommandLog
from functions.command_dispatch.main import compose
from local.broker.broker import Broker
from local.broker.topology import Push, Subscription, Topology
from local.stack.tokens import load_or_create
from shared.commands.command import Command
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.embedded.broker_publisher import BrokerPublisher
from shared.ids import OperationRef
from shared.messaging.messages import Message
from shared.runtime.log import Log

RATE_GOAL, P99_GOAL = 0.3, 100.0
"""Of an empty push handler's rate; milliseconds from publish to downstream, at a steady rate far below the most."""

TOPIC = "commands-create-ticket"
SUBSCRIPTION = f"{TOPIC}.command_dispatch"

_A_SECOND = 100
_COUNTED = 2_000
_NOW = datetime.now(UTC)
_COMMAND = Command(
    id="#" * 24,
    type="create_ticket",
    version=1,
    issued_at=_NOW,
    issued_by="risk_decision",
    not_after=_NOW + timedelta(days=1),
    payload={
        "kind": "fraud_case",
        "summary": "A payment that a person has to look at",
        "client_id": "client-123456",
        "reasons": ["NEW_PAYEE", "AMOUNT_UNUSUAL"],
        "details": [{"name": "Score", "value": "71"}, {"name": "Amount", "value": "1250.00 EUR"}],
    },
    operation=OperationRef("transaction", "operation-123456", 1),
    traceparent="00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
)


def measure(seconds: float) -> list[Measurement]:
    """On SQLite, by push."""
    with tempfile.TemporaryDirectory() as folder:
        rate = _rate(Path(folder, "rate"), seconds)
        state = Path(folder, "p99")
        state.mkdir()
        return [rate, uvloop.run(_p99(state, seconds)), *uvloop.run(_documents(Path(folder)))]


def _rate(state: Path, seconds: float) -> Measurement:
    floor, subject = targets.empty("pushed", _requests()), _function(state)
    with ExitStack() as running:
        ports = [running.enter_context(servers.serve(function)).port for function in (floor, subject)]
        sides = (comparison.Side(ports[0], floor), comparison.Side(ports[1], subject))
        rates = comparison.alternate(*sides, seconds, CONNECTIONS).rates()
    return ratio_at_least("commands_rate", *rates, "commands/s", RATE_GOAL)


async def _p99(state: Path, seconds: float) -> Measurement:
    """Through the broker, at a steady rate."""
    with servers.serve(_function(state)) as server:
        subscription = Subscription(
            name=SUBSCRIPTION, topic=TOPIC, push=Push(f"http://127.0.0.1:{server.port}/", pushes.CALLER)
        )
        topology = Topology(project="bench", topics=(TOPIC,), subscriptions=(subscription,))
        with servers.on_core(servers.cores()[1]):
            async with Broker(state / "broker.sqlite", topology, tokens=load_or_create(state / "key")) as broker:
                await _publish(BrokerPublisher(broker.url, "bench"), round(seconds * _A_SECOND))
        lines = [json.loads(line) for line in server.printed().splitlines() if line.startswith("{")]
    late = sorted(float(line["result"][LATE]) for line in lines if line["kind"] == "command")[
        :-1
    ]  # the first was to wake
    return value_at_most("commands_p99", late[int(len(late) * 0.99)], "ms", P99_GOAL)


async def _publish(publisher: BrokerPublisher, count: int) -> None:
    run, sending = secrets.token_hex(4), set()
    for number in range(count):
        command = replace(_COMMAND, id=f"{run}-{number}", issued_at=datetime.now(UTC))
        sending.add(asyncio.create_task(publisher.publish(TOPIC, [Message(command.encoded())], Deadline.after(10))))
        await asyncio.sleep(1 / _A_SECOND)
    await asyncio.gather(*sending)
    await asyncio.sleep(1)  # for the last ones to arrive
    await publisher.close()


async def _documents(state: Path) -> list[Measurement]:
    """What one command reads and writes, as many at once as in the measured load."""
    documents = Counting(state / "counted.sqlite")
    ports = replace(open_ports(targets.pushed_to(state)), documents=documents)
    service = compose(ports, Instant())
    quiet = CommandLog(Log("instant", stream=io.BytesIO()))
    service = replace(service, intake=replace(cast("Dispatcher", service.intake), lines=quiet))
    bodies = (request.partition(b"\r\n\r\n")[2] for request in _requests())
    await push(EntryPoint("instant", lambda _: service), itertools.islice(bodies, _COUNTED))
    await ports.close()
    counts = {"read": documents.reads, "written": documents.writes}
    return [informs(f"commands_{name}", count / _COUNTED, "documents/command") for name, count in counts.items()]


def _function(state: Path) -> Function:
    return Function("instant", servers.ROOT / "bench" / "instant" / "main.py", _requests(), targets.pushed_to(state))


def _requests() -> Iterator[bytes]:
    """Pushes as the broker sends them, each with a command of its own."""
    sent = {name.decode(): value.decode() for name, value in pushes.headers()}
    data = _COMMAND.encoded()
    start = data.index(b"#")  # the id's place, moved so that it takes whole characters of base64
    pad = b" " * (-start % 3)
    head, tail = base64.b64encode(pad + data[:start]).decode(), base64.b64encode(data[start + 24 :]).decode()
    body = {
        "message": {"data": head + "#" * 32 + tail, "messageId": "1", "publishTime": "2026-11-22T08:30:00.123Z"},
        "subscription": f"projects/bench/subscriptions/{SUBSCRIPTION}",
        "deliveryAttempt": 1,
    }
    before, after = load.post("/", json.dumps(body).encode(), sent).split(b"#" * 32)
    run = secrets.token_hex(6)
    for number in itertools.count():
        yield before + base64.b64encode(f"{run}-{number:011d}".encode()) + after
