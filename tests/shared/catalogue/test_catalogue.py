from datetime import UTC, datetime, timedelta

import pytest

from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS, Activation, Version, activation_key, version_key
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Conflict, Damaged, Forbidden, Invalid, NotFound
from shared.storage.documents import Key, Update
from tests.support.deadlines import plenty

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAME = "transaction"


@pytest.fixture
def deadline() -> Deadline:
    return plenty()


@pytest.fixture
def documents() -> MemoryDocuments:
    return MemoryDocuments()


@pytest.fixture
def catalogue(documents: MemoryDocuments) -> Catalogue:
    return Catalogue(documents, OPERATIONS)


async def published(catalogue: Catalogue, deadline: Deadline, *values: int) -> None:
    """One approved version for each of `values`, the last one active."""
    for value in values:
        proposed = await catalogue.propose(NAME, {"value": value}, by="ana", now=NOW, note="", deadline=deadline)
        await catalogue.approve(NAME, proposed.version.version, by="ben", now=NOW, deadline=deadline)


async def active(catalogue: Catalogue, deadline: Deadline) -> int | None:
    activation = await catalogue.active(NAME, deadline)
    return activation.active if activation else None


async def test_a_proposal_becomes_the_next_version_and_is_not_active(catalogue: Catalogue, deadline: Deadline) -> None:
    proposed = await catalogue.propose(NAME, {"value": 1}, by="ana", now=NOW, note="first", deadline=deadline)

    assert proposed.created
    assert proposed.version.label == "transaction@1"
    assert (proposed.version.proposed_by, proposed.version.note) == ("ana", "first")
    assert await catalogue.version(NAME, 1, deadline) == proposed.version
    assert await catalogue.active(NAME, deadline) is None


async def test_the_same_content_as_the_newest_version_makes_no_new_one(
    catalogue: Catalogue, deadline: Deadline
) -> None:
    first = await catalogue.propose(NAME, {"a": 1, "b": 2}, by="ana", now=NOW, note="first", deadline=deadline)

    again = await catalogue.propose(NAME, {"b": 2, "a": 1}, by="ben", now=NOW, note="mine", deadline=deadline)

    assert (again.created, again.version) == (False, first.version)
    assert len(await catalogue.versions(NAME, deadline)) == 1


async def test_another_person_approves_and_the_version_becomes_active(catalogue: Catalogue, deadline: Deadline) -> None:
    await catalogue.propose(NAME, {"value": 1}, by="ana", now=NOW, note="first", deadline=deadline)
    later = NOW + timedelta(hours=1)

    approved = await catalogue.approve(NAME, 1, by="ben", now=later, deadline=deadline)

    assert approved.changed
    assert approved.activation == Activation(NAME, 1, 1, None, "approved", "ben", later, "first")
    version = await catalogue.version(NAME, 1, deadline)
    assert (version.approved_by, version.approved_at, version.content) == ("ben", later, {"value": 1})


@pytest.mark.parametrize("same", ["ana", " Ana ", "ANA", ""])
async def test_nobody_approves_what_they_proposed_whatever_the_spelling(
    same: str, catalogue: Catalogue, deadline: Deadline
) -> None:
    await catalogue.propose(NAME, {"value": 1}, by="ana", now=NOW, note="", deadline=deadline)

    with pytest.raises(Forbidden, match="another person"):
        await catalogue.approve(NAME, 1, by=same, now=NOW, deadline=deadline)

    assert await catalogue.active(NAME, deadline) is None


async def test_approving_twice_activates_once(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1)

    again = await catalogue.approve(NAME, 1, by="eve", now=NOW, deadline=deadline)

    assert (again.changed, again.activation.epoch, again.activation.by) == (False, 1, "ben")


async def test_approving_an_old_version_again_does_not_bring_it_back(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1, 2)

    again = await catalogue.approve(NAME, 1, by="ben", now=NOW, deadline=deadline)

    assert (again.changed, again.activation.active) == (False, 2)


async def test_a_proposal_older_than_the_active_version_is_not_approved(
    catalogue: Catalogue, deadline: Deadline
) -> None:
    for value in (1, 2):
        await catalogue.propose(NAME, {"value": value}, by="ana", now=NOW, note="", deadline=deadline)
    await catalogue.approve(NAME, 2, by="ben", now=NOW, deadline=deadline)

    with pytest.raises(Conflict, match="transaction@2 is active and newer"):
        await catalogue.approve(NAME, 1, by="ben", now=NOW, deadline=deadline)


async def test_a_rollback_goes_back_to_the_version_before(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1, 2)

    back = await catalogue.rollback(NAME, by="ana", now=NOW, note="too strict", deadline=deadline)

    assert back.changed
    assert back.activation == Activation(NAME, 3, 1, 2, "rolled_back", "ana", NOW, "too strict")


async def test_two_rollbacks_in_one_incident_go_back_once(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1, 2, 3)
    await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)

    second = await catalogue.rollback(NAME, by="ben", now=NOW, note="", deadline=deadline)

    assert (second.changed, second.activation.active, second.activation.by) == (False, 2, "ana")


