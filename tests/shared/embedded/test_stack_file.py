"""What a stack leaves for other commands is read as it was written, and where there is nothing it is said so."""

from pathlib import Path

import pytest

from shared.embedded.stack_file import announce, announced
from shared.errors import NotFound


def test_what_a_stack_announces_others_read(tmp_path: Path) -> None:
    stack = {"front": "http://127.0.0.1:1", "functions": {"advice": "http://127.0.0.1:1/advice"}, "stand_ins": {}}
    announce(tmp_path, stack)
    assert announced(tmp_path) == stack


def test_the_last_stack_is_the_one_that_is_read(tmp_path: Path) -> None:
    announce(tmp_path, {"front": "http://127.0.0.1:1"})
    announce(tmp_path, {"front": "http://127.0.0.1:2"})
    assert announced(tmp_path) == {"front": "http://127.0.0.1:2"}


def test_where_no_stack_has_run_it_is_said_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="start one with `python -m local up`"):
        announced(tmp_path)
