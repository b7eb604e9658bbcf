"""What `risk_features` makes of pushes: features of clients and devices, dead letters with a reason, or a refusal."""

import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastavro import schemaless_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.risk_features.main import compose
from shared.embedded.memory_documents import MemoryDocuments
from shared.embedded.memory_publisher import MemoryPublisher
from shared.events.avro.event_codecs import CODECS
from shared.events.avro.events import encode
from shared.events.avro.framing import registry_framed
from shared.events.avro.topic_encoding import versions
from shared.events.events import ClientSnapshot, Event, FraudLabel, Kind, Overdraft, Transaction, reversal
from shared.money import Money
from shared.risk.features import client, pending_reversals
from shared.risk.features.fold import fold
from shared.risk.features.keys import CLIENTS, DEVICES
from shared.storage.documents import Document, Key
from shared.storage.group_commit import Limits
from tests.shared.events.test_decision import line
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS, dice, folded, stream
from tests.support.faulty_documents import Troubled
from tests.support.push_client import Function, envelope

NOW = datetime.now(UTC).replace(microsecond=0)
OWN = frozenset({CLIENTS, DEVICES})
PURCHASE = Transaction(
    event_id="e1", client="C-1", kind=Kind.PURCHASE, occurred_at=NOW - timedelta(hours=1), amount=Money(100, "EUR"),
    device="D-1", merchant="M-1",
)  # fmt: skip
TRANSACTIONS = "transactions.risk_features"
CLIENT = Key(CLIENTS, TOKENS.client("C-1"))


def function(state: Path, **options: Any) -> Function:
    made: dict[str, Any] = {"documents": MemoryDocuments(), "publisher": MemoryPublisher(), **options}
    return Function(compose, "risk_features", state, **made)


async def document_at(tested: Function, key: Key) -> Document | None:
    [document] = await tested.documents.read([key], plenty())
    return document


async def test_what_happened_to_a_client_becomes_features(tmp_path: Path) -> None:
    """Of every topic that it is subscribed to, as the pure fold says."""
    events: list[Event] = [
        PURCHASE,
        Overdraft(event_id="o1", client="C-1", occurred_at=NOW, overdrawn=True, account="A-1"),
        ClientSnapshot(event_id="s1", client="C-1", occurred_at=NOW, country="CZ"),
        FraudLabel(
            event_id="l1", client="C-1", occurred_at=NOW, labels="e1", transaction_at=NOW, device="D-1", merchant="M-1"
        ),
    ]
    tested = function(tmp_path)
    assert [await tested.send(event) for event in events] == [204] * 4
    assert tested.states() == fold({}, events, TOKENS, OWN).states
    assert (tested.letters(), tested.lines()) == ([], [])


async def test_a_rejected_attempt_becomes_a_feature(tmp_path: Path) -> None:
    """By the decision log, which knows the client's token only."""
    tested = function(tmp_path)
    assert await tested.push(envelope(line(), "decisions.risk_features")) == 204
    state = client.CODEC.decode_state(tested.states()[CLIENT])
    assert state.attempts.columns[client.REJECTED] == b"\x01"


@pytest.mark.parametrize("data", [line("decision"), line(client=None), b'{"textPayload":"x"}'])
async def test_other_lines_of_the_log_are_acknowledged(tmp_path: Path, data: bytes) -> None:
    tested = function(tmp_path)
    assert await tested.push(envelope(data, "decisions.risk_features")) == 204
    assert tested.states() == {}
    assert tested.letters() == []


async def test_a_tombstone_of_a_snapshot_forgets_it(tmp_path: Path) -> None:
    tested, snapshot = function(tmp_path), ClientSnapshot(event_id="s", client="C-1", occurred_at=NOW, country="CZ")
    await tested.send(snapshot)
    tombstone = envelope(b"", "client-snapshots.risk_features", {"key": "C-1"})
    assert await tested.push(tombstone) == 204
    assert client.CODEC.decode_state(tested.states()[CLIENT]).profiles[-1].country is None


