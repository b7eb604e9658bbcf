"""One decision: what the store tells, then pure code. Whatever it cannot tell in time is missing, and the rules say
what then.
"""

import msgspec

from shared.advice import Advice
from shared.catalogue.active import Active, Refreshed
from shared.catalogue.active_versions import Current
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Damaged
from shared.privacy import Pseudonymiser
from shared.risk.features.extract import extract
from shared.risk.features.inputs import FeatureInputs, of_question
from shared.risk.legal_answers import nearest_legal
from shared.risk.rules.outcome import Outcome
from shared.storage.documents import Documents

from .active_rules import ActiveRules
from .feature_reader import ReadResult, read_features
from .request import Request

_LONG_AGO = float("-inf")  # features whose age is unknown are older than any limit


class RiskDecision(msgspec.Struct, frozen=True):
    """The legal answer, what the rules said, by which version and over which values, and what the log should know."""

    advice: Advice
    outcome: Outcome
    rules: ActiveRules
    version: str
    values: tuple[object, ...]
    refreshed: Refreshed
    error: BaseException | None


class Decider(msgspec.Struct, frozen=True):
    """Decides.

    Attempts are counted in the minute it is, not in one that a caller names; only in a `replay` it is the question's.
    """

    documents: Documents
    clock: Clock
    replay: bool = False

    async def decide(
        self,
        request: Request,
        rules: Current[ActiveRules],
        tokens: Pseudonymiser | None,
        deadline: Deadline,
        arrived: float,
    ) -> RiskDecision:
        """The decision about `request`; `arrived` is the request's arrival on the monotonic clock.

        Without `tokens` no document can be named, and every feature is missing.
        """
        pointer_key = rules.active.pointer_key() if rules.due else None
        inputs = of_question(request.question, tokens) if tokens is not None else FeatureInputs()
        now = self.clock.now()
        features_read = await read_features(
            self.documents, inputs, request.at if self.replay else now, now, deadline, pointer_key
        )
        refreshed = Refreshed()
        if pointer_key is not None:
            refreshed = await self._refresh(rules.active, features_read, deadline, arrived)
        active = rules.active.value
        values, missing, trouble = _values(request, active, inputs, features_read)
        features_at = features_read.watermark.timestamp() if features_read.watermark is not None else _LONG_AGO
        outcome = active.rules.decide(values, missing, request.at.timestamp(), features_at)
        advice = outcome.advice
        if advice not in request.legal:
            advice = nearest_legal(advice, request.legal)
        return RiskDecision(advice, outcome, active, rules.active.label, values, refreshed, trouble)

    async def _refresh(
        self, rules: Active[ActiveRules], features_read: ReadResult, deadline: Deadline, arrived: float
    ) -> Refreshed:
        if features_read.states is None:
            return rules.failed(arrived, str(features_read.error))
        return await rules.apply(features_read.pointer, self.documents, deadline, arrived)


def _values(
    request: Request, active: ActiveRules, inputs: FeatureInputs, features_read: ReadResult
) -> tuple[tuple[object, ...], int, BaseException | None]:
    """The vector the rules read, the mask of what is missing, and what went wrong on the way."""
    trouble = features_read.error
    try:
        features, missing = extract(
            inputs, request.at, features_read.states, features_read.attempts, features_read.watermark
        )
    except Damaged as error:
        trouble = error
        features, missing = extract(inputs, request.at, None, features_read.attempts, features_read.watermark)
    question_values, question_missing = active.read_question(request.question)
    return features + question_values, missing | question_missing << active.question_from, trouble
