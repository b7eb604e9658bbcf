"""An event function of features, put together: one code for clients and devices and for merchants, but for its work."""

from shared.backend import Backend
from shared.dead_letters.leaving import EVENTS, DeadLetters
from shared.events.decoder import build_decoder
from shared.feature_intake import FeatureIntake
from shared.features.fold import Known, Remark
from shared.http.push import Push
from shared.logs import Log
from shared.storage.batch_fold import BatchFold
from shared.storage.group_commit import GroupCommit
from shared.token_key import TokenKey

FeatureWork = BatchFold[Known, tuple[Remark, ...]]


def feature_function(name: str, behind: Backend, collections: frozenset[str], work: FeatureWork) -> Push[Known]:
    """The function `name`, which writes `collections`; `work` folds events into them."""
    settings = behind.settings

    log = Log(name, project=settings.project, clock=behind.clock)
    return Push(
        callers=behind.callers,
        allowed=settings.callers,
        intake=FeatureIntake(
            decoder=build_decoder(behind),
            group=GroupCommit(behind.documents, work),
            collections=collections,
            log=log,
            replay=settings.replay,
        ),
        dead_letters=DeadLetters(behind.publisher, EVENTS, name),
        log=log,
        token_key=TokenKey(behind.tokens, behind.clock),
        clock=behind.clock,
    )
