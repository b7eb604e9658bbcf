"""The zips: the same tree gives the same bytes, and a zip holds what its function needs and nothing else."""

import os
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from release import zips

ROOT = Path(__file__).parent.parent.parent
FUNCTIONS = zips.functions(ROOT)


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    """The parts of the tree that are deployed, copied under another umask, touched, with leftovers of running it."""
    before = os.umask(0o077)
    try:
        for folder in ("functions", *zips.SHARED_FOLDERS):
            shutil.copytree(ROOT / folder, tmp_path / folder, copy_function=shutil.copyfile)
    finally:
        os.umask(before)
    for path in tmp_path.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    leftovers = tmp_path / "shared" / "__pycache__"
    leftovers.mkdir(exist_ok=True)
    (leftovers / "money.cpython-399.pyc").write_bytes(b"leftover")
    (tmp_path / "shared" / ".hidden").write_text("leftover")
    return tmp_path


@pytest.mark.parametrize("function", FUNCTIONS)
def test_another_checkout_with_other_times_and_modes_gives_the_same_bytes(function: str, copied_tree: Path) -> None:
    assert zips.build(copied_tree, function).content == zips.build(ROOT, function).content


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_zip_holds_the_function_at_its_root_and_the_shared_folders_beside_it(function: str) -> None:
    names = zipfile.ZipFile(BytesIO(zips.build(ROOT, function).content)).namelist()
    assert {"main.py", "requirements.txt"} <= set(names)
    assert {name.split("/")[0] for name in names if "/" in name} >= set(zips.SHARED_FOLDERS)
    assert [name for name in names if name.startswith(("functions/", "tests/")) or name.endswith(".pyc")] == []


def test_another_content_gives_another_name(copied_tree: Path) -> None:
    before = zips.build(copied_tree, FUNCTIONS[0]).filename
    (copied_tree / "shared" / "money.py").write_text('"""Changed."""\n')
    assert zips.build(copied_tree, FUNCTIONS[0]).filename != before


def test_writing_again_leaves_one_zip_per_function(copied_tree: Path, tmp_path: Path) -> None:
    target = tmp_path / "build"
    zips.write(copied_tree, target)
    (copied_tree / "shared" / "money.py").write_text('"""Changed."""\n')
    built = zips.write(copied_tree, target)
    assert sorted(path.name for path in target.iterdir()) == sorted(zipped.filename for zipped in built)
