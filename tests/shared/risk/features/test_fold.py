"""Folding: which documents an event touches, what is said of it, and that states stay within their bounds."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.events.events import (
    Action,
    AdviceGiven,
    BankAction,
    ClientSnapshot,
    Direction,
    Event,
    FraudLabel,
    Kind,
    Overdraft,
    Transaction,
    reversal,
)
from shared.money import Money
from shared.risk.features import client, device, merchant
from shared.risk.features.fold import ALL, fold, touched
from shared.risk.features.inputs import of_event
from shared.risk.features.keys import CLIENTS, DEVICES, FORMAT, MERCHANTS
from shared.windowing.outcome import Outcome
from tests.support.event_streams import BEGIN, TOKENS, dice, folded, stream

PURCHASE = Transaction(
    event_id="e1", client="c", kind=Kind.PURCHASE, occurred_at=BEGIN, amount=Money(100, "EUR"), device="d", merchant="m"
)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (PURCHASE, [CLIENTS, DEVICES, MERCHANTS]),
        (replace(PURCHASE, device=None, merchant=None), [CLIENTS]),
        (Overdraft(event_id="o", client="c", occurred_at=BEGIN, overdrawn=True), [CLIENTS]),
        (ClientSnapshot(event_id="s", client="c", occurred_at=BEGIN), [CLIENTS]),
        (BankAction(event_id="b", client="c", occurred_at=BEGIN, action=Action.LOGIN, device="d"), []),
        (
            FraudLabel(
                event_id="l", client="c", occurred_at=BEGIN, labels="e", transaction_at=BEGIN, device="d", merchant="m"
            ),
            [DEVICES, MERCHANTS],
        ),
    ],
)
def test_an_event_touches_the_documents_of_what_it_names(event: Event, expected: list[str]) -> None:
    """A label says nothing of the client whose card was abused."""
    assert [key.collection for key in touched(event, TOKENS)] == expected


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_clients_and_devices_do_not_depend_on_the_order_of_arrival(seed: int) -> None:
    """Within thirty days and the caps: the same bytes, whatever came first."""
    arrived = stream(seed, 40, 25)
    own = frozenset({CLIENTS, DEVICES})
    shuffled = dice(seed).sample(arrived.arrivals, len(arrived.arrivals))
    expected, _ = folded(arrived.clean, own, group=1)
    assert folded(shuffled, own)[0] == expected


def test_repeated_late_and_reversed_events_are_remarked() -> None:
    """Who folds learns what was not plainly folded, and where."""
    old = replace(PURCHASE, event_id="e0", occurred_at=BEGIN - timedelta(days=36))
    back = reversal(PURCHASE, "r1", BEGIN + timedelta(days=1))
    unseen = reversal(replace(PURCHASE, event_id="e9"), "r9", BEGIN + timedelta(days=1))
    own = frozenset({CLIENTS})
    events = [PURCHASE, PURCHASE, old, back, back, PURCHASE, unseen]
    done = fold({}, events, TOKENS, own)
    assert [(remark.event.event_id, remark.outcome) for remark in done.remarks] == [
        ("e1", Outcome.DUPLICATE),
        ("e0", Outcome.TOO_OLD),
        ("r1", Outcome.DUPLICATE),
        ("e1", Outcome.REVERSED),
        ("r9", Outcome.WAITING),
    ]


def test_a_group_that_changes_nothing_writes_nothing() -> None:
    """A redelivered group costs a read."""
    first = fold({}, [PURCHASE], TOKENS)
    again = fold(first.states, [PURCHASE], TOKENS, ALL - {MERCHANTS})
    assert again.states == {}


def test_a_credit_and_its_reversal_count_nowhere_as_spending() -> None:
    """A refund at a merchant is no spending, and taking it back is none."""
    refund = replace(PURCHASE, direction=Direction.CREDIT)
    done = fold({}, [refund, reversal(refund, "r", BEGIN)], TOKENS)
    assert MERCHANTS not in {key.collection for key in done.states}


@pytest.mark.parametrize("collection", [CLIENTS, DEVICES, MERCHANTS])
def test_a_state_survives_its_encoding(collection: str) -> None:
    """Decoded and encoded again, it is the same to the byte."""
    part = {CLIENTS: client, DEVICES: device, MERCHANTS: merchant}[collection]
    states, _ = folded(stream(5, 200, 60).clean, ALL)
    mine = [state for key, state in states.items() if key.collection == collection]
    assert mine != []
    assert [part.CODEC.encode(part.CODEC.decode_state(state)) for state in mine] == mine


@pytest.mark.parametrize("pace", [timedelta(seconds=20), timedelta(minutes=11), timedelta(hours=5)])
def test_no_activity_makes_a_state_larger_than_its_bound(pace: timedelta) -> None:
    """Merchant, card, device, payee, country new each time; with salaries, snapshots, reversals, labels."""
    states = (client.new(), device.new(), merchant.new())
    parts = (client, device, merchant)
    for number in range(3_000):
        at = BEGIN + number * pace
        for event in _busy(number, at):
            inputs = of_event(event, TOKENS) if number % 50 == 0 else of_event(event, TOKENS)._replace(payee=number + 1)
            for part, state in zip(parts, states, strict=True):
                part.fold(state, event, inputs)
    sizes = [len(msgspec.msgpack.encode(state)) for state in states]
    bounds = [part.MAX_BYTES for part in parts]
    assert all(size <= bound for size, bound in zip(sizes, bounds, strict=True)), sizes
    assert sizes[0] > bounds[0] / 3


def _busy(number: int, at: datetime) -> list[Event]:
    name = f"e{number}"
    spent = replace(
        PURCHASE,
        event_id=name,
        occurred_at=at,
        card=f"k{number}",
        device=f"d{number}",
        merchant=f"m{number}",
        country="ABCDEFGHIJ"[number % 10] + "KLMNOPQRST"[number // 10 % 10],
        account=f"a{number}",
        amount=Money(10**12, "EUR"),
        latitude=-89.99,
        longitude=179.99,
        channel="atm",
        balance_after=-(10**13),
    )
    attempt = AdviceGiven(event_id=f"t{name}", client="t1_", occurred_at=at, rejected=True)
    events: list[Event] = [spent, attempt]
    if number % 3 == 0:
        events.append(replace(spent, event_id=f"s{name}", kind=Kind.SALARY, direction=Direction.CREDIT))
        events.append(reversal(spent, f"r{name}", spent.occurred_at))
        events.append(
            FraudLabel(
                event_id=f"l{name}",
                client="c",
                occurred_at=spent.occurred_at,
                labels=name,
                transaction_at=spent.occurred_at,
            )
        )
        events.append(
            ClientSnapshot(
                event_id=f"p{name}",
                client="c",
                occurred_at=spent.occurred_at,
                time_zone="America/Argentina/ComodRivadavia",
            )
        )
    return events


def test_states_are_arrays_with_the_format_number_first() -> None:
    """A reader of another format sees it before anything else."""
    for part in (client, device, merchant):
        assert msgspec.msgpack.decode(part.CODEC.encode(part.new()))[0] == FORMAT