async def test_a_rollback_to_a_named_version_may_follow_another(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1, 2, 3)
    await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)

    back = await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline, to=1)
    again = await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline, to=1)

    assert (back.changed, back.activation.active) == (True, 1)
    assert (again.changed, again.activation.active) == (False, 1)


async def test_after_a_rollback_a_newer_version_is_approved_as_ever(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1, 2)
    await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)

    await published(catalogue, deadline, 3)
    back = await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)

    assert (back.activation.previous, back.activation.active) == (3, 1)


async def test_a_rollback_to_a_version_never_approved_is_refused(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1)
    await catalogue.propose(NAME, {"value": 2}, by="ana", now=NOW, note="", deadline=deadline)

    with pytest.raises(Conflict, match="never approved"):
        await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline, to=2)


async def test_there_is_nothing_before_the_first_version(catalogue: Catalogue, deadline: Deadline) -> None:
    with pytest.raises(NotFound, match="no active transaction"):
        await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)
    await published(catalogue, deadline, 1)
    with pytest.raises(NotFound, match="nothing to go back to"):
        await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)


async def test_the_history_has_every_activation_in_order(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, 1, 2)
    await catalogue.rollback(NAME, by="ana", now=NOW, note="", deadline=deadline)

    history = await catalogue.history(NAME, deadline)

    assert [(activation.epoch, activation.active, activation.act) for activation in history] == [
        (1, 1, "approved"),
        (2, 2, "approved"),
        (3, 1, "rolled_back"),
    ]


async def test_versions_beyond_one_page_are_all_listed_in_order(catalogue: Catalogue, deadline: Deadline) -> None:
    await published(catalogue, deadline, *range(1, 46))

    assert [version.version for version in await catalogue.versions(NAME, deadline)] == list(range(1, 46))
    assert await catalogue.names(deadline) == [NAME]


async def test_an_unknown_name_or_version_is_not_found(catalogue: Catalogue, deadline: Deadline) -> None:
    with pytest.raises(NotFound, match="operations has no transaction"):
        await catalogue.versions(NAME, deadline)
    with pytest.raises(NotFound, match="operations has no transaction@7"):
        await catalogue.version(NAME, 7, deadline)
    with pytest.raises(NotFound, match="operations has no transaction@7"):
        await catalogue.approve(NAME, 7, by="ben", now=NOW, deadline=deadline)
    assert await catalogue.history(NAME, deadline) == []


@pytest.mark.parametrize("name", ["", "Transaction", "a/b", "1st", "@index", "a" * 65, "__name__", "a!b"])
async def test_a_name_that_could_be_mistaken_is_refused(name: str, catalogue: Catalogue, deadline: Deadline) -> None:
    with pytest.raises(Invalid, match="/name"):
        await catalogue.propose(name, {}, by="ana", now=NOW, note="", deadline=deadline)


async def test_a_proposal_needs_a_person(catalogue: Catalogue, deadline: Deadline) -> None:
    with pytest.raises(Invalid, match="/by"):
        await catalogue.propose(NAME, {}, by=" ", now=NOW, note="", deadline=deadline)


async def test_a_content_too_large_for_the_store_is_refused_and_leaves_nothing(
    catalogue: Catalogue, deadline: Deadline
) -> None:
    with pytest.raises(Invalid, match="at most"):
        await catalogue.propose(NAME, {"x": "y" * 1_000_001}, by="ana", now=NOW, note="", deadline=deadline)

    assert await catalogue.names(deadline) == []


@pytest.mark.parametrize(
    "key", [version_key(OPERATIONS, NAME, 1), Key(OPERATIONS, NAME), activation_key(OPERATIONS, NAME, 1)]
)
async def test_a_corrupt_document_is_told_by_its_key(
    key: Key, catalogue: Catalogue, documents: MemoryDocuments, deadline: Deadline
) -> None:
    await published(catalogue, deadline, 1)
    await overwrite(documents, key, b"{", deadline)

    with pytest.raises(Damaged, match=f"{OPERATIONS}/{key.id} is damaged"):
        await (catalogue.version(NAME, 1, deadline) if "@" in key.id else catalogue.history(NAME, deadline))


async def test_a_content_changed_behind_the_catalogue_is_found_out(
    catalogue: Catalogue, documents: MemoryDocuments, deadline: Deadline
) -> None:
    await published(catalogue, deadline, 1)
    key = version_key(OPERATIONS, NAME, 1)
    [document] = await documents.read([key], deadline)
    assert document is not None
    await overwrite(documents, key, document.state.replace(b'"value":1', b'"value":9'), deadline)

    with pytest.raises(Damaged, match="not what was published"):
        await catalogue.version(NAME, 1, deadline)


async def overwrite(documents: MemoryDocuments, key: Key, state: bytes, deadline: Deadline) -> None:
    [document] = await documents.read([key], deadline)
    assert document is not None
    await documents.commit([Update(key, document.version, state)], deadline)


def test_a_version_is_called_by_name_and_number() -> None:
    version = Version(NAME, 3, {}, "", "ana", NOW, "")

    assert version.label == "transaction@3"
