"""JSON pointers."""

import pytest

from shared.errors import Invalid
from shared.json_pointer import resolve, split


def test_escapes_are_undone_in_the_right_order() -> None:
    assert split("/a~1b/~01") == ("a/b", "~1")


def test_a_pointer_without_a_slash_is_refused() -> None:
    with pytest.raises(Invalid, match="starts with /"):
        split("a/b")


@pytest.mark.parametrize(("path", "expected"), [("/a/b", 1), ("/a/c", None), ("/a/b/c", None), ("/x", None)])
def test_a_path_that_leads_nowhere_gives_nothing(path: str, expected: object) -> None:
    assert resolve({"a": {"b": 1}}, split(path)) == expected
