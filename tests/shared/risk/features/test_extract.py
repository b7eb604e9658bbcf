"""The values of features: equal to a naive recomputation, within their declared ranges, strictly of the past."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Damaged
from shared.risk.features.extract import Attempts, States, extract
from shared.risk.features.inputs import FeatureInputs, of_question
from shared.risk.features.keys import keys
from shared.risk.features.schema import features
from shared.storage.documents import Key
from shared.times import EARLIEST, LATEST
from tests.support.event_streams import BEGIN, TOKENS, dice, question, states_of, stream
from tests.support.feature_oracle import History

ROUNDED = ("client.amount_zscore", "client.km_from_last", "client.speed_kmh", "client.usual_hour")
OTHERS = ("attempts.client_1m", "attempts.card_1m", "attempts.device_1m", "features.lag_seconds")


def answers(states: Mapping[Key, bytes], body: Mapping[str, Any], at: datetime) -> dict[str, object]:
    """The values by name, those of documents only, having checked mask, types and ranges."""
    inputs = of_question(body, TOKENS)
    names = keys(inputs)
    values, missing = extract(
        inputs, at, States(*(states.get(key) if key else None for key in (names.client, names.device, names.merchant)))
    )
    assert missing == sum(1 << bit for bit, value in enumerate(values) if value is None)
    wrong = [
        variable.name
        for variable, value in zip(features(), values, strict=True)
        if value is not None and not variable.admits(value)
    ]
    assert wrong == []
    return {name: value for name, value in zip(features().names, values, strict=True) if name not in OTHERS}


def agree(actual: dict[str, object], expected: dict[str, object]) -> None:
    rounded = {name: expected.get(name) for name in actual}
    for name in ROUNDED:
        if rounded[name] is not None:
            rounded[name] = pytest.approx(rounded[name], rel=1e-6, abs=1e-2)
    assert actual == rounded


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 90), days=st.sampled_from((1, 20, 60)), ahead=st.floats(0, 45))
def test_values_equal_a_naive_recomputation_over_the_clean_history(
    seed: int, size: int, days: int, ahead: float
) -> None:
    """Whatever came late, twice or was reversed, each value is that of the events that did happen."""
    arrived = stream(seed, size, days)
    states, history, rng = states_of(arrived), History(arrived.clean), dice(seed)
    for _ in range(4):
        body = question(rng, f"c{rng.randrange(3)}")
        at = arrived.newest + timedelta(days=ahead * rng.random() ** 3, microseconds=1)
        agree(answers(states, body, at), history.values(body, at))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), back=st.floats(0, 5))
def test_a_moment_in_the_past_sees_nothing_of_what_came_after_it(seed: int, back: float) -> None:
    """Client and device values of five days back; what is older than the states' reach, and merchants, are left out."""
    arrived = stream(seed, 60, 25)
    states, history, rng = states_of(arrived), History(arrived.clean), dice(seed)
    body = question(rng, f"c{rng.randrange(3)}")
    at = arrived.newest - timedelta(days=back)
    actual, expected = answers(states, body, at), history.values(body, at)
    past = {name: value for name, value in actual.items() if not name.startswith("merchant.")}
    agree(past, expected)


def test_an_event_at_the_very_moment_is_not_seen() -> None:
    """A question never sees the event that it is about."""
    arrived = stream(3, 40, 20)
    states, history, rng = states_of(arrived), History(arrived.clean), dice(3)
    for event in arrived.clean[-8:]:
        body = question(rng, event.client)
        past = {k: v for k, v in answers(states, body, event.occurred_at).items() if not k.startswith("merchant.")}
        agree(past, history.values(body, event.occurred_at))


@pytest.mark.parametrize("seed", range(3))
def test_counts_and_sums_stay_exact_beyond_the_cap_of_the_tail(seed: int) -> None:
    """A client with far more than 256 spendings a month is values as the oracle tells it."""
    arrived = stream(seed, 700, 28, clients=1, reversals=False)
    states, history, rng = states_of(arrived), History(arrived.clean), dice(seed)
    for _ in range(6):
        body = question(rng, "c0")
        at = arrived.newest + timedelta(hours=rng.random() * 80, microseconds=1)
        agree(answers(states, body, at), history.values(body, at))


def test_without_states_everything_but_attempts_and_lag_is_missing() -> None:
    """A store that is down leaves the counters and the lag."""
    values, missing = extract(
        FeatureInputs(client="t"), BEGIN, None, Attempts(1, None, 3), BEGIN - timedelta(seconds=90)
    )
    names = features().names
    assert dict(zip(names, values, strict=True)) == {
        **dict.fromkeys(names), "attempts.client_1m": 1, "attempts.device_1m": 3, "features.lag_seconds": 90,
    }  # fmt: skip
    assert missing == features().mask(set(names) - {"attempts.client_1m", "attempts.device_1m", "features.lag_seconds"})


def test_documents_that_do_not_exist_tell_that_nothing_happened() -> None:
    """A new client on a new device at a new merchant is not known, and counts nothing."""
    actual = answers({}, question(dice(7), "c9"), BEGIN)
    expected = History([]).values(question(dice(7), "c9"), BEGIN)
    agree(actual, expected)


def test_an_operation_without_payment_lacks_only_what_needs_one() -> None:
    """A change of payees has a client and a payee: the features of merchant, card and amount are missing."""
    arrived = stream(11, 80, 20)
    change = {
        "change": {"kind": "add", "payee": {"account": "p1"}},
        "context": {"client_id": "c0", "channel": "web", "occurred_at": ""},
    }
    values = answers(states_of(arrived), change, arrived.newest)
    assert values["client.payee_known"] is True
    assert values["client.count_30d"] != 0
    lacking = {name for name, value in values.items() if value is None}
    assert lacking >= {
        "client.amount_to_mean",
        "card.count_1h",
        "merchant.known",
        "device.known",
        "client.balance_after",
    }


@pytest.mark.parametrize("state", [b"", b"\x95\x02", b"\x95\x01\x00", b"nonsense"])
def test_a_state_that_is_none_is_damaged(state: bytes) -> None:
    """Of another version, cut off, or no state at all."""
    with pytest.raises(Damaged):
        extract(FeatureInputs(client="t"), BEGIN, States(client=state))


@pytest.mark.parametrize("at", [EARLIEST, LATEST])
def test_a_question_of_the_first_or_the_last_year_there_is_has_values_in_every_zone(at: datetime) -> None:
    """While history is replayed, the time that a question names is taken as it is."""
    arrived = stream(7, 90, 60)
    states, rng = states_of(arrived), dice(7)
    for client in range(3):
        answers(states, question(rng, f"c{client}"), at)
