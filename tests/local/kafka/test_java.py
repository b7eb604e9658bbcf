"""The Java that is used is new enough, and where none is, what to install is said."""

from pathlib import Path

import pytest

from local.kafka import java
from shared.errors import Misconfigured


def program(folder: Path, version: str) -> Path:
    """A program that says it is that version of Java."""
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Java but the test's own."""
    monkeypatch.setattr(java, "_candidates", lambda _: iter([tmp_path / name / "bin" / "java" for name in "abc"]))


def test_the_first_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    program(tmp_path / "a", "17.0.15")
    expected = program(tmp_path / "b", "25.0.1")
    program(tmp_path / "c", "21")
    assert java.find() == expected


def test_without_one_the_version_to_install_is_said(tmp_path: Path) -> None:
    program(tmp_path / "a", "17.0.15")
    (tmp_path / "b" / "bin").mkdir(parents=True)
    (tmp_path / "b" / "bin" / "java").write_text("no program")
    with pytest.raises(Misconfigured, match=f"Java {java.OLDEST}"):
        java.find()
