"""The allow-list that is shipped, and what a template must be to be in it."""

from pathlib import Path
from typing import Any

import pytest

from shared import schema_files
from shared.catalogue.bundled import bundled
from shared.errors import Invalid
from shared.notifications.content_filter import violation
from shared.notifications.notification import Category
from shared.notifications.templates import find, templates
from shared.privacy import data_classes
from tests.shared.notifications.test_rendering import template


def test_every_shipped_template_says_the_same_in_english_german_and_french() -> None:
    loud = [shipped for shipped in templates().values() if not shipped.silent]
    assert len(loud) >= 5
    assert {shipped.label: {"en", "de", "fr"} - shipped.texts.keys() for shipped in loud} == {
        shipped.label: set() for shipped in loud
    }


def test_no_shipped_text_holds_a_link_or_a_number() -> None:
    texts = [
        part for shipped in templates().values() for text in shipped.texts.values() for part in (text.title, text.body)
    ]
    assert {text: reason for text in texts if (reason := violation(text, text)) is not None} == {}


def test_every_template_that_a_shipped_rule_set_names_is_there_for_push_as_security() -> None:
    folder = Path(__file__).parents[3] / "functions" / "risk_decision" / "rule_sets"
    named = {
        rule["notify_client"]
        for read in bundled(folder).values()
        for rule in read().get("rules", ())
        if "notify_client" in rule
    }
    assert named
    for name in named:
        assert find(templates(), name, None).category is Category.SECURITY


def test_the_newest_version_is_found_where_none_is_named() -> None:
    versions = {("spent", number): template(version=number) for number in (1, 2, 10)}
    assert [find(versions, "spent", number).version for number in (None, 2)] == [10, 2]
    with pytest.raises(Invalid, match="allow-listed"):
        find(versions, "other", None)
    with pytest.raises(Invalid, match="version"):
        find(versions, "spent", 3)


TEXT = {"title": "t", "body": "{shop}"}
SHOP: dict[str, Any] = {"variables": {"shop": "text"}, "texts": {"en": TEXT}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"texts": {"de": TEXT}}, "/texts"),
        ({"texts": {"en": TEXT, "de": {"title": "t", "body": "nothing"}}}, "/texts/de"),
        ({"texts": {"en": {"title": "t", "body": "{shop} {other}"}}}, "/texts/en"),
        ({"texts": {"en": {"title": "t", "body": "{shop} {"}}}, "/texts/en"),
        ({"texts": {"en": {"title": "{shop}", "body": "b"}}}, "/texts/en/title"),
        ({"silent": True}, "/texts"),
        ({"variables": {"shop": "url"}}, "/variables/shop"),
        ({"texts": {"EN": TEXT}}, "/texts"),
        ({"route": "https://evil.example"}, "/route"),
        ({"category": "advertising"}, "/category"),
    ],
)
def test_a_template_that_is_wrong_is_told_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        template(**{**SHOP, **changes})
    assert field in {problem.field for problem in caught.value.problems}


def test_every_field_of_a_template_has_a_data_class() -> None:
    classes = data_classes(schema_files.load("json/template.v1.json"))
    assert [field for field, data_class in classes.items() if data_class is None] == []
