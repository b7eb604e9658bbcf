"""The audit is looked after every minute: its head is signed and logged, and a chain that was tampered with is told."""

import asyncio
import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.scheduled_work.audit import PAGE, AuditCheck, AuditHead
from functions.scheduled_work.main import compose
from functions.scheduled_work.task import TaskRun
from shared.audit.anchors import Anchors
from shared.audit.change import AuditContext
from shared.audit.entry import ENTRIES, FIRST, HEAD, HEADS, Head, entry_key, opened, sealed
from shared.audit.log import AuditLog
from shared.composition.ports import open_ports
from shared.embedded.file_audit_lines import FileAuditLines
from shared.embedded.file_signing import FilePublicKeys, FileSigner
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Unavailable
from shared.runtime.log import Log
from shared.signing.verifier import Verifier, key_version
from shared.storage.documents import Delete, Update
from shared.trace import Trace
from tests.support.builders.scheduled_work import NOW
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS

RING = "projects/local/locations/local/keyRings/slacker"
LENGTH = 2 * PAGE + 50
TRACE = Trace("0" * 31 + "1", "0" * 15 + "2")


class Kept:
    """A store with a chain of `LENGTH` entries, whose lines are in a folder, and the two that look after it."""

    def __init__(self, folder: Path) -> None:
        self.documents = MemoryDocuments()
        self.folder = folder
        signer = FileSigner(folder / "keys", key_version(RING, "scheduled_work", 1))
        anchors = Anchors(
            FileAuditLines(folder, ["operator_api", "scheduled_work"]),
            Verifier(RING, lambda: FilePublicKeys(folder / "keys")),
        )
        self.printed = BytesIO()
        log = Log("scheduled_work", TOKENS, stream=self.printed)
        self.head, self.check = (
            AuditHead(self.documents, lambda: signer, log),
            AuditCheck(self.documents, lambda: anchors, log),
        )

    async def filled(self) -> "Kept":
        logged = BytesIO()
        audit = AuditLog(self.documents, Log("operator_api", TOKENS, stream=logged))
        context = AuditContext("ana@bank.example", "reviews.read", NOW, "because")
        for first in range(0, LENGTH, 50):
            await asyncio.gather(*(audit.note(context, (f"r-{first + n}",), (), plenty()) for n in range(50)))
        (self.folder / "operator_api.jsonl").write_bytes(logged.getvalue())
        return self

    async def minutes(self, count: int = 3) -> list[tuple[int, str]]:
        """The faults that are told in so many minutes."""
        for minute in range(count):
            await self.check.run(TaskRun(NOW + timedelta(minutes=minute), 100, TOKENS, TRACE, plenty()))
        return [(line["sequence"], line["reason"]) for line in self.lines("audit_broken")]

    async def sign(self) -> None:
        await self.head.run(TaskRun(NOW, 100, TOKENS, TRACE, plenty()))
        (self.folder / "scheduled_work.jsonl").write_bytes(self.printed.getvalue())

    def lines(self, kind: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.printed.getvalue().splitlines()]
        return [line for line in lines if line["kind"] == kind]

    async def rewritten(self, first: int) -> None:
        """Change an entry, and seal all that follow anew, head and all."""
        before = FIRST
        for number in range(1, LENGTH + 1):
            [document] = await self.documents.read([entry_key(number)], plenty())
            assert document is not None
            entry = opened(ENTRIES.decode(document).content)
            actor = "eve@bank.example" if number == first else entry.actor
            seal = sealed(msgspec.structs.replace(entry, previous=before, actor=actor))
            await self.documents.commit([Update(document.key, document.version, ENTRIES.encode(seal))], plenty())
            before = seal.hash
        await self.headed(Head(LENGTH, before))

    async def headed(self, head: Head) -> None:
        [document] = await self.documents.read([HEAD], plenty())
        assert document is not None
        await self.documents.commit([Update(HEAD, document.version, HEADS.encode(head))], plenty())


@pytest.fixture
async def kept(tmp_path: Path) -> Kept:
    return await Kept(tmp_path).filled()


async def test_a_whole_chain_is_verified_without_a_word(kept: Kept) -> None:
    await kept.sign()
    assert await kept.minutes() == []


async def test_an_empty_chain_is_whole(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    await kept.sign()
    assert await kept.minutes() == []


async def test_a_chain_that_was_rewritten_is_told_in_as_many_minutes_as_it_has_pages(kept: Kept) -> None:
    await kept.rewritten(LENGTH - 5)
    printed = await kept.minutes()
    assert sorted(printed)[:2] == [
        (LENGTH - 5, "entry was rewritten: its anchor is another hash"),
        (LENGTH - 4, "entry was rewritten: its anchor is another hash"),
    ]


async def test_an_end_that_was_cut_off_is_told_at_once(kept: Kept) -> None:
    [last] = await kept.documents.read([entry_key(LENGTH - 1)], plenty())
    assert last is not None
    await kept.documents.commit([Delete(entry_key(LENGTH))], plenty())
    await kept.headed(Head(LENGTH - 1, ENTRIES.decode(last).hash))
    assert await kept.minutes(1) == [(LENGTH, "entry is cut off: it was written once, as its anchor says")]


async def test_an_entry_that_was_changed_between_two_pages_is_told(kept: Kept) -> None:
    """The page that begins after it names the hash it had."""
    (kept.folder / "operator_api.jsonl").unlink()
    [document] = await kept.documents.read([entry_key(PAGE)], plenty())
    assert document is not None
    entry = msgspec.structs.replace(opened(ENTRIES.decode(document).content), actor="eve@bank.example")
    await kept.documents.commit([Update(document.key, document.version, ENTRIES.encode(sealed(entry)))], plenty())
    assert await kept.minutes() == [(PAGE, "entry was rewritten: the entry after it names another hash")]


async def test_the_head_is_signed_when_it_has_moved(kept: Kept) -> None:
    for _ in range(3):
        await kept.sign()
    [line] = kept.lines("audit_head")
    assert (line["sequence"], line["statement"].count(".")) == (LENGTH, 2)


async def test_a_head_in_the_log_that_nobody_signed_is_told(kept: Kept) -> None:
    line = {"kind": "audit_head", "sequence": LENGTH, "hash": "a" * 64, "statement": "a.b.c"}
    (kept.folder / "scheduled_work.jsonl").write_bytes(msgspec.json.encode(line))
    forged = "entry is named in the log by a signed head whose signature does not hold"
    assert await kept.minutes() == [(LENGTH, forged)]


async def test_while_the_key_cannot_be_used_the_head_is_signed_later(kept: Kept) -> None:
    class Away:
        async def sign(self, *_: object) -> str:
            raise Unavailable("Cloud KMS is away")

    head = AuditHead(kept.documents, Away, Log("scheduled_work", TOKENS, stream=kept.printed))
    for _ in range(2):
        with pytest.raises(Unavailable):
            await head.run(TaskRun(NOW, 100, TOKENS, TRACE, plenty()))
    assert kept.lines("audit_head") == []


def test_without_a_key_ring_other_work_is_done_all_the_same() -> None:
    """Which key there is to sign with is asked by the task that signs."""
    service = compose(open_ports({"GOOGLE_CLOUD_PROJECT": "bank"}), Log("scheduled_work", TOKENS, stream=BytesIO()))
    assert {"audit_head", "audit_check", "due_commands"} <= {task.name for task in service.tasks}
