"""An event function, put together: it adds how an event becomes an item, the fold of items, and its log lines."""

from typing import TypeVar

from shared.composition.ports import Backend
from shared.events.decoder import build_decoder
from shared.events.receiver import EventReceiver, Prepare, Report
from shared.messaging.dead_letter_publisher import EVENTS, DeadLetters
from shared.messaging.subscriber import Push
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKey
from shared.storage.batch_fold import BatchFold, Needs
from shared.storage.group_commit import GroupCommit

Item = TypeVar("Item")
Result = TypeVar("Result")


def build_subscriber(
    name: str,
    behind: Backend,
    prepare: Prepare[Item],
    fold: BatchFold[Item, Result | Needs],
    report: Report[Item, Result],
) -> Push[Item]:
    """The event function `name` over `behind`; raises `Misconfigured` for a mapping that cannot be used."""
    settings = behind.settings
    log = Log(name, project=settings.project, clock=behind.clock)
    return Push(
        callers=behind.callers,
        allowed=settings.callers,
        intake=EventReceiver(
            decoder=build_decoder(behind),
            prepare=prepare,
            commits=GroupCommit(behind.documents, fold),
            report=report,
            log=log,
            replay=settings.replay,
        ),
        dead_letters=DeadLetters(behind.publisher, EVENTS, name),
        log=log,
        token_key=TokenKey(behind.tokens, behind.clock),
        clock=behind.clock,
    )
