"""Builds an event function from three parts of its own: event to item, the fold of items, and its log lines."""

from typing import TypeVar

from shared.composition.ports import Ports
from shared.events.decoder import build_decoder
from shared.events.receiver import EventReceiver, Prepare, Report
from shared.messaging.dead_letter_publisher import EVENTS, DeadLetterPublisher
from shared.messaging.subscriber import PushSubscriber
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.storage.batch_fold import BatchFold, Needs
from shared.storage.group_commit import GroupCommit

Item = TypeVar("Item")
Result = TypeVar("Result")


def build_subscriber(
    name: str,
    ports: Ports,
    prepare: Prepare[Item],
    fold: BatchFold[Item, Result | Needs],
    report: Report[Item, Result],
) -> PushSubscriber[Item]:
    """The event function `name` over `ports`; raises `Misconfigured` for a mapping that cannot be used."""
    settings = ports.settings
    log = Log(name, project=settings.project, clock=ports.clock)
    return PushSubscriber(
        callers=ports.callers,
        allowed=settings.callers,
        intake=EventReceiver(
            decoder=build_decoder(ports),
            prepare=prepare,
            commits=GroupCommit(ports.documents, fold),
            report=report,
            log=log,
            replay=settings.replay,
        ),
        dead_letters=DeadLetterPublisher(ports.publisher, EVENTS, name),
        log=log,
        token_key=TokenKeyCache(ports.tokens, ports.clock),
        clock=ports.clock,
    )
