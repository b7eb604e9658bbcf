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
from .log_lines import NotificationLog
from .notifier import Notifier
from .sender import Sender
from .senders import senders
from .settings import Configuration, configuration


def build(environ: Mapping[str, str]) -> PushSubscriber[PreparedNotification]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    ports, settings = open_ports(environ), configuration(environ)
    access = AccessToken(ports.settings.metadata_host, ports.clock)
    return compose(ports, settings, senders(settings, ports.secrets, access, ports.clock))


def compose(
    ports: Ports, settings: Configuration, ways: Mapping[Channel, Sender]
) -> PushSubscriber[PreparedNotification]:
    """The service over `ports`, sending by `ways`."""
    log = Log("push_notification", project=ports.settings.project, clock=ports.clock)
    dead_letters = DeadLetterPublisher(ports.publisher, COMMANDS, "push_notification")
    return PushSubscriber(
        callers=ports.callers,
        allowed=ports.settings.callers,
        intake=Notifier(
            histories=GroupCommit(ports.documents, HistoryFold(settings.defaults)),
            senders=ways,
            templates=templates(),
            listed=settings.listed,
            dead_letters=dead_letters,
            lines=NotificationLog(log),
            dry_run=settings.dry_run,
            clock=ports.clock,
        ),
        dead_letters=dead_letters,
        log=log,
        token_key=TokenKeyCache(ports.tokens, ports.clock),
        clock=ports.clock,
    )


_entry = EntryPoint("push_notification", build)


@functions_framework.aio.http
async def push_notification(request: Request) -> Response:
    """Takes pushes of `notifications`."""
    return await _entry(request)
