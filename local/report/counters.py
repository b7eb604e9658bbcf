"""What the demo counts: questions, answers by outcome and by truth, reasons, times. It keeps no transaction."""

from collections import Counter
from dataclasses import dataclass, field

from local.replay.bank_service import Case

CAUGHT = frozenset(("REJECT", "STEPUP_NEEDED", "MANUAL_APPROVAL_NEEDED"))
"""Answers that do not simply let a payment go on."""


@dataclass(slots=True)
class Counters:
    """Running totals. A transaction's outcome is its first answer; answers after a step-up are in `stepped_up`."""

    transactions: int = 0
    questions: int = 0
    answered: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    not_recorded: int = 0
    outcomes: Counter[tuple[str, bool]] = field(default_factory=Counter)
    scenarios: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    decided_by: Counter[str] = field(default_factory=Counter)
    stepped_up: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, case: Case) -> None:
        """Count one settled transaction."""
        self.transactions += 1
        self.questions += len(case.answers) + (case.unanswered is not None)
        self.answered += len(case.answers)
        if case.unanswered is not None:
            self.unanswered[case.unanswered.reason] += 1
        for answered in case.answers:
            self.retried += answered.retried
            self.not_recorded += not answered.answer.recorded
            self.decided_by[answered.answer.decided_by] += 1
            self.reasons.update(answered.answer.reasons)
            self.seconds.append(answered.seconds)
        if case.answers:
            advice, fraud = case.answers[0].answer.advice, case.transaction.fraud
            self.outcomes[advice, fraud] += 1
            if fraud:
                self.scenarios[case.transaction.scenario or "fraud", advice] += 1
        for answered in case.answers[1:]:
            self.stepped_up[answered.answer.advice] += 1

    def latency(self, share: float) -> float:
        """The time in seconds within which that share of the answers came; 0 before the first."""
        if not self.seconds:
            return 0.0
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def frauds(self) -> tuple[int, int]:
        """How many frauds did not simply go on, of how many."""
        total = sum(count for (_, fraud), count in self.outcomes.items() if fraud)
        return sum(self.outcomes[advice, True] for advice in CAUGHT), total

    def disturbed(self) -> tuple[int, int]:
        """How many genuine transactions did not simply go on, of how many."""
        total = sum(count for (_, fraud), count in self.outcomes.items() if not fraud)
        return sum(self.outcomes[advice, False] for advice in CAUGHT), total
