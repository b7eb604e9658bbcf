"""A state directory is one stack's at a time, and only what is the stack's own is ever removed from it."""

from pathlib import Path

import pytest

from local.stack.state_directory import StateDirectory, inherited
from shared.errors import Misconfigured


def test_one_stack_at_a_time_has_the_directory(tmp_path: Path) -> None:
    claim = StateDirectory(tmp_path).claim()
    with pytest.raises(Misconfigured, match="another stack is using"):
        StateDirectory(tmp_path).claim()
    claim.close()
    StateDirectory(tmp_path).claim().close()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be made"):
        StateDirectory(tmp_path / "file").claim()


def test_wiping_removes_what_a_stack_left_and_nothing_else(tmp_path: Path) -> None:
    own = ["documents.sqlite", "documents.sqlite-wal", "stack.json", "logs/advice.jsonl", "archive/t/1.avro"]
    others = ["notes.txt", "logs/advice.txt", "archive/t/1.csv"]
    for name in (*own, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    StateDirectory(tmp_path).wipe()
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == sorted(others)


def test_functions_inherit_no_settings_of_a_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "bank")
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("LANG", "C")
    passed = inherited()
    assert (passed["PATH"], passed["LANG"], "GOOGLE_CLOUD_PROJECT" in passed) == ("/bin", "C", False)
