"""What was recorded before the house was rebuilt is answered, published, logged and kept today as it was then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.adapter import NAMES
from tests.corpus.recorded import Scenario, names, path_of, read
from tests.corpus.replay import differences, reworded
from tests.corpus.reworded import REWORDED

_MAX_BYTES = 400_000


@pytest.mark.parametrize("name", names())
def test_a_recorded_scenario_comes_to_the_same(name: str, tmp_path: Path) -> None:
    assert differences(name, tmp_path) == []


@pytest.mark.parametrize("name", names())
def test_the_state_that_a_scenario_left_is_read_and_gone_on_from(name: str, tmp_path: Path) -> None:
    assert differences(name, tmp_path, states=True) == []


def test_documents_of_every_collection_were_recorded() -> None:
    recorded = {collection for name in names() for collection in read(path_of(name)).first.documents}
    assert recorded == set(NAMES)


@pytest.mark.parametrize("old", [old for old, _ in REWORDED])
def test_each_rewording_is_used(old: str) -> None:
    assert any(_said(old, read(path_of(name))) for name in names())


def test_the_corpus_is_small() -> None:
    assert sum(path_of(name).stat().st_size for name in names()) < _MAX_BYTES


def _said(old: str, scenario: Scenario) -> bool:
    return any(reworded(recorded, ((old, ""),)) != recorded for recorded in _recorded(scenario))


def _recorded(scenario: Scenario) -> Iterator[object]:
    for part in (scenario.first, scenario.then):
        yield [each.came for each in part.played]
        yield part.documents
