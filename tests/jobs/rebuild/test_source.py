"""The archived files of a folder."""

from pathlib import Path

import pytest

from jobs.rebuild.source import File, Folder
from shared.errors import NotFound
from shared.messaging.archive import SUFFIX


def test_finished_files_are_listed_in_order_of_name_from_folders_below_too(tmp_path: Path) -> None:
    for name, content in {f"b/2{SUFFIX}": b"22", f"a/1{SUFFIX}": b"1", "a/1.part": b"unfinished"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert Folder(tmp_path).files() == [File(f"a/1{SUFFIX}", 1), File(f"b/2{SUFFIX}", 2)]


def test_a_file_gives_its_bytes(tmp_path: Path) -> None:
    (tmp_path / f"1{SUFFIX}").write_bytes(b"content")
    with Folder(tmp_path).open(f"1{SUFFIX}") as file:
        assert file.read() == b"content"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no folder"):
        Folder(tmp_path / "none").files()


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is gone"):
        Folder(tmp_path).open("1.avro")
