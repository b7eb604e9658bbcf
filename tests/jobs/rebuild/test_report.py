"""What a rebuild counts."""

from collections import Counter

import pytest

from jobs.rebuild.report import Report
from shared.windowing.outcome import Outcome


def test_counts_of_partitions_add_up() -> None:
    outcome, other = list(Outcome)[:2]
    report = Report()
    report.add(Counter({outcome: 2}), Counter({"damaged": 1}), 5)
    report.add(Counter({outcome: 1, other: 4}), Counter(), 7)
    assert (report.outcomes, report.failed, report.folded) == ({outcome.value: 3, other.value: 4}, {"damaged": 1}, 12)


def test_messages_that_cannot_be_used_are_counted_by_what_is_wrong() -> None:
    report = Report()
    for reason in ("a", "b", "a"):
        report.unusable_for(reason)
    assert report.unusable == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("report", "complete"),
    [
        (Report(), True),
        (Report(unusable={"a": 1}), True),
        (Report(failed={"a": 1}), False),
        (Report(torn=["a"]), False),
    ],
)
def test_a_rebuild_is_complete_when_all_that_could_be_used_is_in_the_documents(report: Report, complete: bool) -> None:
    assert report.complete is complete
