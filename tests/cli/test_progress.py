"""A progress bar is for people at a terminal alone."""

import pytest

from cli.progress import progress


def test_nothing_is_written_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("reading", 10) as bar:
        bar.advance(4)
    assert capsys.readouterr() == ("", "")
