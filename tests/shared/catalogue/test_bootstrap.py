from datetime import UTC, datetime

import pytest

from shared.catalogue.bootstrap import publish_bundled
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from tests.support.deadlines import plenty

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(MemoryDocuments(), OPERATIONS)


@pytest.fixture
def deadline() -> Deadline:
    return plenty()


async def seeded(catalogue: Catalogue, deadline: Deadline, value: int, dry_run: bool = False) -> tuple[int, bool, str]:
    [result] = await publish_bundled(
        catalogue, {"transaction": {"value": value}}, now=NOW, deadline=deadline, dry_run=dry_run
    )
    return result.version, result.changed, result.reason


async def active(catalogue: Catalogue, deadline: Deadline) -> tuple[int, str] | None:
    activation = await catalogue.active("transaction", deadline)
    return (activation.active, activation.by) if activation else None


async def test_an_empty_store_is_given_what_was_deployed(catalogue: Catalogue, deadline: Deadline) -> None:
    assert await seeded(catalogue, deadline, 1) == (1, True, "nothing is published")
    assert await active(catalogue, deadline) == (1, "bootstrap")


async def test_doing_it_again_changes_nothing(catalogue: Catalogue, deadline: Deadline) -> None:
    await seeded(catalogue, deadline, 1)

    assert await seeded(catalogue, deadline, 1) == (1, False, "published already")


async def test_new_code_brings_its_new_content(catalogue: Catalogue, deadline: Deadline) -> None:
    await seeded(catalogue, deadline, 1)

    assert await seeded(catalogue, deadline, 2) == (2, True, "the code brings another content than transaction@1")
    assert await active(catalogue, deadline) == (2, "bootstrap")


async def test_what_a_person_published_is_left_alone(catalogue: Catalogue, deadline: Deadline) -> None:
    await seeded(catalogue, deadline, 1)
    await catalogue.propose("transaction", {"value": 2}, by="ana", now=NOW, note="", deadline=deadline)
    await catalogue.approve("transaction", 2, by="ben", now=NOW, deadline=deadline)

    assert await seeded(catalogue, deadline, 3) == (2, False, "published by ben")


async def test_what_a_person_proposed_waits_for_its_approval(catalogue: Catalogue, deadline: Deadline) -> None:
    await catalogue.propose("transaction", {"value": 2}, by="ana", now=NOW, note="", deadline=deadline)

    assert await seeded(catalogue, deadline, 1) == (1, False, "proposed by ana, not approved yet")


async def test_a_dry_run_tells_and_does_nothing(catalogue: Catalogue, deadline: Deadline) -> None:
    assert await seeded(catalogue, deadline, 1, dry_run=True) == (1, True, "nothing is published")
    assert await catalogue.names(deadline) == []


async def test_a_bootstrap_cut_off_after_its_proposal_is_finished_the_next_time(
    catalogue: Catalogue, deadline: Deadline
) -> None:
    await catalogue.propose("transaction", {"value": 1}, by="bundled", now=NOW, note="", deadline=deadline)

    assert await seeded(catalogue, deadline, 1) == (1, True, "nothing is published")
    assert await active(catalogue, deadline) == (1, "bootstrap")
