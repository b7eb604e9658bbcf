"""What people read about the collections is what the code says."""

import re
from datetime import timedelta
from pathlib import Path

from shared import answer_record
from shared.audit import entry
from shared.catalogue import versions
from shared.collections import COLLECTIONS, Retention
from shared.commands import ledger, switches
from shared.dead_letters import letter
from shared.features import keys, seen, waiting
from shared.notifications import devices, history, preferences
from shared.reviews import record

PAGE = Path(__file__).parent.parent / "docs" / "data-model.md"


def rows() -> list[list[str]]:
    """The cells of the first table of the page, without its head, code marks removed."""
    lines = PAGE.read_text().splitlines()
    first = lines.index("|---|---|---|---|---|---|") + 1
    table = lines[first : lines.index("", first)]
    return [
        [cell.strip().replace("`", "").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in table
    ]


def told(retention: Retention) -> str:
    """A retention as the page tells it."""
    if not isinstance(retention, timedelta):
        return retention
    return f"{retention.days} days" if retention.days else f"{retention // timedelta(minutes=1)} minutes"


def test_the_page_and_the_code_describe_the_same_collections_in_the_same_words() -> None:
    known = [[c.name, c.key, c.owner, c.data_class.value, told(c.retention), c.content] for c in COLLECTIONS]
    assert rows() == known


def test_the_table_names_the_collections_that_the_code_uses() -> None:
    used = {keys.CLIENTS, keys.DEVICES, keys.MERCHANTS, keys.ATTEMPTS, keys.WATERMARKS, answer_record.COLLECTION}
    events = {seen.SEEN, waiting.WAITING}
    catalogued = {versions.OPERATIONS, versions.RULE_SETS}
    commanded = {ledger.COLLECTION, switches.COLLECTION}
    buried = {letter.COLLECTION, letter.BODIES}
    notified = {history.COLLECTION, preferences.COLLECTION, devices.COLLECTION}
    used |= {record.COLLECTION, entry.COLLECTION}
    assert {collection.name for collection in COLLECTIONS} == used | events | catalogued | commanded | buried | notified


def test_documents_are_kept_as_long_as_the_table_says() -> None:
    kept = {keys.ATTEMPTS: keys.ATTEMPTS_KEPT, seen.SEEN: seen.KEPT, waiting.WAITING: waiting.KEPT}
    kept |= {ledger.COLLECTION: ledger.KEPT, letter.COLLECTION: letter.KEPT, letter.BODIES: letter.KEPT}
    kept |= {history.COLLECTION: history.KEPT}
    assert {c.name: c.retention for c in COLLECTIONS if c.name in kept} == kept


def test_a_collection_is_described_once() -> None:
    names = [collection.name for collection in COLLECTIONS]
    assert sorted(set(names)) == sorted(names)
