"""What the system costs per million events and questions, and per month: measured work times list prices.

An instance is billed while it answers anything, in steps of 100 ms. At a mean rate r it therefore answers in a part
1 - exp(-r / 10 s) of all time (arrivals by chance), and never in less than its CPU needs at 60 % use; the larger of the
two is billed, and a minimum instance's waiting besides. Nothing here knows of bursts, free tiers or discounts.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

PRICES = Path(__file__).with_name("prices.json")

MONTH = 730 * 3600.0
"""Seconds."""

MILLION = 1_000_000

_GIB = 2.0**30
_STEP = 0.1  # seconds: what Cloud Run rounds up to
_USE = 0.6  # of a CPU, at which another instance starts
_MEMORY = 0.5  # GiB of an instance

# Bytes, from the shapes of messages and lines: a push is billed as 1,000 at least.
_EVENT, _PUSH, _ANSWER_LINE, _DECISION_LINE, _REQUEST_LINE = 500, 1_000, 800, 1_700, 1_000

_RETENTION_MONTHS = 13  # of the archive and of decisions
_MIN_INSTANCES = 8  # terraform/functions.tf: advice 2, risk_decision 2, four others 1


@dataclass(frozen=True, slots=True)
class Work:
    """What was measured. CPU is in seconds; documents are of one event."""

    event_cpu: float
    event_reads: float
    event_writes: float
    decision_cpu: float


def work(measurements: Mapping[str, float]) -> Work:
    """The work in the figures of `bench.json`, by name; raises `KeyError` with the name of one that is not there."""
    return Work(
        event_cpu=measurements["features_push_cpu"] / 1e6,
        event_reads=measurements["features_push_read"],
        event_writes=measurements["features_push_written"],
        decision_cpu=1 / measurements["risk_decision_rate"],
    )


def of_events(done: Work, prices: Mapping[str, float]) -> dict[str, float]:
    """Of one event: two pushes, the archive, and documents; `merchant_features` is taken to read and write as much as
    `risk_features`, which is measured.
    """
    documents = done.event_reads * prices["document_read"] + done.event_writes * prices["document_written"]
    return {
        "requests": 2 * prices["request"],
        "messages": (_EVENT + 2 * _PUSH) / _GIB * prices["message_gib"]
        + _EVENT / _GIB * (prices["export_gib"] + prices["kept_message_gib"] * 7 / 30),
        "archive": _EVENT / _GIB * prices["archive_gib_month"] * _RETENTION_MONTHS,
        "documents": 2 * documents,
        "logs": 2 * _REQUEST_LINE / _GIB * prices["log_gib"],
    }


def of_questions(done: Work, prices: Mapping[str, float]) -> dict[str, float]:
    """Of one question: two requests, five documents read, four written and later deleted, two lines, and the attempt
    that comes back as an event to `risk_features`.
    """
    lines = (_ANSWER_LINE + _DECISION_LINE) / _GIB
    documents = 5 * prices["document_read"] + 4 * (prices["document_written"] + prices["document_deleted"])
    back = done.event_reads * prices["document_read"] + done.event_writes * prices["document_written"]
    return {
        "requests": 3 * prices["request"],
        "messages": 2 * _PUSH / _GIB * prices["message_gib"] + _ANSWER_LINE / _GIB * prices["export_gib"],
        "archive": _ANSWER_LINE / _GIB * prices["archive_gib_month"] * _RETENTION_MONTHS,
        "documents": documents + back,
        # Lines lie in the usual bucket, in the locked one, and in BigQuery.
        "logs": lines
        * (2 * prices["log_gib"] + (prices["log_gib_month"] + prices["query_table_gib"]) * _RETENTION_MONTHS)
        + 3 * _REQUEST_LINE / _GIB * prices["log_gib"],
    }


def active(rate: float, cpu: float) -> float:
    """Instances that answer, on average, at `rate` requests a second of `cpu` seconds each."""
    return max(1 - math.exp(-rate * _STEP), rate * cpu / _USE)


def instances(done: Work, events: float, questions: float, prices: Mapping[str, float]) -> float:
    """A month's instances, for so many events and questions in it; `advice` is taken to need what a decision does."""
    second = prices["cpu_second"] + _MEMORY * prices["memory_second"]
    idle = prices["idle_cpu_second"] + _MEMORY * prices["idle_memory_second"]
    event_rate, question_rate = events / MONTH, questions / MONTH
    answering = (
        2 * active(question_rate, done.decision_cpu)
        + active(event_rate + question_rate, done.event_cpu)
        + active(event_rate, done.event_cpu)
    )
    return MONTH * (answering * second + max(0.0, _MIN_INSTANCES - answering) * idle)


def fixed(prices: Mapping[str, float]) -> float:
    """A month's connector, load balancer, policy, jobs and secrets, and 50 GiB of documents with their past week."""
    hours = MONTH / 3600
    return (
        hours * (2 * prices["connector_hour"] + prices["load_balancer_hour"])
        + prices["armor_month"]
        + 2 * prices["job_month"]
        + 6 * prices["secret_month"]
        + 50 * 2 * prices["document_gib_month"]
    )


def month(done: Work, events: float, questions: float, prices: Mapping[str, float]) -> dict[str, float]:
    """A month with so many events and questions, by what it is paid for."""
    per_event, per_question = of_events(done, prices), of_questions(done, prices)
    total = {name: events * per_event[name] + questions * per_question[name] for name in per_question}
    return {**total, "instances": instances(done, events, questions, prices), "fixed": fixed(prices)}


def main() -> int:
    """Print what `bench.json` comes to; 1 if it lacks a figure."""
    options = _options()
    listed = json.loads(PRICES.read_text())
    prices = {name: entry["price"] for name, entry in listed["prices"].items()}
    try:
        measured = json.loads(options.json.read_text())["measurements"]
        done = work({figure["name"]: figure["value"] for figure in measured})
    except (FileNotFoundError, KeyError) as error:
        print(f"{options.json} lacks {error}: run nox -s bench first", file=sys.stderr)  # noqa: T201 - a command
        return 1
    million = {"a million events": of_events(done, prices), "a million questions": of_questions(done, prices)}
    columns = {name: {what: MILLION * price for what, price in costs.items()} for name, costs in million.items()}
    columns["a month"] = month(done, options.events * MILLION, options.questions * MILLION, prices)
    if options.as_json:
        print(json.dumps({"currency": listed["currency"], **columns}, indent=2))  # noqa: T201 - a command
    else:
        volume = f"{options.events:g} million events and {options.questions:g} million questions"
        title = f"{listed['currency']}; a month of {volume}"
        Console(width=None if sys.stdout.isatty() else 100).print(_table(title, columns))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="the figures (default: %(default)s)")
    parser.add_argument("--events", type=float, default=30.0, help="millions a month (default: %(default)s)")
    parser.add_argument("--questions", type=float, default=10.0, help="millions a month (default: %(default)s)")
    parser.add_argument("--as-json", action="store_true", help="print JSON")
    return parser.parse_args()


def _table(title: str, columns: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(box=None, title=title)
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    for what in columns["a month"]:
        table.add_row(what, *(f"{column[what]:,.2f}" if what in column else "" for column in columns.values()))
    table.add_row("together", *(f"{sum(column.values()):,.2f}" for column in columns.values()))
    return table


if __name__ == "__main__":
    sys.exit(main())
