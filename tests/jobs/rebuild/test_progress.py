"""How far a rebuild has come is kept whole, and is of one archive."""

from pathlib import Path

import pytest

from jobs.rebuild.progress import Progress, Workplace
from shared.errors import Malformed, Misconfigured

PROGRESS = Progress("gs://bank/events", 4, {"a.avro"}, {"clients-000001": 7}, sorted=True, folded={"clients-000001"})


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    Workplace(tmp_path / "work").save(PROGRESS)
    assert Workplace(tmp_path / "work").load("gs://bank/events") == PROGRESS


def test_where_no_rebuild_has_worked_there_is_nothing(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    assert (workplace.is_one(), workplace.load("gs://bank/events")) == (False, None)


def test_the_progress_of_another_archive_is_refused(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    workplace.save(PROGRESS)
    with pytest.raises(Misconfigured, match="choose another --work"):
        workplace.load("gs://bank/others")


@pytest.mark.parametrize("content", [b"", b"{", b'{"archive": "\xff"}', b'{"a": ' + b"[" * 200_000, b'{"archive": 1}'])
def test_a_file_that_is_no_progress_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_bytes(content)
    with pytest.raises(Malformed):
        Workplace(tmp_path).load("gs://bank/events")
