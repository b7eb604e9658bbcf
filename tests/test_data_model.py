"""What people read about the collections is what the code says."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from shared.data_model.registry import COLLECTIONS
from shared.privacy import DataClass
from shared.storage.collection import ByField, ByKey, ByOwner, ByPrefix, ClientDocuments, Retention

PAGE = Path(__file__).parent.parent / "docs" / "data-model.md"


def rows() -> list[list[str]]:
    """The cells of the first table of the page, without its head, code marks removed."""
    lines = PAGE.read_text().splitlines()
    first = lines.index("|---|---|---|---|---|---|---|") + 1
    table = lines[first : lines.index("", first)]
    return [
        [cell.strip().replace("`", "").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in table
    ]


def documented(retention: Retention) -> str:
    """A retention as the page tells it."""
    if not isinstance(retention, timedelta):
        return retention
    return f"{retention.days} days" if retention.days else f"{retention // timedelta(minutes=1)} minutes"


def located(clients: Sequence[ClientDocuments]) -> str:
    """How the documents of a client are found, as the page tells it."""
    return ", ".join(map(way, clients)) or "none is a client's"


def way(of_client: ClientDocuments) -> str:
    """One way of finding them."""
    match of_client:
        case ByKey(id):
            return f"by key {id}"
        case ByPrefix(prefix):
            return f"by prefix {prefix}"
        case ByField(field, name):
            return f"by {field}, an {name}" if name == "id" else f"by {field}, a {name}"
        case ByOwner(collection):
            return f"with those of {collection}"


def test_the_page_and_the_code_describe_the_same_collections_in_the_same_words() -> None:
    described = [
        [c.name, c.key, c.owner, c.data_class.value, documented(c.retention), c.content, located(c.clients)]
        for c in COLLECTIONS
    ]
    assert rows() == described


def test_only_documents_that_say_nothing_of_a_person_are_found_in_no_way() -> None:
    by_nobody = {c.name for c in COLLECTIONS if not c.clients and c.data_class is not DataClass.NONE}
    assert by_nobody == {"features_devices", "switches", "audit"}


def test_a_collection_is_described_once() -> None:
    names = [collection.name for collection in COLLECTIONS]
    assert sorted(set(names)) == sorted(names)
