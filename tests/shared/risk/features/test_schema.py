"""The contract of features: every one is declared in full, and told in the guide."""

import re
from pathlib import Path

from shared.expressions.variables import Type
from shared.privacy import ANNOTATION, DataClass
from shared.risk.features.schema import PATH, features
from shared.schema_files import load

GUIDE = Path(__file__).parents[4] / "docs" / "features.md"


def test_every_feature_has_a_description_a_data_class_and_if_a_number_a_range() -> None:
    """A rule set is proved against the ranges, and logs derive from the classes."""
    for name, declared in load(PATH)["properties"].items():
        assert declared["description"].endswith("."), name
        assert declared[ANNOTATION] in set(DataClass), name
        if declared["type"] in ("integer", "number"):
            assert declared["minimum"] < declared["maximum"], name


def test_what_a_feature_says_of_a_person_is_declared_personal() -> None:
    """Country, balance and salary never reach a log."""
    personal = {variable.name for variable in features() if variable.data_class is DataClass.PERSONAL}
    assert personal >= {"client.home_country", "client.balance_after", "client.salary_age_days"}
    assert all(variable.data_class is DataClass.PERSONAL for variable in features() if variable.type is Type.STRING)


def test_the_guide_tells_of_every_feature_with_its_range() -> None:
    """The table in docs/features.md is that of the contract."""
    rows = re.findall(
        r"^\| `([a-z0-9_.]+)` \| ([a-z]+) \| ([^|]*) \| ([a-z]+) \| (.+) \|$", GUIDE.read_text(), re.MULTILINE
    )
    assert rows == [
        (name, declared["type"], _range(declared), declared[ANNOTATION], declared["description"])
        for name, declared in load(PATH)["properties"].items()
    ]


def _range(declared: dict[str, object]) -> str:
    return f"{declared['minimum']} to {declared['maximum']}" if "minimum" in declared else ""
