"""Any number of people at once, in any interleaving of their reads and commits."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import CODECS, RULE_SETS, Activation, Version
from shared.deadline import Deadline
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Conflict, Forbidden, NotFound
from shared.storage.documents import Document, Key, Write, Written
from tests.support.deadlines import plenty

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAME = "transaction"

people = st.sampled_from(["ana", "ben", "eve"])
steps = st.one_of(
    st.tuples(st.just("propose"), people, st.integers(1, 4)),
    st.tuples(st.just("approve"), people, st.integers(1, 5)),
    st.tuples(st.just("rollback"), people, st.none() | st.integers(1, 5)),
)


class Interleaved(MemoryDocuments):
    """Lets other tasks in before each call, as often as `pauses` says (then never again)."""

    def __init__(self, pauses: Sequence[int]) -> None:
        super().__init__()
        self._pauses = list(pauses)

    async def _pause(self) -> None:
        for _ in range(self._pauses.pop() if self._pauses else 0):
            await asyncio.sleep(0)

    async def read(self, keys: Sequence[Key], deadline: Deadline) -> list[Document | None]:
        await self._pause()
        documents = await super().read(keys, deadline)
        await self._pause()
        return documents

    async def commit(self, writes: Sequence[Write], deadline: Deadline) -> list[Written]:
        await self._pause()
        return await super().commit(writes, deadline)


async def take(catalogue: Catalogue, step: tuple[str, str, int | None], deadline: Deadline) -> None:
    what, by, number = step
    try:
        if what == "propose":
            await catalogue.propose(NAME, {"value": number}, by=by, now=NOW, note="", deadline=deadline)
        elif what == "approve" and number is not None:
            await catalogue.approve(NAME, number, by=by, now=NOW, deadline=deadline)
        else:
            await catalogue.rollback(NAME, by=by, now=NOW, note="", deadline=deadline, to=number)
    except (NotFound, Forbidden, Conflict):
        pass  # refused for a reason the one-by-one tests tell


async def stored(documents: MemoryDocuments, deadline: Deadline) -> tuple[list[Version], list[Activation]]:
    """What is in the store: versions, and activations with the pointer last."""
    records = await documents.scan(RULE_SETS, deadline, limit=1000)
    codecs = CODECS[RULE_SETS]
    versions = [codecs.versions.decode(document) for document in records if document.key.id.startswith(f"{NAME}@")]
    activations = [
        codecs.activations.decode(document) for document in records if document.key.id.startswith(f"{NAME}!")
    ]
    pointers = [codecs.activations.decode(document) for document in records if document.key.id == NAME]
    return versions, activations + pointers


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(steps, min_size=1, max_size=4), max_size=8), st.lists(st.integers(0, 3), max_size=80))
def test_whatever_is_done_at_once_the_pointer_names_an_approved_version_and_versions_never_change(
    rounds: list[list[tuple[str, str, int | None]]], pauses: list[int]
) -> None:
    async def run() -> None:
        documents, deadline = Interleaved(pauses), plenty()
        catalogue = Catalogue(documents, RULE_SETS)
        before: list[Version] = []
        for at_once in rounds:
            await asyncio.gather(*(take(catalogue, step, deadline) for step in at_once))
            versions, activations = await stored(documents, deadline)
            check(before, versions, activations)
            before = versions

    asyncio.run(run())


def check(before: list[Version], versions: list[Version], activations: list[Activation]) -> None:
    assert [version.version for version in versions] == list(range(1, len(versions) + 1))
    for old, new in zip(before, versions, strict=False):
        assert (old.content, old.proposed_by, old.proposed_at) == (new.content, new.proposed_by, new.proposed_at)
        assert old.approved_by in (None, new.approved_by)
    approved = {version.version for version in versions if version.approved_by is not None}
    assert all(version.approved_by != version.proposed_by for version in versions)
    assert {activation.active for activation in activations} == approved
    if activations:
        *history, pointer = activations
        assert history[-1] == pointer
        assert [activation.epoch for activation in history] == list(range(1, len(history) + 1))
        assert [activation.previous for activation in history] == [
            None,
            *(activation.active for activation in history[:-1]),
        ]


async def test_two_people_proposing_at_once_make_two_versions() -> None:
    documents, deadline = Interleaved([1] * 40), plenty()
    catalogue = Catalogue(documents, RULE_SETS)

    proposals = await asyncio.gather(
        *(
            catalogue.propose(NAME, {"value": by}, by=by, now=NOW, note="", deadline=deadline)
            for by in ("ana", "ben", "eve")
        )
    )

    assert sorted(proposed.version.version for proposed in proposals) == [1, 2, 3]


async def test_two_versions_approved_at_once_leave_the_newer_one_active() -> None:
    for pauses in ([], [1] * 40, [3, 0, 2, 0] * 10, [0, 2, 0, 3] * 10):
        documents, deadline = Interleaved(pauses), plenty()
        catalogue = Catalogue(documents, RULE_SETS)
        for value in (1, 2):
            await catalogue.propose(NAME, {"value": value}, by="ana", now=NOW, note="", deadline=deadline)

        await asyncio.gather(*(take(catalogue, ("approve", "ben", number), deadline) for number in (1, 2)))

        activation = await catalogue.active(NAME, deadline)
        assert activation is not None
        assert activation.active == 2
