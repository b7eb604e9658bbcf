"""What a stand-in keeps is there when it is started again."""

from pathlib import Path

import pytest

from local.stand_ins.json_store import JsonStore, store_of


def test_what_is_kept_is_there_again_in_the_order_it_came(tmp_path: Path) -> None:
    store = JsonStore(tmp_path / "kept.sqlite")
    store.put("tickets", "2", {"a": 1})
    store.put("tickets", "1", {"a": 2})
    store.put("tickets", "2", {"a": 3})
    store.close()
    assert list(JsonStore(tmp_path / "kept.sqlite").all("tickets").items()) == [("2", {"a": 3}), ("1", {"a": 2})]


def test_what_is_removed_is_gone_for_good(tmp_path: Path) -> None:
    store = JsonStore(tmp_path / "kept.sqlite")
    store.put("tickets", "1", 1)
    store.remove("tickets", "1")
    store.remove("tickets", "none")
    store.close()
    again = JsonStore(tmp_path / "kept.sqlite")
    assert (again.get("tickets", "1"), again.count("tickets")) == (None, 0)


def test_a_shelf_lies_in_the_state_of_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACKER_STATE", str(tmp_path))
    store_of("jira").close()
    assert (tmp_path / "stand_ins" / "jira.sqlite").exists()
