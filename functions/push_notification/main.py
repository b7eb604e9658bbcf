"""The entry point of `push_notification`, which tells clients things, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.gcp.access_token import AccessToken
from shared.messaging.dead_letter_publisher import COMMANDS, DeadLetterPublisher
from shared.messaging.subscriber import PushSubscriber
from shared.notifications.notification import Channel
from shared.notifications.rendering import PreparedNotification
from shared.notifications.templates import templates
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.group_commit import GroupCommit

from .history_fold import HistoryFold
from .log_lines import Lines
from .notifier import Notifier
from .sender import Sender
from .senders import senders
from .settings import Configuration, configuration


def build(environ: Mapping[str, str]) -> PushSubscriber[PreparedNotification]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    behind, told = open_ports(environ), configuration(environ)
    access = AccessToken(behind.settings.metadata_host, behind.clock)
    return compose(behind, told, senders(told, behind.secrets, access, behind.clock))


def compose(behind: Ports, told: Configuration, ways: Mapping[Channel, Sender]) -> PushSubscriber[PreparedNotification]:
    """The service over `behind`, sending by `ways`."""
    log = Log("push_notification", project=behind.settings.project, clock=behind.clock)
    dead_letters = DeadLetterPublisher(behind.publisher, COMMANDS, "push_notification")
    return PushSubscriber(
        callers=behind.callers,
        allowed=behind.settings.callers,
        intake=Notifier(
            histories=GroupCommit(behind.documents, HistoryFold(told.defaults)),
            senders=ways,
            templates=templates(),
            listed=told.listed,
            dead_letters=dead_letters,
            lines=Lines(log),
            dry_run=told.dry_run,
            clock=behind.clock,
        ),
        dead_letters=dead_letters,
        log=log,
        token_key=TokenKeyCache(behind.tokens, behind.clock),
        clock=behind.clock,
    )


_entry = EntryPoint("push_notification", build)


@functions_framework.aio.http
async def push_notification(request: Request) -> Response:
    """Takes pushes of `notifications`."""
    return await _entry(request)
