"""The entry point of `dead_letters`, which puts every dead letter on record, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.dead_letters.store import LetterStore
from shared.events.decoder import build_decoder
from shared.messaging.subscriber import PushSubscriber
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .subscriber import LetterSubscriber, LetterToKeep


def build(environ: Mapping[str, str]) -> PushSubscriber[LetterToKeep]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(open_ports(environ))


def compose(ports: Ports) -> PushSubscriber[LetterToKeep]:
    """The service over `ports`."""
    settings = ports.settings
    log = Log("dead_letters", project=settings.project, clock=ports.clock)
    return PushSubscriber(
        callers=ports.callers,
        allowed=settings.callers,
        intake=LetterSubscriber(LetterStore(ports.documents), build_decoder(ports), log, ports.clock),
        dead_letters=None,
        log=log,
        token_key=TokenKeyCache(ports.tokens, ports.clock),
        clock=ports.clock,
    )


_entry = EntryPoint("dead_letters", build)


@functions_framework.aio.http
async def dead_letters(request: Request) -> Response:
    """Takes pushes of `dead-letters-events` and `commands-dead-letter`."""
    return await _entry(request)