def with_amount(minor: int) -> bytes:
    """A record as whoever does not check it may write it."""
    body, record = BytesIO(), CODECS["transactions"].write(PURCHASE)
    schemaless_writer(
        body, dict(versions("transactions")[0].parsed), {**record, "amount": {"minor": minor, "currency": "EUR"}}
    )
    return body.getvalue()


BODY = encode(PURCHASE)


@pytest.mark.parametrize(
    ("data", "subscription", "field", "reason"),
    [
        (with_amount(10**15 + 1), TRANSACTIONS, "amount", "a whole number from 0"),
        (b"", "client-snapshots.risk_features", "", "tombstone"),
        (b"not json", "decisions.risk_features", "", "line of the log"),
    ],
    ids=["an amount that is too large", "a tombstone without a key", "no line of the log"],
)
async def test_what_can_never_work_is_a_dead_letter_with_a_reason(
    tmp_path: Path, data: bytes, subscription: str, field: str, reason: str
) -> None:
    """At once, as it came, acknowledged; the log tells of it."""
    tested = function(tmp_path, replay=False)
    assert await tested.push(envelope(data, subscription, {"kafka.topic": "t"}, attempt=3)) == 204
    [letter] = tested.letters()
    attributes = letter.attributes
    assert (letter.data, attributes["kafka.topic"], attributes["slacker-source"]) == (data, "t", subscription)
    assert (attributes["slacker-attempt"], attributes["slacker-function"]) == ("3", "risk_features")
    assert field in attributes["slacker-field"]
    assert reason in attributes["slacker-reason"]
    assert attributes["slacker-reason"]
    assert [each["kind"] for each in tested.lines()] == ["dead_lettered"]
    assert tested.states() == {}


async def test_a_message_of_nearly_ten_megabytes_is_a_dead_letter_without_its_body(tmp_path: Path) -> None:
    """With a reason beside it, it would be too large to be published."""
    tested = function(tmp_path)
    assert await tested.push(envelope(b"x" * 9_999_000, TRANSACTIONS)) == 204
    [letter] = tested.letters()
    assert (letter.data, letter.attributes["slacker-cut"]) == (b"", "9999000")


async def test_without_its_dead_letter_a_message_comes_again(tmp_path: Path) -> None:
    tested = function(tmp_path, publisher=MemoryPublisher(topics=()))
    assert await tested.push(envelope(b"\x02", TRANSACTIONS)) == 503
    assert [each["kind"] for each in tested.lines()] == ["dead_letter_not_published", "request_failed"]


@pytest.mark.parametrize(("age", "expected"), [(9, 503), (11, 204)])
async def test_where_deliveries_are_not_counted_an_unknown_schema_is_waited_for_ten_minutes(
    tmp_path: Path, age: int, expected: int
) -> None:
    tested, at = function(tmp_path), datetime.now(UTC) - timedelta(minutes=age)
    body = envelope(registry_framed(7, BODY), TRANSACTIONS, attempt=None, published_at=at)
    assert await tested.push(body) == expected
    assert ["schema 7" in letter.attributes["slacker-reason"] for letter in tested.letters()] == [True] * (
        expected == 204
    )


async def test_a_commit_that_was_not_confirmed_counts_once(tmp_path: Path) -> None:
    """The message is refused, and what comes again is seen to be there."""
    documents = Troubled(commits="lost")
    tested = function(tmp_path, documents=documents)
    assert [await tested.send(PURCHASE, attempt=attempt) for attempt in (1, 5, 50)] == [503, 204, 204]
    documents.commits = "work"
    assert await tested.send(PURCHASE) == 204
    assert tested.states() == fold({}, [PURCHASE], TOKENS, OWN).states
    assert tested.letters() == []


