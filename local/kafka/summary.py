"""The result of a run, for people and as JSON."""

from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.kafka.demo import AdviceReceived, DemoResult
from local.kafka.faults import FaultOutcome
from local.kafka.transformation import Transformed

_FEATURES = ("client.known", "client.count_30d", "client.mean_30d", "client.minutes_since_last", "client.home_country")


def figures(result: DemoResult) -> dict[str, Any]:
    """Everything as JSON values; times in milliseconds."""
    p50, p99 = result.lag
    return {
        "holds": result.holds,
        "seconds_to_ready": round(result.ready, 1),
        "topics": [asdict(topic) for topic in result.topics],
        "counted": result.counted,
        "exact": result.exact,
        "lag_milliseconds": {"p50": round(p50 * 1000, 1), "p99": round(p99 * 1000, 1)},
        "transformed": None if result.transformed is None else asdict(result.transformed),
        "rights": {attempt.what: attempt.refused for attempt in result.rights},
        "advised": [_advised(answer) for answer in result.advised],
        "faults": [_fault(outcome) for outcome in result.faults],
    }


def _advised(answer: AdviceReceived) -> dict[str, Any]:
    return {
        "client": answer.client,
        "known": answer.transactions_before,
        "advice": answer.advice,
        "decided_by": answer.decided_by,
        "features": answer.features,
    }


def _fault(outcome: FaultOutcome) -> dict[str, Any]:
    return {
        "fault": outcome.fault,
        "records": outcome.records,
        "messages": outcome.messages,
        "countable": outcome.countable,
        "counted": outcome.counted,
        "dead_letters": outcome.dead_letters,
        "exact": outcome.exact,
        "told": outcome.description,
        "duplicates": outcome.duplicates,
        "holds": outcome.holds,
    }


def show(console: Console, result: DemoResult) -> None:
    """Print the tables."""
    table = Table(box=box.SIMPLE, title="From Kafka to features")
    for name in ("topic", "records", "framed", "Pub/Sub messages", "deliveries", "acknowledged"):
        table.add_column(name, justify="left" if name == "topic" else "right", no_wrap=name == "topic")
    for topic in result.topics:
        numbers = (topic.records, topic.framed, topic.messages, topic.due, topic.acknowledged)
        table.add_row(topic.name, *map(str, numbers))
    console.print(table)
    p50, p99 = result.lag
    clean = "are those of a fold in order" if result.exact else "[red]differ from a fold in order[/]"
    console.print(f"{result.counted} movements counted; the features of clients and devices {clean}.")
    console.print(f"Sent all at once, from Kafka to acknowledged: p50 {p50:.2f} s, p99 {p99:.2f} s.\n")
    for attempt in result.rights:
        console.print(f"Connect's user {attempt.what}: {attempt.refused or 'allowed'}", highlight=False)
    if result.transformed is not None:
        _transformed(console, result.transformed)
    if result.faults:
        _faults(console, result.faults)
    for advised in result.advised:
        features = ", ".join(f"{name} = {advised.features[name]}" for name in _FEATURES if name in advised.features)
        console.print(
            f"{advised.client}, {advised.transactions_before} transactions by Kafka: {advised.advice}, decided by"
            f" {advised.decided_by}, on {features}",
            highlight=False,
        )


def _transformed(console: Console, transformed: Transformed) -> None:
    table = Table(box=box.SIMPLE, title="Transformed by Kafka Connect")
    for name in ("field", "in Kafka (Avro)", "in Pub/Sub (attribute)"):
        table.add_column(name)
    for name in dict.fromkeys((*transformed.before, *transformed.after)):
        table.add_row(name, str(transformed.before.get(name, "")), transformed.after.get(name, ""))
    console.print(table)
    console.print(
        f"The message's body has {transformed.bytes} bytes."
        f" {transformed.dead_letters} record without framing was not converted: it is in Connect's own dead letters.\n"
    )


def _faults(console: Console, outcomes: list[FaultOutcome]) -> None:
    table = Table(box=box.SIMPLE, title="Faults")
    columns = ("fault", "Kafka records", "Pub/Sub messages", "duplicates", "events", "counted", "dead letters", "told")
    for name in columns:
        table.add_column(name, justify="left" if name in {"fault", "told"} else "right")
    for outcome in outcomes:
        numbers = (
            outcome.records,
            outcome.messages,
            outcome.duplicates,
            outcome.countable,
            outcome.counted,
            outcome.dead_letters,
        )
        exact = "" if outcome.exact else "; [red]features differ[/]"
        table.add_row(outcome.fault, *map(str, numbers), outcome.description + exact)
    console.print(table)
