"""JSON pointers."""

import pytest

from shared.errors import Invalid
from shared.json_pointer import parts, value_at


def test_escapes_are_undone_in_the_right_order() -> None:
    assert parts("/a~1b/~01") == ("a/b", "~1")


def test_a_pointer_without_a_slash_is_refused() -> None:
    with pytest.raises(Invalid, match="starts with /"):
        parts("a/b")


@pytest.mark.parametrize(("path", "expected"), [("/a/b", 1), ("/a/c", None), ("/a/b/c", None), ("/x", None)])
def test_a_path_that_leads_nowhere_gives_nothing(path: str, expected: object) -> None:
    assert value_at({"a": {"b": 1}}, parts(path)) == expected
