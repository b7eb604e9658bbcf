"""What people read about the collections is what the code says."""

import re
from datetime import timedelta
from pathlib import Path

from shared.collections import COLLECTIONS

PAGE = Path(__file__).parent.parent / "docs" / "data-model.md"


def rows() -> list[list[str]]:
    """The cells of the first table of the page, without its head, code marks removed."""
    lines = PAGE.read_text().splitlines()
    first = lines.index("|---|---|---|---|---|---|") + 1
    table = lines[first : lines.index("", first)]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table]


def retention(told: str) -> timedelta | None:
    """What a cell of the column `retention` means."""
    if told == "until deleted":
        return None
    match = re.fullmatch(r"(\d+) days?", told)
    assert match is not None, told
    return timedelta(days=int(match[1]))


def test_the_page_and_the_code_describe_the_same_collections_in_the_same_words() -> None:
    told = [(name, key, owner, kind, retention(kept), content) for name, key, owner, kind, kept, content in rows()]
    known = [(c.name, c.key, c.owner, c.data_class.value, c.retention, c.content) for c in COLLECTIONS]
    assert told == known


def test_a_collection_is_described_once() -> None:
    names = [collection.name for collection in COLLECTIONS]
    assert sorted(set(names)) == sorted(names)
