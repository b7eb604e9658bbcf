"""The entry point of `command_dispatch`, which does what commands say, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.commands.command import Command
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.messaging.dead_letter_publisher import COMMANDS, DeadLetterPublisher
from shared.messaging.subscriber import PushSubscriber
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.group_commit import GroupCommit

from .dispatcher import Dispatcher
from .dispatcher import Handlers as AnyHandlers
from .handlers.registry import HandlerRegistry
from .ledger_fold import LedgerFold
from .log_lines import CommandLog


def build(environ: Mapping[str, str]) -> PushSubscriber[Command]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    ports = open_ports(environ)
    return compose(ports, HandlerRegistry(ports, environ))


def compose(ports: Ports, handlers: AnyHandlers) -> PushSubscriber[Command]:
    """The service over `ports`."""
    log = Log("command_dispatch", project=ports.settings.project, clock=ports.clock)
    dead_letters = DeadLetterPublisher(ports.publisher, COMMANDS, "command_dispatch")
    return PushSubscriber(
        callers=ports.callers,
        allowed=ports.settings.callers,
        intake=Dispatcher(
            GroupCommit(ports.documents, LedgerFold()), handlers, dead_letters, CommandLog(log), ports.clock
        ),
        dead_letters=dead_letters,
        log=log,
        token_key=TokenKeyCache(ports.tokens, ports.clock),
        clock=ports.clock,
    )


_entry = EntryPoint("command_dispatch", build)


@functions_framework.aio.http
async def command_dispatch(request: Request) -> Response:
    """Takes pushes of every topic of commands."""
    return await _entry(request)
