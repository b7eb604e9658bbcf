"""One decision: what the store tells, then pure code. Whatever it cannot tell in time is missing, and the rules say
what then.
"""

import msgspec

from shared.advice import Advice
from shared.catalogue.active import Active, Refreshed
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Damaged
from shared.privacy import Pseudonymiser
from shared.risk.features.extract import extract
from shared.risk.features.inputs import FeatureInputs, of_question
from shared.risk.rules.outcome import Outcome
from shared.storage.documents import Documents

from .active_rules import ActiveRules
from .feature_reader import ReadResult, read_features
from .legal_answers import nearest_legal
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
    trouble: BaseException | None


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
        rules: Active[ActiveRules],
        tokens: Pseudonymiser | None,
        deadline: Deadline,
        instant: float,
    ) -> RiskDecision:
        """The decision about `request`; `instant` is the request's arrival on the monotonic clock.

        Without `tokens` no document can be named, and every feature is missing.
        """
        along = rules.pointer_key() if rules.due(instant) else None
        known = of_question(request.question, tokens) if tokens is not None else FeatureInputs()
        now = self.clock.now()
        told = await read_features(self.documents, known, request.at if self.replay else now, now, deadline, along)
        refreshed = Refreshed()
        if along is not None:
            refreshed = await self._refresh(rules, told, deadline, instant)
        active = rules.value
        values, missing, trouble = _values(request, active, known, told)
        features_at = told.watermark.timestamp() if told.watermark is not None else _LONG_AGO
        outcome = active.rules.decide(values, missing, request.at.timestamp(), features_at)
        advice = outcome.advice
        if advice not in request.legal:
            advice = nearest_legal(advice, request.legal)
        return RiskDecision(advice, outcome, active, rules.label, values, refreshed, trouble)

    async def _refresh(
        self, rules: Active[ActiveRules], told: ReadResult, deadline: Deadline, instant: float
    ) -> Refreshed:
        if told.states is None:
            return rules.failed(instant, str(told.trouble))
        return await rules.apply(told.pointer, self.documents, deadline, instant)


def _values(
    request: Request, active: ActiveRules, known: FeatureInputs, told: ReadResult
) -> tuple[tuple[object, ...], int, BaseException | None]:
    """The vector the rules read, the mask of what is missing, and what went wrong on the way."""
    trouble = told.trouble
    try:
        features, missing = extract(known, request.at, told.states, told.attempts, told.watermark)
    except Damaged as error:
        trouble = error
        features, missing = extract(known, request.at, None, told.attempts, told.watermark)
    asked, not_asked = active.read_question(request.question)
    return features + asked, missing | not_asked << active.question_from, trouble
