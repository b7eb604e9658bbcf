"""What came of a run, for people and as JSON."""

from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.kafka.demo import Shown
from local.kafka.faults import Outcome
from local.kafka.transformation import Transformed

_FEATURES = ("client.known", "client.count_30d", "client.mean_30d", "client.minutes_since_last", "client.home_country")


def figures(shown: Shown) -> dict[str, Any]:
    """Everything as JSON values; times in milliseconds."""
    p50, p99 = shown.lag
    return {
        "holds": shown.holds,
        "seconds_to_ready": round(shown.ready, 1),
        "topics": [asdict(one) for one in shown.topics],
        "counted": shown.counted,
        "exact": shown.exact,
        "lag_milliseconds": {"p50": round(p50 * 1000, 1), "p99": round(p99 * 1000, 1)},
        "transformed": None if shown.transformed is None else asdict(shown.transformed),
        "rights": {one.what: one.refused for one in shown.rights},
        "advised": [asdict(one) for one in shown.advised],
        "faults": [{**asdict(one), "duplicates": one.duplicates, "holds": one.holds} for one in shown.faults],
    }


def show(console: Console, shown: Shown) -> None:
    """Print the tables."""
    table = Table(box=box.SIMPLE, title="From Kafka to features")
    for name in ("topic", "records", "framed", "Pub/Sub messages", "deliveries", "acknowledged"):
        table.add_column(name, justify="left" if name == "topic" else "right", no_wrap=name == "topic")
    for topic in shown.topics:
        numbers = (topic.records, topic.framed, topic.messages, topic.due, topic.acknowledged)
        table.add_row(topic.name, *map(str, numbers))
    console.print(table)
    p50, p99 = shown.lag
    clean = "are those of a fold in order" if shown.exact else "[red]differ from a fold in order[/]"
    console.print(f"{shown.counted} movements counted; the features of clients and devices {clean}.")
    console.print(f"Sent all at once, from Kafka to acknowledged: p50 {p50:.2f} s, p99 {p99:.2f} s.\n")
    for one in shown.rights:
        console.print(f"Connect's user {one.what}: {one.refused or 'allowed'}", highlight=False)
    if shown.transformed is not None:
        _transformed(console, shown.transformed)
    if shown.faults:
        _faults(console, shown.faults)
    for advised in shown.advised:
        told = ", ".join(f"{name} = {advised.features[name]}" for name in _FEATURES if name in advised.features)
        console.print(
            f"{advised.client}, {advised.known} transactions by Kafka: {advised.advice}, decided by"
            f" {advised.decided_by}, on {told}",
            highlight=False,
        )


def _transformed(console: Console, shown: Transformed) -> None:
    table = Table(box=box.SIMPLE, title="Transformed by Kafka Connect")
    for name in ("field", "in Kafka (Avro)", "in Pub/Sub (attribute)"):
        table.add_column(name)
    for name in dict.fromkeys((*shown.before, *shown.after)):
        table.add_row(name, str(shown.before.get(name, "")), shown.after.get(name, ""))
    console.print(table)
    console.print(
        f"The message's body has {shown.bytes} bytes. {shown.dead_letters} record without framing was not converted:"
        " it is in Connect's own dead letters.\n"
    )


def _faults(console: Console, outcomes: list[Outcome]) -> None:
    table = Table(box=box.SIMPLE, title="Faults")
    columns = ("fault", "Kafka records", "Pub/Sub messages", "duplicates", "events", "counted", "dead letters", "told")
    for name in columns:
        table.add_column(name, justify="left" if name in {"fault", "told"} else "right")
    for one in outcomes:
        numbers = (one.records, one.messages, one.duplicates, one.countable, one.counted, one.dead_letters)
        exact = "" if one.exact else "; [red]features differ[/]"
        table.add_row(one.fault, *map(str, numbers), one.told + exact)
    console.print(table)
