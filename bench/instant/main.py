"""`command_dispatch` as it is deployed, but for its downstream, which does all at once and says how late that was."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.command_dispatch.main import compose
from shared.commands.command import Command
from shared.commands.outcome import CommandOutcome
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import open_ports
from shared.deadline import Deadline
from shared.messaging.subscriber import PushSubscriber
from shared.trace import Trace

LATE = "ms"
"""The result that says how many milliseconds after its issue a command was done."""


@dataclass(frozen=True, slots=True)
class Instant:
    """The handler of every type."""

    settling_time: timedelta = timedelta()

    def for_type(self, kind: str) -> "Instant":  # noqa: ARG002 - of every type
        """The handler itself, for every type."""
        return self

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:  # noqa: ARG002
        """Do nothing, which cannot fail."""
        return CommandOutcome.done({LATE: f"{(time.time() - command.issued_at.timestamp()) * 1000:.3f}"})


def build(environ: Mapping[str, str]) -> PushSubscriber[Command]:
    """The service over the store that `environ` names."""
    return compose(open_ports(environ), Instant())


_entry = EntryPoint("instant", build)


@functions_framework.aio.http
async def instant(request: Request) -> Response:
    """Answers as `command_dispatch` does."""
    return await _entry(request)
