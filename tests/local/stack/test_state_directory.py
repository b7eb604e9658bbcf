"""A state directory is one stack's at a time, and only what is the stack's own is ever removed from it."""

import os
import stat
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


def test_what_a_stack_writes_is_for_its_owner_alone_also_where_it_was_not_before(tmp_path: Path) -> None:
    state, before = StateDirectory(tmp_path / "state"), os.umask(0o022)
    try:
        state.claim().close()
        os.umask(0o022)
        state.directory.chmod(0o755)
        state.claim().close()
        (state.directory / "secrets.json").touch()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (state.directory, *state.directory.iterdir())}
    assert modes == {"state": 0o700, "logs": 0o700, "stack.lock": 0o600, "secrets.json": 0o600}
