"""An event function of features, put together: one code for clients and devices and for merchants, but for its work."""

from collections.abc import Callable
from datetime import UTC, datetime

from shared.backend import Backend
from shared.dead_letters.leaving import EVENTS, DeadLetters
from shared.event_decoder import event_decoder
from shared.feature_intake import FeatureIntake
from shared.features.fold import Known, Remark
from shared.group_commit import GroupCommit, Work
from shared.http.push import Push
from shared.logs import Log
from shared.token_key import TokenKey

FeatureWork = Work[Known, tuple[Remark, ...]]


def feature_function(
    name: str, behind: Backend, collections: frozenset[str], work: Callable[[Callable[[], datetime]], FeatureWork]
) -> Push[Known]:
    """The function `name`, which writes `collections`; `work` is made with a clock that gives aware UTC."""
    settings = behind.settings

    def now() -> datetime:
        return datetime.now(UTC)

    log = Log(name, project=settings.project)
    return Push(
        callers=behind.callers,
        allowed=settings.callers,
        intake=FeatureIntake(
            decoder=event_decoder(behind),
            group=GroupCommit(behind.documents, work(now)),
            collections=collections,
            log=log,
            replay=settings.replay,
        ),
        dead_letters=DeadLetters(behind.publisher, EVENTS, name),
        log=log,
        token_key=TokenKey(behind.tokens),
        now=now,
    )
