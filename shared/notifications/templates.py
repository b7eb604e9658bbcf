"""The allow-list: the templates of `schemas/templates/{name}.v{version}.json`, each checked when it is loaded."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from shared import schema_files
from shared.errors import Invalid, Problem
from shared.json_schema import JsonSchema
from shared.notifications.notification import Category, Channel
from shared.notifications.template import Route, Template, Text, check
from shared.notifications.variables import Type

Templates = Mapping[tuple[str, int], Template]
"""Templates by name and version."""


@cache
def templates() -> Templates:
    """Every template that is shipped; raises `Invalid`, naming file and field, for one that is wrong."""
    schema = JsonSchema(schema_files.load("json/template.v1.json"))
    templates = {}
    for path in sorted((schema_files.ROOT / "templates").glob("*.json")):
        try:
            template = read(schema_files.load(f"templates/{path.name}"), schema)
        except Invalid as error:
            raise Invalid(
                *(Problem(f"{path.name}{problem.field}", problem.message) for problem in error.problems)
            ) from error
        if path.name != f"{template.name}.v{template.version}.json":
            raise Invalid(Problem(path.name, f"expected in {template.name}.v{template.version}.json"))
        templates[template.name, template.version] = template
    return templates


def read(document: Mapping[str, Any], schema: JsonSchema) -> Template:
    """The template in a JSON `document`; raises `Invalid`."""
    schema.validate(document)
    template = Template(
        name=document["name"],
        version=document["version"],
        category=Category(document["category"]),
        channels=frozenset(map(Channel, document["channels"])),
        silent=document["silent"],
        route=Route(document["route"]),
        collapse=document["collapse"],
        variables={name: Type(kind) for name, kind in document["variables"].items()},
        texts={language: Text(text["title"], text["body"]) for language, text in document["texts"].items()},
    )
    check(template)
    return template


def find(templates: Templates, name: str, version: int | None) -> Template:
    """That version, or the newest; raises `Invalid` where there is none."""
    versions = [template.version for template in templates.values() if template.name == name]
    if not versions:
        raise Invalid(Problem("/payload/template", "the name of an allow-listed template expected"))
    template = templates.get((name, max(versions) if version is None else version))
    if template is None:
        raise Invalid(Problem("/payload/template_version", "a version that the template has expected"))
    return template
