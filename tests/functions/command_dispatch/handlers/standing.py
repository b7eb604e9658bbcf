"""Handlers on real connections to stand-ins, and the part of a dispatcher: called again until the end, after as long as
it must be.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from functions.command_dispatch.handlers.registry import Handler
from local.stand_ins.faults import Fault
from local.stand_ins.server import StandIn
from local.stand_ins.service import Service
from shared.commands.command import Command
from shared.commands.outcome import CommandOutcome
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.errors import DeadlineExceeded, Deferred, Transient, Uncertain
from shared.http.credentials import Credential, basic
from shared.http.service_client import ServiceClient
from shared.ids import OperationRef
from shared.privacy import Pseudonymiser
from shared.runtime.secrets import Secrets
from shared.trace import Trace
from tests.support.deadlines import PLENTY, plenty

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRACE = Trace("a" * 32, "b" * 16)
TOKENS = Pseudonymiser(b"k" * 32, 1)
SILENCE = 5.0  # seconds that a try has where nothing answers: the request has long left by then


@dataclass(slots=True)
class OneSecret:
    """A secret whose versions are known."""

    versions: dict[int, bytes] = field(default_factory=lambda: {1: b"us@bank.example:old"})

    async def access(self, name: str, version: int, deadline: Deadline) -> bytes:
        return self.versions[version]

    async def close(self) -> None:
        """Hold nothing."""


@asynccontextmanager
async def standing(
    service: Service, clock: ManualClock, secrets: Secrets | None = None, version: int = 1
) -> AsyncIterator[tuple[StandIn, ServiceClient]]:
    """A stand-in that takes version 1 of the secret, and the way to it with `version`."""
    secrets = secrets or OneSecret()
    accepted = {basic(await secrets.access("", 1, plenty()))}
    async with StandIn(service, accepted, now=lambda: clock.now().timestamp()) as stand_in:
        credential = Credential(secrets, "token", version, basic)
        downstream = ServiceClient(service.name, stand_in.url, credential, clock=clock)
        try:
            yield stand_in, downstream
        finally:
            await downstream.close()


def command(kind: str, payload: dict[str, Any], id_: str = "transaction.op-1.1:open") -> Command:
    """A command about operation op-1."""
    return Command(
        id=id_,
        type=kind,
        version=1,
        issued_at=NOW,
        issued_by="operator_api",
        not_after=NOW + timedelta(days=7),
        payload=payload,
        operation=OperationRef("transaction", "op-1", 1),
    )


def patience(fault: Fault) -> float:
    """Seconds for a try that meets `fault`: only where nothing ever answers, they are meant to pass."""
    return SILENCE if fault.kind == "hang" else PLENTY


async def once(handler: Handler, what: Command, *, uncertain: bool = False, seconds: float = PLENTY) -> CommandOutcome:
    """One try."""
    return await handler.perform(what, uncertain=uncertain, trace=TRACE, deadline=Deadline.after(seconds))


async def to_the_end(handler: Handler, what: Command, clock: ManualClock, tries: int = 100) -> CommandOutcome:
    """What becomes of a command in the hands of a dispatcher, whose pauses take no time here."""
    uncertain = False
    attempt = partial(once, handler, what)
    for _ in range(tries):
        try:
            return await attempt(uncertain=uncertain)
        except Deferred as error:
            await clock.advance(error.after)
        except (Uncertain, DeadlineExceeded):
            uncertain = True
            await clock.advance(handler.settling_time.total_seconds())
        except Transient:
            await clock.advance(1)
    raise AssertionError(f"no end after {tries} tries")
