"""The made-up bank: repeatable, ordered, and with the habits and frauds it says it has."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import islice, pairwise

import msgspec
import pytest

from jobs.history.transaction import Transaction
from local.bank import fraud
from local.bank.bank import transactions, world
from local.stack.process import ROOT

CLIENTS = 300


@pytest.fixture(scope="module")
def life() -> list[Transaction]:
    return list(islice(transactions(7, CLIENTS, fraud_rate=20), 30_000))


def test_same_seed_gives_the_same_bytes_in_another_process_with_another_hash_seed() -> None:
    program = (
        "import hashlib, itertools, msgspec; from local.bank.bank import transactions;"
        "print(hashlib.sha256(msgspec.json.encode(list(itertools.islice(transactions(7, 50), 2000)))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_another_bank() -> None:
    assert list(islice(transactions(1, 50), 100)) != list(islice(transactions(2, 50), 100))


def test_time_never_runs_backwards(life: list[Transaction]) -> None:
    assert all(before.at <= after.at for before, after in pairwise(life))


def test_ids_are_distinct(life: list[Transaction]) -> None:
    assert len({transaction.id for transaction in life}) == len(life)


def test_every_kind_of_fraud_happens_and_is_labelled(life: list[Transaction]) -> None:
    kinds = {kind.__name__ for kind, _ in fraud.KINDS}
    assert {transaction.scenario for transaction in life if transaction.fraud} == kinds
    assert {transaction.scenario for transaction in life if not transaction.fraud} == {None}


def test_a_rate_of_zero_makes_an_honest_bank() -> None:
    assert not any(transaction.fraud for transaction in islice(transactions(7, CLIENTS, fraud_rate=0), 10_000))


def test_every_client_has_a_salary_once_a_month(life: list[Transaction]) -> None:
    first, last = life[0].at, life[-1].at
    assert last - first > timedelta(days=40)
    paid = Counter(
        transaction.client
        for transaction in life
        if transaction.details == "Salary" and transaction.at - first < timedelta(days=31)
    )
    assert {paid[client.id] for client in world(7, CLIENTS).clients} <= {1, 2}


def test_sizes_of_merchants_have_a_heavy_tail(life: list[Transaction]) -> None:
    visits = Counter(transaction.shop.id for transaction in life if transaction.shop)
    hot = sum(count for _, count in visits.most_common(len(visits) // 100))
    assert hot > 0.1 * visits.total()


def test_a_genuine_purchase_in_a_shop_happens_where_its_client_is(life: list[Transaction]) -> None:
    clients = {client.id: client for client in world(7, CLIENTS).clients}
    for transaction in life:
        if transaction.fraud or transaction.channel != "card_present":
            continue
        client = clients[transaction.client]
        trip = client.trip((transaction.at - timedelta(hours=1)).date()) or client.trip(
            (transaction.at + timedelta(hours=12)).date()
        )
        trip = trip or client.trip((transaction.at - timedelta(hours=12)).date())
        assert transaction.location in {client.home.location, trip.city.location if trip else None}


def test_a_stolen_card_is_used_far_from_home(life: list[Transaction]) -> None:
    homes = {client.id: client.home.location for client in world(7, CLIENTS).clients}
    stolen = [transaction for transaction in life if transaction.scenario == "stolen_card"]
    assert all(
        transaction.location is not None and transaction.location.country != homes[transaction.client].country
        for transaction in stolen
    )


def test_a_takeover_uses_a_device_and_a_payee_the_client_never_had(life: list[Transaction]) -> None:
    clients = {client.id: client for client in world(7, CLIENTS).clients}
    for transaction in life:
        if transaction.scenario == "account_takeover":
            assert transaction.device not in clients[transaction.client].devices
            assert transaction.payee not in clients[transaction.client].payees


def test_a_month_of_the_bank_survives_json_unchanged(life: list[Transaction]) -> None:
    encoded = msgspec.json.encode(life[:1000])
    assert msgspec.json.decode(encoded, type=list[Transaction]) == life[:1000]
