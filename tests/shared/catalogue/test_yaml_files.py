import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalogue.yaml_files import dump, load
from shared.errors import Malformed

TEXT = """\
# a comment
name: transaction
countries: [NO, SE, 'true']
rules:
  - id: first
    when: |
      amount > 5
      && known
  - {id: second, when: "a/b", until: 2026-12-31}
odd/key~: {on: 1.5, off: -7, nothing: , also: ~, yes: true}
"""


def test_yaml_is_read_as_the_json_it_means() -> None:
    assert load(TEXT, "rules.yaml").content == {
        "name": "transaction",
        "countries": ["NO", "SE", "true"],
        "rules": [
            {"id": "first", "when": "amount > 5\n&& known\n"},
            {"id": "second", "when": "a/b", "until": "2026-12-31"},
        ],
        "odd/key~": {"on": 1.5, "off": -7, "nothing": None, "also": None, "yes": True},
    }


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", "2:1"),
        ("/name", "2:1"),
        ("/countries/1", "3:17"),
        ("/rules/0", "5:5"),
        ("/rules/0/when", "6:5"),
        ("/rules/1/until", "9:31"),
        ("/odd~1key~0/off", "10:21"),
        ("/rules/1/missing/deeper", "9:5"),
        ("/rules/7", "4:1"),
        ("nonsense", "2:1"),
    ],
)
def test_a_value_or_the_innermost_one_around_it_has_its_place(pointer: str, expected: str) -> None:
    assert load(TEXT, "rules.yaml").position(pointer) == f"rules.yaml:{expected}"


@pytest.mark.parametrize(
    ("pointer", "inside", "expected"),
    [
        ("/rules/0/when", (1, 1), "f.yaml:6:7"),
        ("/rules/0/when", (2, 4), "f.yaml:7:10"),
        ("/rules/1/when", (1, 2), "f.yaml:8:26"),
        ("/name", (1, 5), "f.yaml:1:11"),
        ("/countries/2", (1, 1), "f.yaml:2:22"),
        ("/folded", (1, 1), None),
        ("/broken", (1, 1), None),
        ("/rules", (1, 1), None),
    ],
)
def test_a_character_of_a_text_has_its_place_in_the_file_where_lines_are_lines(
    pointer: str, inside: tuple[int, int], expected: str | None
) -> None:
    text = TEXT.removeprefix("# a comment\n") + "folded: >\n  a\n  b\nbroken: 'a\n  b'\n"

    assert load(text, "f.yaml").position_inside(pointer, *inside) == expected


def quotes(key: str, mark: str) -> str:
    """The end of the message about a value that should stand in quotes."""
    return f"; the value of {key} begins with {mark}, which YAML reads in its own way: put quotes around the whole"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f.yaml:1:1: an object (key: value) expected"),
        ("- 1", "f.yaml:1:1: an object (key: value) expected"),
        ("a: 1\na: 2", "f.yaml:2:1: this key was given before"),
        ("a: &x 1\nb: *x", f"f.yaml:1:4: a value without a tag or anchor expected{quotes('a', '&')}"),
        ("a: 1\nb: *x", f"f.yaml:2:4: the value itself expected, not a reference to another{quotes('b', '*')}"),
        ("a: [*x]", "f.yaml:1:5: the value itself expected, not a reference to another"),
        ("a: !mine 1", f"f.yaml:1:4: a value without a tag or anchor expected{quotes('a', '!')}"),
        ("- when: !new", "f.yaml:1:1: an object (key: value) expected"),
        ("? [1]\n: 2", "f.yaml:1:3: a key that is a word expected"),
        ("a: !!str 5", f"f.yaml:1:4: a value without a tag or anchor expected{quotes('a', '!')}"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: one document expected"),
        ("a: .inf", "f.yaml:1:4: a finite number expected"),
        ("a: 1e999", "f.yaml:1:4: a finite number expected"),
        (f"a: {'9' * 65}", "f.yaml:1:4: a number of at most 64 digits expected"),
        ("a: 1\n b: 2", "f.yaml:2:3: not YAML: mapping values are not allowed in this context"),
        ("a: b\nc: d\x00", "f.yaml:2:5: a character that nobody sees (U+0000) may not stand in YAML"),
        ("x" * 1_000_001, "f.yaml: at most 1000000 characters expected"),
    ],
)
def test_what_has_no_meaning_in_json_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(Malformed) as raised:
        load(text, "f.yaml")

    assert str(raised.value) == expected


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("when: !client.known && true", "when", "begins with !"),
        ("a: {when: !client.known && true}", "when", "begins with !"),
        ("a: @b", "a", "begins with @"),
        ('when: "a" == client.country', "when", 'begins with "'),
        ("when: a ? b : c: d", "when", "has ': ' in it"),
    ],
)
def test_a_value_that_needs_quotes_is_named_with_the_reason(text: str, key: str, reason: str) -> None:
    with pytest.raises(Malformed) as raised:
        load(text, "f.yaml")

    ending = f"; the value of {key} {reason}, which YAML reads in its own way: put quotes around the whole"
    assert str(raised.value).endswith(ending)


def test_a_file_nested_without_end_is_refused() -> None:
    with pytest.raises(Malformed, match="at most 64 levels"):
        load("a: " + "[" * 100_000, "f.yaml")


words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], include_characters="\n\t"), min_size=1, max_size=8)
odd = st.sampled_from(
    ["no", "NO", "null", "~", "", "0E0", "1_0", "0x1F", ".nan", "2026-12-31", "a\nb", " a\n b\n", "\x85"]
)
numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
documents = st.dictionaries(words, values, max_size=4)
patient = settings(suppress_health_check=[HealthCheck.too_slow])


@patient
@given(documents)
def test_any_json_object_is_read_back_as_itself(document: dict[str, object]) -> None:
    assert load(json.dumps(document, ensure_ascii=False), "f.yaml").content == document


@patient
@given(st.dictionaries(words, odd | st.text(max_size=8) | values, max_size=4))
def test_what_is_written_for_people_is_read_back_as_itself(document: dict[str, object]) -> None:
    assert load(dump(document), "f.yaml").content == document


def test_an_expression_of_several_lines_is_written_as_lines() -> None:
    assert dump({"when": "a > 1\n&& b\n", "in": ["NO", "SE"]}) == "when: |\n  a > 1\n  && b\nin:\n- 'NO'\n- SE\n"
