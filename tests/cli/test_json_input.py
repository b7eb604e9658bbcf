"""JSON that a command is given means what a body of it would mean, and what is wrong with it is told in a line."""

from pathlib import Path
from typing import Any

import pytest

from cli.json_input import read_object, typed_value
from shared.errors import Malformed, NotFound


def test_a_file_holds_what_a_function_would_read_in_it(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('{"minor": 3e6}')
    assert repr(read_object(path)) == "{'minor': 3000000}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": ' + b"[" * 200_000, "file.json: a JSON object expected: the body is not JSON"),
        (b"{", "file.json: a JSON object expected: the body is not JSON"),
        (b"\xff", "file.json: a JSON object expected: the body is not JSON"),
        (b"[]", "file.json: a JSON object expected: the body is JSON, but not an object"),
        (b'{"a": {"b": 1e400}}', "file.json/a/b: a number of at most 1.79e308 expected"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(Malformed) as refused:
        read_object(path)
    assert str(refused.value) == f"{tmp_path}/{message}"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"none\.json: No such file"):
        read_object(tmp_path / "none.json")


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    ("text", "value"),
    [("9", 9), ("3e6", 3_000_000), ("2.5", 2.5), ("null", None), ('["a"]', ["a"]), ("shop", "shop"), (DEEP, DEEP)],
    ids=lambda value: str(value)[:9],
)
def test_a_value_is_json_or_else_a_text(text: str, value: Any) -> None:
    assert repr(typed_value("name", text)) == repr(value)


def test_a_value_out_of_range_is_named() -> None:
    with pytest.raises(Malformed, match=r"client\.limit: a number of at most"):
        typed_value("client.limit", "1e400")
