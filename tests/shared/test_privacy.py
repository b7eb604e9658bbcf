"""Data classes and tokens."""

from hypothesis import given
from hypothesis import strategies as st

from shared import schema_files
from shared.privacy import DataClass, Pseudonymiser, data_classes

ABOUT_NOBODY = {"mapping.v1.json", "operation.v1.json", "rule_set.v1.json"}
"""What the bank's own staff publish and deploy."""

TOKENS = Pseudonymiser(b"k" * 32, 1)


def test_a_token_names_its_keys_version() -> None:
    assert Pseudonymiser(b"k" * 32, 7).token("card", "42").startswith("t7_")


def test_a_clients_token_is_that_of_its_kind() -> None:
    assert TOKENS.client("42") == TOKENS.token("client", "42")


def test_a_token_is_the_same_for_the_same_id() -> None:
    assert TOKENS.client("42") == TOKENS.client("42")


def test_another_key_gives_another_token() -> None:
    assert TOKENS.client("42") != Pseudonymiser(b"l" * 32, 1).client("42")


@given(st.sampled_from(["client", "card"]), st.text(), st.sampled_from(["client", "card"]), st.text())
def test_tokens_differ_exactly_where_kind_or_id_differ(kind: str, value: str, other: str, other_value: str) -> None:
    same = (kind, value) == (other, other_value)
    assert (TOKENS.token(kind, value) == TOKENS.token(other, other_value)) is same


@given(st.text(alphabet="0123456789abcdef", min_size=6))
def test_a_token_does_not_hold_its_id(value: str) -> None:
    assert value not in TOKENS.client(value)


def test_a_seal_is_of_one_content_for_one_purpose_by_one_key() -> None:
    others = (
        TOKENS.seal("answers", b"other"),
        TOKENS.seal("else", b"one"),
        Pseudonymiser(b"l" * 32, 1).seal("answers", b"one"),
        bytes.fromhex(TOKENS.token("", "one").partition("_")[2]),
    )
    assert TOKENS.seal("answers", b"one") == TOKENS.seal("answers", b"one")
    assert TOKENS.seal("answers", b"one") not in others


def test_every_leaf_of_a_schema_is_found_through_objects_arrays_and_references() -> None:
    schema = {
        "properties": {
            "a": {"$ref": "#/$defs/a"},
            "b": {"properties": {"c": {"type": "string", "x-data-class": "personal"}}},
            "d": {"type": "array", "items": {"type": "string", "x-data-class": "pseudonymous"}},
            "e": {"$ref": "#/$defs/a", "x-data-class": "secret"},
            "f": {"type": "string"},
        },
        "$defs": {"a": {"type": "string", "x-data-class": "none"}},
    }
    assert data_classes(schema) == {
        "/a": DataClass.NONE,
        "/b/c": DataClass.PERSONAL,
        "/d": DataClass.PSEUDONYMOUS,
        "/e": DataClass.SECRET,
        "/f": None,
    }


def test_every_field_of_every_contract_declares_its_class() -> None:
    undeclared = {
        f"{path.relative_to(schema_files.ROOT)}{pointer}"
        for path in schema_files.ROOT.glob("json/**/*.json")
        if path.name not in ABOUT_NOBODY
        for pointer, declared in data_classes(schema_files.load(str(path.relative_to(schema_files.ROOT)))).items()
        if declared is None
    }
    assert undeclared == set()
