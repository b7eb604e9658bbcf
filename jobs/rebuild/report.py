"""The report of a rebuild: what was read, what could not be, and what became of it in the documents."""

from collections import Counter

import msgspec

from shared.windowing.outcome import Outcome


class Report(msgspec.Struct):
    """Counts. `unusable` messages by what was wrong with them; `torn` files, of which only the first part was read;
    `outcomes` of events in documents, those plainly folded not among them; `failed` documents by what was wrong.
    """

    messages: int = 0
    events: int = 0
    nothing: int = 0
    unusable: dict[str, int] = {}
    torn: list[str] = []
    outcomes: dict[str, int] = {}
    failed: dict[str, int] = {}
    folded: int = 0

    def unusable_for(self, reason: str) -> None:
        """Count a message that cannot be used."""
        self.unusable[reason] = self.unusable.get(reason, 0) + 1

    def add(self, outcomes: Counter[Outcome], failed: Counter[str], folded: int) -> None:
        """Count what came of a partition, of `folded` events."""
        for outcome, count in outcomes.items():
            self.outcomes[outcome.value] = self.outcomes.get(outcome.value, 0) + count
        for reason, count in failed.items():
            self.failed[reason] = self.failed.get(reason, 0) + count
        self.folded += folded

    @property
    def complete(self) -> bool:
        """Whether everything that could be used is in the documents."""
        return not self.failed and not self.torn