async def test_a_full_queue_answers_429(tmp_path: Path) -> None:
    documents = Troubled(reads="hang")
    tested = function(tmp_path, documents=documents, limits=Limits(items=1))
    first = asyncio.ensure_future(tested.send(PURCHASE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await tested.send(PURCHASE) == 429
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


@pytest.mark.parametrize(("headers", "expected"), [({"authorization": "Bearer x"}, 401), ({"authorization": ""}, 401)])
async def test_only_the_push_service_may_push(tmp_path: Path, headers: dict[str, str], expected: int) -> None:
    tested = function(tmp_path)
    assert await tested.push(envelope(BODY, TRANSACTIONS), **headers) == expected
    assert tested.states() == {}


async def test_a_subscription_of_an_unknown_topic_is_our_fault(tmp_path: Path) -> None:
    """It is never a dead letter: every message of it would be one."""
    tested = function(tmp_path)
    assert await tested.push(envelope(BODY, "elsewhere", attempt=50)) == 500
    assert tested.letters() == []


async def test_a_reversal_of_something_unseen_waits_with_a_limit(tmp_path: Path) -> None:
    """It is told, to be asked about after three days, and forgotten when the event comes, which does not count."""
    tested, back = function(tmp_path), reversal(PURCHASE, "r1", NOW)
    assert [await tested.send(back), await tested.send(back)] == [204, 204]
    [due] = await tested.documents.due(
        pending_reversals.CODEC.collection.name,
        plenty(),
        before=datetime.now(UTC) + pending_reversals.REPORT_AFTER,
    )
    assert b'"reverses":"e1"' in due.state
    assert [each["kind"] for each in tested.lines()] == ["reversal_waits"]
    assert await tested.send(PURCHASE) == 204
    assert await document_at(tested, due.key) is None
    assert len(client.CODEC.decode_state(tested.states()[CLIENT]).spent) == 0


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
async def test_events_late_twice_and_at_once_lead_to_the_features_of_the_clean_history(
    tmp_path: Path, seed: int
) -> None:
    """Whatever order the pushes come in: the same bytes as one after the other."""
    arrived, rng = stream(seed, 40, 25), dice(seed)
    events = [event for event in arrived.arrivals if isinstance(event, Transaction | FraudLabel | Overdraft)]
    shuffled = rng.sample(events, len(events))
    tested = function(tmp_path)
    assert set(await asyncio.gather(*(tested.send(event) for event in shuffled))) == {204}
    clean = [event for event in arrived.clean if event in set(events)]
    assert tested.states() == folded(clean, OWN, group=1)[0]


BODIES = st.binary(max_size=60) | st.builds(
    lambda body, at, byte: body[: at % len(body)] + bytes([byte]) + body[at % len(body) + 1 :],
    st.sampled_from([BODY, encode(reversal(PURCHASE, "r", NOW)), line()]),
    st.integers(0, 500),
    st.integers(0, 255),
)
TOPICS = ("transactions", "overdrafts", "client-snapshots", "fraud-labels", "bank-actions", "decisions")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=BODIES, topic=st.sampled_from(TOPICS), attempt=st.sampled_from((None, 1, 5)))
async def test_any_body_is_kept_or_a_dead_letter_or_waits_for_its_schema(
    tmp_path: Path, data: bytes, topic: str, attempt: int | None
) -> None:
    tested = function(tmp_path)
    status = await tested.push(envelope(data, f"{topic}.risk_features", attempt=attempt))
    letters = [letter.attributes["slacker-reason"] for letter in tested.letters()]
    assert status == 204 or (status == 503 and attempt != 5 and letters == [])
    assert all(len(reason) > 10 for reason in letters)
    assert len(letters) == [each["kind"] for each in tested.lines()].count("dead_lettered")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    body=st.binary(max_size=80)
    | st.builds(
        lambda whole, at, piece: whole[: at % len(whole)] + piece + whole[at % len(whole) + 1 :],
        st.just(envelope(BODY, TRANSACTIONS, {"a": "b"}, published_at=NOW)),
        st.integers(0, 2000),
        st.binary(max_size=3),
    )
)
async def test_any_envelope_is_answered(tmp_path: Path, body: bytes) -> None:
    """What is no envelope is refused; nothing else is our fault but a subscription that nobody knows."""
    tested = function(tmp_path)
    status = await tested.push(body)
    assert status in (204, 400, 503) or (status == 500 and b"/subscriptions/transactions.risk" not in body)
