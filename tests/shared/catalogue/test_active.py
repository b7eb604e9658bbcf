import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.catalogue.active import Active, Refreshed
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import RULE_SETS, version_key
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Invalid, NotFound, Problem, Unavailable
from shared.storage.documents import Document, Key, Update
from tests.support.deadlines import plenty
from tests.support.giving_up import given_up

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAME = "transaction"
BUNDLED: Mapping[str, Any] = {"value": 0}


class Store(MemoryDocuments):
    """Counts reads, and can be down or silent."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.down = False
        self.silent = False

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        self.reads += [key.id for key in keys]
        await asyncio.sleep(0)
        if self.down:
            raise Unavailable("the store is down")
        if self.silent:
            await asyncio.Event().wait()
        return await super().read(keys, deadline)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def deadline() -> Deadline:
    return plenty()


def parsed(content: Mapping[str, Any]) -> int:
    value = content["value"]
    if value == 13:
        raise Invalid(Problem("/value", "another number expected"))
    if value == 14:
        raise ZeroDivisionError("a bug quoting 4929000012345678")
    return int(value)


def active(bundled: Mapping[str, Any] | None = BUNDLED) -> Active[int]:
    return Active(RULE_SETS, NAME, parsed, None if bundled is None else lambda: bundled)


async def publish(store: Store, value: int) -> None:
    catalogue, deadline = Catalogue(store, RULE_SETS), plenty()
    proposed = await catalogue.propose(NAME, {"value": value}, by="ana", now=NOW, note="", deadline=deadline)
    await catalogue.approve(NAME, proposed.version.version, by="ben", now=NOW, deadline=deadline)
    store.reads.clear()


async def test_a_cold_instance_takes_what_the_store_has(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()

    refreshed = await rules.refresh(store, deadline, now=100)

    assert (refreshed.changed, refreshed.problem) == (True, None)
    assert (rules.value, rules.version, rules.label) == (1, 1, "transaction@1")


async def test_nothing_is_due_before_the_interval_is_over(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()
    await rules.refresh(store, deadline, now=100)

    assert [rules.due(100), rules.due(109.9), rules.due(110), rules.due(110)] == [False, False, True, False]


async def test_a_published_version_is_in_force_after_the_interval(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()
    await rules.refresh(store, deadline, now=100)
    await publish(store, 2)

    assert rules.value == 1
    assert rules.due(110)
    refreshed = await rules.refresh(store, deadline, now=110)

    assert (refreshed.changed, rules.value, rules.label) == (True, 2, "transaction@2")


async def test_a_version_is_read_and_parsed_once(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    parses: list[int] = []

    def counted(content: Mapping[str, Any]) -> int:
        parses.append(parsed(content))
        return parses[-1]

    rules: Active[int] = Active(RULE_SETS, NAME, counted)

    for now in (100, 110, 120):
        await rules.refresh(store, deadline, now)

    assert parses == [1]
    assert store.reads == [NAME, f"{NAME}@000001", NAME, NAME]


async def test_many_requests_on_a_cold_instance_load_the_version_once(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()

    refreshed = await asyncio.gather(*(rules.refresh(store, deadline, now=100) for _ in range(20)))

    assert [result.changed for result in refreshed].count(True) == 1
    assert {result.problem for result in refreshed} == {None}
    assert store.reads.count(f"{NAME}@000001") == 1


async def test_while_one_request_looks_again_the_others_go_on(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()
    await rules.refresh(store, deadline, now=100)

    assert [rules.due(111) for _ in range(20)].count(True) == 1


async def test_on_a_cold_instance_everyone_looks_until_one_look_is_over(store: Store, deadline: Deadline) -> None:
    rules = active()

    assert [rules.due(100), rules.due(100)] == [True, True]
    rules.failed(100, "the store is down")
    assert [rules.due(100), rules.due(110), rules.due(110)] == [False, True, False]


@pytest.mark.parametrize("value", [13, 14])
async def test_a_version_that_does_not_parse_leaves_the_last_good_one(
    value: int, store: Store, deadline: Deadline
) -> None:
    await publish(store, 1)
    rules = active()
    await rules.refresh(store, deadline, now=100)
    await publish(store, value)

    refreshed = await rules.refresh(store, deadline, now=110)

    assert (refreshed.changed, rules.value, rules.label) == (False, 1, "transaction@1")
    assert refreshed.problem is not None
    assert refreshed.problem.endswith("; transaction@1 stays in force")
    assert "4929" not in refreshed.problem
    assert [rules.due(119), rules.due(120)] == [False, True]


async def test_after_a_bad_version_a_good_one_is_taken(store: Store, deadline: Deadline) -> None:
    await publish(store, 13)
    rules = active()
    await rules.refresh(store, deadline, now=100)
    await publish(store, 2)

    refreshed = await rules.refresh(store, deadline, now=110)

    assert (refreshed.changed, rules.value) == (True, 2)


async def test_a_corrupt_version_leaves_the_deployed_copy_on_a_cold_instance(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    key = version_key(RULE_SETS, NAME, 1)
    [document] = await store.read([key], deadline)
    assert document is not None
    await store.commit([Update(key, document.version, document.state[:-9])], deadline)
    rules = active()

    refreshed = await rules.refresh(store, deadline, now=100)

    damage = "rule_sets/transaction@000001 is damaged: a version of a rule set expected"
    assert refreshed.problem == f"{damage}; transaction@bundled stays in force"
    assert (rules.value, rules.version) == (0, 0)


async def test_a_store_that_is_down_leaves_what_is_held(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()
    await rules.refresh(store, deadline, now=100)
    store.down = True

    refreshed = await rules.refresh(store, deadline, now=110)

    assert (refreshed.changed, refreshed.problem) == (False, "the store is down; transaction@1 stays in force")
    assert rules.value == 1


async def test_a_cold_instance_looks_every_second_until_the_store_answers(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    rules = active()
    store.down = True
    await rules.refresh(store, deadline, now=100)
    assert (rules.label, rules.due(100.9), rules.due(101)) == ("transaction@bundled", False, True)

    store.down = False
    await rules.refresh(store, deadline, now=101)
    assert rules.label == "transaction@1"

    store.down = True
    await rules.refresh(store, deadline, now=111)
    assert [rules.due(120), rules.due(121)] == [False, True]


async def test_a_cold_instance_tries_a_version_that_does_not_parse_once_an_interval(
    store: Store, deadline: Deadline
) -> None:
    await publish(store, 13)
    rules = active()
    await rules.refresh(store, deadline, now=100)
    assert [rules.due(109), rules.due(110)] == [False, True]


async def test_a_silent_store_costs_no_more_than_the_deadline(store: Store) -> None:
    await publish(store, 1)
    rules = active()
    [pointer] = await store.read([rules.pointer_key()], plenty())
    store.silent = True

    refreshed = await given_up(lambda deadline: rules.apply(pointer, store, deadline, now=100))

    assert refreshed.problem == "rule_sets/transaction could not be loaded in time; transaction@bundled stays in force"
    assert rules.ready


async def test_waiting_for_a_load_that_hangs_costs_no_more_than_the_own_deadline(store: Store) -> None:
    await publish(store, 1)
    rules = active()
    [pointer] = await store.read([rules.pointer_key()], plenty())
    store.silent = True
    hanging = asyncio.create_task(rules.apply(pointer, store, plenty(), now=100))
    await asyncio.sleep(0)

    refreshed = await given_up(lambda deadline: rules.apply(pointer, store, deadline, now=100))

    assert refreshed.problem is not None
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_as_long_as_nothing_is_published_the_deployed_copy_serves_and_nothing_is_wrong(
    store: Store, deadline: Deadline
) -> None:
    rules = active()

    refreshed = await rules.refresh(store, deadline, now=100)

    assert refreshed == Refreshed()
    assert (rules.ready, rules.absent, rules.value) == (True, True, 0)


async def test_without_a_deployed_copy_there_is_nothing_to_hold(store: Store, deadline: Deadline) -> None:
    rules = active(bundled=None)

    refreshed = await rules.refresh(store, deadline, now=100)

    assert refreshed.problem == "rule_sets has no active transaction"
    assert not rules.ready
    with pytest.raises(NotFound, match="no active transaction"):
        _ = rules.value


async def test_the_deployed_copy_is_not_read_if_the_store_has_a_version(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)

    def unreadable() -> Mapping[str, Any]:
        raise AssertionError("read for nothing")

    rules: Active[int] = Active(RULE_SETS, NAME, parsed, unreadable)
    await rules.refresh(store, deadline, now=100)

    assert rules.value == 1


async def test_a_rollback_is_followed_like_any_other_activation(store: Store, deadline: Deadline) -> None:
    await publish(store, 1)
    await publish(store, 2)
    rules = active()
    await rules.refresh(store, deadline, now=100)
    await Catalogue(store, RULE_SETS).rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)

    await rules.refresh(store, deadline, now=110)

    assert (rules.value, rules.label) == (1, "transaction@1")
