"""What the log says of the chain is read as it is, and a head counts as signed only where it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.audit.anchors import ENTRY_LINE, HEAD_LINE, KIND, Anchor, Anchors, SignedHead
from shared.deadline import Deadline
from shared.embedded.file_signing import FilePublicKeys, FileSigner
from shared.signing.verifier import Verifier, key_version
from tests.support.deadlines import plenty

RING = "projects/local/locations/local/keyRings/slacker"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HASH, OTHER = "a" * 64, "b" * 64


class Lines:
    """Lines that are given."""

    def __init__(self, *lines: Mapping[str, Any]) -> None:
        self._lines = lines

    async def between(self, first: int, last: int, deadline: Deadline) -> Sequence[Mapping[str, Any]]:
        return self._lines


async def read(directory: Path, *lines: Mapping[str, Any]) -> Sequence[Anchor]:
    return await Anchors(Lines(*lines), Verifier(RING, lambda: FilePublicKeys(directory))).between(1, 9, plenty())


async def statement(
    directory: Path, sequence: int = 7, hash_: str = HASH, function: str = "scheduled_work", kind: str = KIND
) -> str:
    signer = FileSigner(directory, key_version(RING, function, 1))
    return await signer.sign(kind, msgspec.json.encode(SignedHead(sequence, hash_, NOW)), plenty())


async def test_an_entry_and_a_signed_head_are_anchors(tmp_path: Path) -> None:
    entry = {"kind": ENTRY_LINE, "sequence": 6.0, "hash": OTHER}
    head = {"kind": HEAD_LINE, "sequence": 7, "hash": HASH, "statement": await statement(tmp_path)}
    assert await read(tmp_path, entry, head) == [Anchor(6, OTHER), Anchor(7, HASH)]


@pytest.mark.parametrize(
    "changes", [{"sequence": 8}, {"hash_": OTHER}, {"function": "operator_api"}, {"kind": "review-decision"}], ids=str
)
async def test_a_head_that_is_not_signed_as_it_says_is_told_as_forged(tmp_path: Path, changes: Any) -> None:
    await statement(tmp_path)
    head = {"kind": HEAD_LINE, "sequence": 7, "hash": HASH, "statement": await statement(tmp_path, **changes)}
    assert await read(tmp_path, head) == [Anchor(7, HASH, forged=True)]


@pytest.mark.parametrize("line", [{"sequence": 7, "hash": HASH}, {"sequence": 7, "hash": HASH, "statement": "x.y.z"}])
async def test_a_head_without_a_signature_is_told_as_forged(tmp_path: Path, line: Mapping[str, Any]) -> None:
    assert await read(tmp_path, {"kind": HEAD_LINE, **line}) == [Anchor(7, HASH, forged=True)]


@pytest.mark.parametrize("line", [{}, {"sequence": "7", "hash": HASH}, {"sequence": 7}, {"sequence": 7, "hash": 1}])
async def test_a_line_that_names_no_entry_is_no_anchor(tmp_path: Path, line: Mapping[str, Any]) -> None:
    assert await read(tmp_path, {"kind": ENTRY_LINE, **line}) == []
