"""The figures of a run of the Kafka demo keep their names, which scripts read."""

from local.kafka.acl_check import AccessAttempt
from local.kafka.demo import AdviceReceived, DemoResult, TopicCounts
from local.kafka.faults import FaultOutcome
from local.kafka.summary import figures

FAULT = FaultOutcome(
    fault="none", records=3, messages=4, countable=3, counted=3, dead_letters=0, exact=True, description="in turns"
)


def test_figures_are_values_under_the_names_that_scripts_read() -> None:
    result = DemoResult(
        ready=61.25,
        topics=[TopicCounts("transactions", 3, 1, 3, 6, 6)],
        exact=True,
        counted=3,
        lag=(0.0123, 0.5),
        rights=[AccessAttempt("reads transactions", "")],
        advised=[AdviceReceived("c1", 2, "APPROVE", "risk_function", {"client.known": True})],
        faults=[FAULT],
    )
    topic = {"name": "transactions", "records": 3, "framed": 1, "messages": 3, "due": 6, "acknowledged": 6}
    answer = {"client": "c1", "known": 2, "advice": "APPROVE", "decided_by": "risk_function"}
    counts = {"fault": "none", "records": 3, "messages": 4, "countable": 3, "counted": 3, "dead_letters": 0}
    assert figures(result) == {
        "holds": True,
        "seconds_to_ready": 61.2,
        "topics": [topic],
        "counted": 3,
        "exact": True,
        "lag_milliseconds": {"p50": 12.3, "p99": 500.0},
        "transformed": None,
        "rights": {"reads transactions": ""},
        "advised": [{**answer, "features": {"client.known": True}}],
        "faults": [{**counts, "exact": True, "told": "in turns", "duplicates": 1, "holds": True}],
    }
