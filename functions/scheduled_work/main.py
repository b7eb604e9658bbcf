"""The entry point of `scheduled_work`, which does what has come due, and where it is put together."""

from collections.abc import Mapping
from functools import cache

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.audit.log import AuditLog
from shared.commands.publisher import TopicCommandPublisher
from shared.commands.republish import republish_due as republish_commands
from shared.composition.audit_anchors import anchors
from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.composition.signing import signer, verifier
from shared.dead_letters.resend import resend_due as republish_letters
from shared.notifications.republish import republish_due as republish_notifications
from shared.risk.reviews.acts import ReviewActs
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.sweep import ReviewSweep
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache

from .answers import UnsentAnswers
from .audit import AuditCheck, AuditHead
from .republishing import Republishing
from .reversals import LateReversals
from .reviews import DueReviews
from .service import Service

_NAME = "scheduled_work"


def build(environ: Mapping[str, str]) -> Service:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    ports = open_ports(environ)
    return compose(ports, Log(_NAME, project=ports.settings.project, clock=ports.clock))


def compose(ports: Ports, log: Log) -> Service:
    """The service over `ports`."""
    documents, commands = ports.documents, TopicCommandPublisher(ports.publisher)
    # Keys are looked for by the first task that needs them: without them the others are done.
    own, keys = cache(lambda: signer(ports, _NAME)), cache(lambda: verifier(ports))
    signatures = cache(lambda: ReviewSignatures(own(), keys()))
    acts = ReviewActs(Reviews(documents), AuditLog(documents, log), signatures, log, _NAME)
    return Service(
        callers=ports.callers,
        allowed=ports.settings.callers,
        tasks=(
            UnsentAnswers(documents, commands),
            Republishing(ports, "due_commands", republish_commands),
            DueReviews(ReviewSweep(documents, acts, commands)),
            Republishing(ports, "due_dead_letters", republish_letters),
            Republishing(ports, "due_notifications", republish_notifications),
            LateReversals(documents, log),
            AuditHead(documents, own, log),
            AuditCheck(documents, cache(lambda: anchors(ports, keys())), log),
        ),
        log=log,
        token_key=TokenKeyCache(ports.tokens, ports.clock),
        clock=ports.clock,
    )


_entry = EntryPoint(_NAME, build)


@functions_framework.aio.http
async def scheduled_work(request: Request) -> Response:
    """Answers Cloud Scheduler: `POST /`."""
    return await _entry(request)
