"""The vector of one question's feature values, in the contract's order, and the mask of those that are missing."""

from datetime import datetime
from typing import NamedTuple

from shared.risk.features import client, device, merchant
from shared.risk.features.card_values import card
from shared.risk.features.client import ClientState
from shared.risk.features.client_account import account
from shared.risk.features.client_attempts import attempts
from shared.risk.features.client_behaviour import diversity, payees, time_of_day, travel
from shared.risk.features.client_spending import cash, spending, tenure
from shared.risk.features.client_view import ClientAsOf, FeatureVector
from shared.risk.features.device import DeviceState
from shared.risk.features.device_values import device_values
from shared.risk.features.inputs import FeatureInputs
from shared.risk.features.merchant import MerchantState
from shared.risk.features.merchant_values import merchant_values
from shared.risk.features.schema import features
from shared.risk.features.windows import AsOf, as_of
from shared.times import EPOCH

_MAX_LAG = 10**9


class States(NamedTuple):
    """The three documents' bytes as they were read; `None` where there is no such document."""

    client: bytes | None = None
    device: bytes | None = None
    merchant: bytes | None = None


class LiveStates(NamedTuple):
    """The three states as they are folded into; `None` where nothing happened yet."""

    client: ClientState | None = None
    device: DeviceState | None = None
    merchant: MerchantState | None = None


class Attempts(NamedTuple):
    """The counts that incrementing the attempts returned; `None` where there was none or it failed."""

    client: int | None = None
    card: int | None = None
    device: int | None = None


NO_ATTEMPTS = Attempts()

_PARTS = (tenure, spending, diversity, time_of_day, travel, payees, account, attempts, cash, card)
"""What tells a client's features, in the contract's order."""


def extract(
    facts: FeatureInputs,
    at: datetime,
    states: States | None,
    attempts: Attempts = NO_ATTEMPTS,
    watermark: datetime | None = None,
) -> tuple[FeatureVector, int]:
    """Values and mask (bit i: value i is missing, and `None`) at the moment `at`, aware UTC.

    `states` is `None` when they could not be read: then everything that they would tell is missing. A document that
    does not exist tells that nothing happened yet. `watermark` is the time of the newest event in the features.
    Raises `Damaged` for a state that is none.
    """
    return extract_live(facts, at, None if states is None else decoded(states), attempts, watermark)


def extract_live(
    facts: FeatureInputs,
    at: datetime,
    states: LiveStates | None,
    attempts: Attempts = NO_ATTEMPTS,
    watermark: datetime | None = None,
) -> tuple[FeatureVector, int]:
    """The same from states that nobody has encoded: who streams events through them decodes none."""
    if states is None:
        values, missing = _UNREAD
    else:
        values, missing = _of_states(facts, at, states)
    ends, lacking = _request_features(at, attempts, watermark)
    return (*values, *ends), missing | lacking


def decoded(states: States) -> LiveStates:
    """The states in three documents. Raises `Damaged` for one that is none."""
    return LiveStates(
        client.CODEC.decode_state(states.client) if states.client is not None else None,
        device.CODEC.decode_state(states.device) if states.device is not None else None,
        merchant.CODEC.decode_state(states.merchant) if states.merchant is not None else None,
    )


def _of_states(facts: FeatureInputs, at: datetime, states: LiveStates) -> tuple[FeatureVector, int]:
    when = as_of(at)
    of_client, missing = client_values(states.client, facts, when)
    of_device, no_device = device_values(states.device, facts, when)
    of_merchant, no_merchant = merchant_values(states.merchant, facts, when)
    return (*of_client, *of_device, *of_merchant), missing | no_device | no_merchant


def client_values(state: ClientState | None, facts: FeatureInputs, when: AsOf) -> tuple[FeatureVector, int]:
    """The values of `client.*` and `card.*`, from `None` for a client not heard of yet."""
    if facts.client is None:
        return _NO_CLIENT
    view = ClientAsOf(client.new() if state is None else state, facts, when)
    values: list[object] = []
    missing = 0
    for part in _PARTS:
        part_values, part_missing = part(view)
        values += part_values
        missing |= part_missing
    return tuple(values), missing


def _request_features(at: datetime, attempts: Attempts, watermark: datetime | None) -> tuple[FeatureVector, int]:
    """`attempts.*` and `features.lag_seconds`."""
    lag = None if watermark is None else min(max(int((at - watermark).total_seconds()), 0), _MAX_LAG)
    values = (*attempts, lag)
    missing = (values[0] is None) | (values[1] is None) << 1 | (values[2] is None) << 2 | (lag is None) << 3
    return values, missing << _STATES


def _count(*prefixes: str) -> int:
    return sum(name.startswith(prefixes) for name in features().names)


_CLIENT = _count("client.", "card.")
_NO_CLIENT: tuple[FeatureVector, int] = ((None,) * _CLIENT, (1 << _CLIENT) - 1)
_STATES = _count("client.", "card.", "device.", "merchant.")
_UNREAD: tuple[FeatureVector, int] = ((None,) * _STATES, (1 << _STATES) - 1)
NO_OTHERS = _request_features(EPOCH, NO_ATTEMPTS, None)
"""What ends every vector of a backtest."""
