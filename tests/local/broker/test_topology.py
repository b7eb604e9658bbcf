"""Which topologies a broker accepts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from local.broker.topology import Push, Subscription, Topology, read
from shared.errors import Misconfigured

GOOD = Topology(
    project="bank",
    topics=("transactions", "dead-letters"),
    subscriptions=(
        Subscription(
            name="transactions.risk_features",
            topic="transactions",
            push=Push("http://127.0.0.1:1/risk_features", email="pusher@slacker.local"),
            dead_letter_topic="dead-letters",
            max_attempts=7,
        ),
        Subscription(name="dead-letters.held", topic="dead-letters"),
    ),
)

DEEP = b'{"project": ' + b"[" * 200_000


def changed_topology(**changed: object) -> Topology:
    """GOOD with its first subscription changed."""
    first, *others = GOOD.subscriptions
    return replace(GOOD, subscriptions=(replace(first, **changed), *others))  # type: ignore[arg-type] # named by each test


def test_it_is_read_from_json(tmp_path: Path) -> None:
    path = tmp_path / "broker.json"
    push = {"url": "http://127.0.0.1:1/risk_features", "email": "pusher@slacker.local"}
    first = {"name": "transactions.risk_features", "topic": "transactions", "push": push, "max_attempts": 7}
    subscriptions = [
        first | {"dead_letter_topic": "dead-letters"},
        {"name": "dead-letters.held", "topic": "dead-letters"},
    ]
    path.write_text(
        json.dumps({"project": "bank", "topics": ["transactions", "dead-letters"], "subscriptions": subscriptions})
    )
    assert read(path) == GOOD


@pytest.mark.parametrize(
    ("topology", "wrong"),
    [
        (replace(GOOD, topics=("transactions", "dead-letters", "dead-letters")), "named twice"),
        (replace(GOOD, subscriptions=(*GOOD.subscriptions, GOOD.subscriptions[0])), "named twice"),
        (replace(GOOD, topics=(*GOOD.topics, "ab")), "no name of a topic"),
        (replace(GOOD, topics=(*GOOD.topics, "google")), "no name of a topic"),
        (replace(GOOD, topics=(*GOOD.topics, "a/b/c")), "no name of a topic"),
        (changed_topology(name="7th"), "no name of a subscription"),
        (changed_topology(topic="unknown"), "no topic unknown"),
        (changed_topology(dead_letter_topic="transactions"), "come back"),
        (replace(GOOD, subscriptions=GOOD.subscriptions[:1]), "would be lost"),
        (changed_topology(ack_deadline=0.0), "ack_deadline"),
        (changed_topology(min_backoff=2.0, max_backoff=1.0), "min_backoff"),
        (changed_topology(max_attempts=0), "max_attempts"),
        (changed_topology(max_outstanding=0), "max_outstanding"),
    ],
)
def test_what_would_not_work_is_refused_in_words(topology: Topology, wrong: str) -> None:
    with pytest.raises(Misconfigured, match=wrong):
        topology.check()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", DEEP, b'{"project": "bank"}', b'{"project": 1, "topics": []}']
)
def test_a_file_that_is_no_topology_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broker.json"
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match=r"broker\.json"):
        read(path)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"broker\.json"):
        read(tmp_path / "broker.json")
