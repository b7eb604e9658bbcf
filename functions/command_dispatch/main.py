"""The entry point of `command_dispatch`, which does what commands say, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.commands.command import Command
from shared.composition.entry_point import Entry
from shared.composition.ports import Backend, backend
from shared.messaging.dead_letter_publisher import COMMANDS, DeadLetters
from shared.messaging.subscriber import Push
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKey
from shared.storage.group_commit import GroupCommit

from .dispatcher import Dispatcher
from .dispatcher import Handlers as AnyHandlers
from .handlers.registry import Handlers
from .ledger_fold import LedgerFold
from .log_lines import Lines


def build(environ: Mapping[str, str]) -> Push[Command]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    behind = backend(environ)
    return compose(behind, Handlers(behind, environ))


def compose(behind: Backend, handlers: AnyHandlers) -> Push[Command]:
    """The service over `behind`."""
    log = Log("command_dispatch", project=behind.settings.project, clock=behind.clock)
    dead_letters = DeadLetters(behind.publisher, COMMANDS, "command_dispatch")
    return Push(
        callers=behind.callers,
        allowed=behind.settings.callers,
        intake=Dispatcher(
            GroupCommit(behind.documents, LedgerFold()), handlers, dead_letters, Lines(log), behind.clock
        ),
        dead_letters=dead_letters,
        log=log,
        token_key=TokenKey(behind.tokens, behind.clock),
        clock=behind.clock,
    )


_entry = Entry("command_dispatch", build)


@functions_framework.aio.http
async def command_dispatch(request: Request) -> Response:
    """Takes pushes of every topic of commands."""
    return await _entry(request)
