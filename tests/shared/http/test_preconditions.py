"""Entity tags, compared."""

import pytest

from shared.http.preconditions import etag, names


@pytest.mark.parametrize(
    ("header", "tag", "strong", "weak"),
    [
        ('"a"', "a", True, True), ('"b"', "a", False, False), ('"b", "a"', "a", True, True),
        ('W/"a"', "a", False, True), ("*", "a", True, True), (" * ", "a", True, True), ("*", None, False, False),
        ('"a"', None, False, False), ("a", "a", False, False), ("", "a", False, False),
        ('"a, b"', "a, b", True, True), ('""', "", True, True),
    ],
)  # fmt: skip
def test_a_header_names_a_tag_or_not(header: str, tag: str | None, strong: bool, weak: bool) -> None:
    assert (names(header, tag, weak=False), names(header, tag, weak=True)) == (strong, weak)


def test_a_tag_is_quoted() -> None:
    assert etag("a1") == '"a1"'
