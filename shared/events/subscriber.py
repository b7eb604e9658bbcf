"""An event function, put together: it adds how an event becomes an item, the fold of items, and its log lines."""

from typing import TypeVar

from shared.backend import Backend
from shared.dead_letters.leaving import EVENTS, DeadLetters
from shared.events.decoder import build_decoder
from shared.events.receiver import EventReceiver, Prepare, Report
from shared.http.push import Push
from shared.logs import Log
from shared.storage.batch_fold import BatchFold, Needs
from shared.storage.group_commit import GroupCommit
from shared.token_key import TokenKey

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
