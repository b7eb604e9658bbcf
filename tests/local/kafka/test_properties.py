"""Property files are read as Java reads them, as far as ours go, and what is written is read the same."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.kafka.properties import read, write

NAMES = st.text("abc.-", min_size=1)
VALUES = st.text(st.characters(codec="ascii", exclude_characters="\\", exclude_categories=("C", "Z")))


def test_comments_and_blank_lines_say_nothing_and_a_line_may_go_on(tmp_path: Path) -> None:
    path = tmp_path / "x.properties"
    path.write_text("# a comment\n\na.b = 1 \nc=x=${env:Y}\nd=one,\\\ntwo\n")
    assert read(path) == {"a.b": "1", "c": "x=${env:Y}", "d": "one,two"}


@given(settings=st.dictionaries(NAMES, VALUES))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> None:
    path = tmp_path_factory.mktemp("properties") / "x"
    assert read(write(path, settings)) == settings
    assert path.stat().st_mode & 0o077 == 0
