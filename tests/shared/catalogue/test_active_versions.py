import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from shared.catalogue.active_versions import ActiveVersions
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.deadline import Deadline
from shared.errors import NotFound, Unavailable
from tests.shared.catalogue.test_active import Store
from tests.support.deadlines import plenty
from tests.support.giving_up import given_up

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def deadline() -> Deadline:
    return plenty()


def by_name(**bundled: int) -> ActiveVersions[int]:
    def parsed(content: Mapping[str, Any]) -> int:
        return int(content["value"])

    return ActiveVersions(OPERATIONS, parsed, {name: partial(dict, value=value) for name, value in bundled.items()})


async def publish(store: Store, name: str, value: int, approved: bool = True) -> None:
    catalogue, deadline = Catalogue(store, OPERATIONS), plenty()
    proposed = await catalogue.propose(name, {"value": value}, by="ana", now=NOW, note="", deadline=deadline)
    if approved:
        await catalogue.approve(name, proposed.version.version, by="ben", now=NOW, deadline=deadline)
    store.reads.clear()


async def test_a_deployed_name_is_looked_at_before_its_first_use(store: Store, deadline: Deadline) -> None:
    await publish(store, "transaction", 5)
    names = by_name(transaction=0)

    active, refreshed, due = await names.current("transaction", store, deadline, now=100)

    assert (active.value, refreshed.changed, refreshed.problem, due) == (5, True, None, False)


async def test_what_is_in_memory_is_current_without_a_read_and_one_asker_an_interval_is_to_look_again(
    store: Store, deadline: Deadline
) -> None:
    await publish(store, "transaction", 5)
    names = by_name(transaction=0)
    first = await names.current("transaction", store, deadline, now=100)
    store.reads.clear()

    later = [await names.current("transaction", store, deadline, now=now) for now in (109, 110, 110)]

    assert [(current.active, current.due) for current in later] == [
        (first.active, False),
        (first.active, True),
        (first.active, False),
    ]
    assert store.reads == []


async def test_an_operation_published_later_is_found_within_the_interval(store: Store, deadline: Deadline) -> None:
    names = by_name()
    with pytest.raises(NotFound):
        await names.find("payee_change", store, deadline, now=100)
    await publish(store, "payee_change", 7)
    with pytest.raises(NotFound):
        await names.find("payee_change", store, deadline, now=109)

    active, _ = await names.find("payee_change", store, deadline, now=110)

    assert active.value == 7


async def test_unknown_names_together_cost_one_read_an_interval(store: Store, deadline: Deadline) -> None:
    await publish(store, "transaction", 5)
    names = by_name()

    for number in range(1000):
        with pytest.raises(NotFound):
            await names.find(f"guess_{number}", store, deadline, now=100)

    assert store.reads == ["@index"]


async def test_unknown_names_asked_at_once_cost_one_read(store: Store, deadline: Deadline) -> None:
    names = by_name()

    results = await asyncio.gather(
        *(names.find(f"guess_{number}", store, deadline, now=100) for number in range(20)), return_exceptions=True
    )

    assert {type(result) for result in results} == {NotFound}
    assert store.reads == ["@index"]


async def test_a_name_that_cannot_be_is_not_looked_for(store: Store, deadline: Deadline) -> None:
    with pytest.raises(NotFound):
        await by_name().find("../etc", store, deadline, now=100)

    assert store.reads == []


async def test_a_proposal_that_nobody_approved_is_not_found_and_its_pointer_is_read_once_an_interval(
    store: Store, deadline: Deadline
) -> None:
    await publish(store, "payee_change", 7, approved=False)
    names = by_name()

    for _ in range(10):
        with pytest.raises(NotFound, match="no active payee_change"):
            await names.find("payee_change", store, deadline, now=100)

    assert store.reads == ["@index", "payee_change"]


async def test_with_the_store_down_a_deployed_name_serves_and_another_is_not_denied(
    store: Store, deadline: Deadline
) -> None:
    store.down = True
    names = by_name(transaction=3)

    active, refreshed = await names.find("transaction", store, deadline, now=100)

    assert (active.value, refreshed.problem) == (3, "the store is down; transaction@bundled stays in force")
    for _ in range(3):
        with pytest.raises(Unavailable):
            await names.find("payee_change", store, deadline, now=100)
    assert store.reads == ["transaction", "@index"]


async def test_a_published_name_whose_version_cannot_be_loaded_is_unavailable_not_unknown(
    store: Store, deadline: Deadline
) -> None:
    await publish(store, "payee_change", 7)
    names = by_name()
    with pytest.raises(NotFound):
        await names.find("other", store, deadline, now=100)
    store.down = True

    for _ in range(2):
        with pytest.raises(Unavailable, match="payee_change could not be loaded"):
            await names.find("payee_change", store, deadline, now=100)

    store.down = False
    active, _ = await names.find("payee_change", store, deadline, now=101)
    assert active.value == 7


async def test_an_instance_that_came_up_while_the_store_was_away_finds_a_name_a_second_later(
    store: Store, deadline: Deadline
) -> None:
    await publish(store, "payee_change", 7)
    store.down = True
    names = by_name()
    for now in (100, 100.9):
        with pytest.raises(Unavailable):
            await names.find("payee_change", store, deadline, now=now)
    assert store.reads == ["@index"]

    store.down = False
    active, _ = await names.find("payee_change", store, deadline, now=101)

    assert active.value == 7


async def test_a_silent_store_costs_an_unknown_name_no_more_than_the_deadline(store: Store) -> None:
    store.silent = True

    with pytest.raises(Unavailable, match="in time"):
        await given_up(lambda deadline: by_name().find("payee_change", store, deadline, now=100))
