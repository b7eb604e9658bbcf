"""The two kinds of documents that are published, and how each is checked before it is stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.catalogue import file_positions
from shared.catalogue.versions import OPERATIONS, RULE_SETS, valid_name
from shared.catalogue.yaml_files import Positioned, load
from shared.errors import Invalid, Malformed, NotFound, Problem
from shared.notifications.notification import Category, Channel
from shared.notifications.templates import templates
from shared.risk.features.schema import features
from shared.risk.operation import parse_operation, self_contained
from shared.risk.rules.compiler import compile_rule_set
from shared.risk.rules.fixtures import FixtureFailure, run_fixtures
from shared.risk.rules.rule_set import RuleSet, parse_rule_set

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Kind:
    """`command` is its family of commands, `bundled` the folder of what is deployed with the code.

    `check` raises `Invalid`, its fields being JSON pointers, for a content that cannot be published, and sums up one
    that can. `complete` gives what is published: a content that means the same wherever it is read.
    """

    command: str
    noun: str
    collection: str
    bundled: Path
    check: Callable[[Mapping[str, Any]], str]
    complete: Callable[[Mapping[str, Any]], dict[str, Any]]

    def read(self, path: Path) -> Positioned:
        """The file's content, checked. Raises `Invalid` with places in the file."""
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise NotFound(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Malformed(Problem(str(path), "UTF-8 expected")) from error
        positioned = load(text, str(path))
        try:
            self.check(positioned.content)
        except Invalid as error:
            raise file_positions.placed(error, positioned) from error
        return positioned


def check_rule_set(content: Mapping[str, Any]) -> str:
    """See `Kind.check`: shape, names, types, ranges, what clients are told, and each rule's examples."""
    rule_set = parse_rule_set(content, features())
    compile_rule_set(rule_set)
    _check_templates(rule_set)
    failures = run_fixtures(rule_set)
    if failures:
        raise Invalid(*(_failure(content, failure) for failure in failures))
    return summary(rule_set)


def summary(rule_set: RuleSet) -> str:
    """A rule set in a line."""
    examples = sum(len(rule.fixtures.hit) + len(rule.fixtures.miss) for rule in (*rule_set.allow, *rule_set.rules))
    counted = {"rule": len(rule_set.rules), "short cut": len(rule_set.allow), "list": len(rule_set.lists)}
    parts = [f"{number} {noun}{'' if number == 1 else 's'}" for noun, number in counted.items() if number]
    return f"{', '.join(parts)}; {examples} examples hold"


def check_operation(content: Mapping[str, Any]) -> str:
    """See `Kind.check`: shape, the question's schema, legal and declared answers."""
    operation = parse_operation(content)
    cases = "1 case" if len(operation.cases) == 1 else f"{len(operation.cases)} cases"
    return f"{cases}, {operation.deadline * 1000:.0f} ms, asks {operation.risk_function}"


def name_of(content: Mapping[str, Any]) -> str:
    """The name a checked content is published under. Raises `Invalid`."""
    name = content["name"]
    if not valid_name(name):
        raise Invalid(Problem("/name", "lower case letters, digits and underscores, a letter first, at most 64"))
    return str(name)


def _check_templates(rule_set: RuleSet) -> None:
    """Raise `Invalid` for a rule whose message to the client could not be sent: it fills in nothing, by push."""
    fit = {
        template.name
        for template in templates().values()
        if template.category is Category.SECURITY and Channel.PUSH in template.channels and not template.variables
    }
    broken = [
        Problem(f"/rules/{number}/notify_client", f"rule '{rule.id}': one of {', '.join(sorted(fit))} expected")
        for number, rule in enumerate(rule_set.rules)
        if rule.notify_client is not None and rule.notify_client not in fit
    ]
    if broken:
        raise Invalid(*broken)


def _failure(content: Mapping[str, Any], failure: FixtureFailure) -> Problem:
    places = [
        f"/{part}/{number}"
        for part in ("allow", "rules")
        for number, rule in enumerate(content.get(part, ()))
        if rule["id"] == failure.rule
    ]
    pointer = f"{places[0]}/fixtures/{failure.fixture}"
    if failure.actual is None:
        return Problem(pointer, f"rule '{failure.rule}': an example of a {failure.expected} expected")
    return Problem(pointer, f"rule '{failure.rule}': expected {failure.expected}, found {failure.actual}")


RULES = Kind("rules", "rule set", RULE_SETS, ROOT / "functions/risk_decision/rule_sets", check_rule_set, dict)
OPERATION = Kind(
    "operations", "operation", OPERATIONS, ROOT / "functions/advice/operations", check_operation, self_contained
)
