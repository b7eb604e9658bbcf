"""Rules and operations on the command line, and what each command says of itself."""

from collections.abc import Sequence
from datetime import timedelta

from tests.corpus.scenarios.steps import (
    ADVICE,
    BANK,
    BODY,
    NOON,
    Steps,
    again,
    at,
    cases,
    cli,
    http,
)
from tests.corpus.stage import Json

RULES = """\
name: cards
operation: cards
variables:
  operation.attempt: { type: int, pointer: /attempt, min: 1, max: 9, data_class: none }
  cards.amount: { type: int, pointer: /amount, min: 0, max: 1000000, data_class: none }
  cards.country: { type: string, pointer: /country, data_class: none }
lists:
  blocked: [KP, NO]
features:
  requires: []
  missing: { outcome: STEPUP_NEEDED, reason: FEATURES_MISSING }
  stale: { after_seconds: 60, outcome: STEPUP_NEEDED, reason: FEATURES_STALE }
thresholds:
  - { at_least: 50, outcome: STEPUP_NEEDED, reason: SCORE_RAISED }
base: { operation.attempt: 1, cards.amount: 100, cards.country: CZ }
rules:
  - id: blocked_country
    when: cards.country in lists.blocked
    outcome: REJECT
    reason: BLOCKED_COUNTRY
    unknown: ignore
    fixtures: { hit: [{ cards.country: "NO" }], miss: [{}] }
  - id: large
    when: |
      cards.amount > 5000
      && operation.attempt < 5
    score: 60
    reason: LARGE
    unknown: hit
    fixtures: { hit: [{ cards.amount: 5001 }], miss: [{}], unknown: [{ cards.amount: null }] }
"""

_WRONG: Sequence[tuple[str, str]] = (
    ("cards.amount > 5000", "cards.amount > 'x'"),
    ("cards.amount > 5000", "cards.amout > 5000"),
    ("cards.amount > 5000", "cards.amount >"),
    ("cards.amount > 5000", "cards.amount * cards.amount * cards.amount * cards.amount > 1"),
    ("cards.amount > 5000", "has(cards.amount)"),
    ("cards.amount > 5000", "(" * 60 + "true" + ")" * 60),
    ("cards.amount > 5000", "cards.amount / 0 > 1"),
    ("cards.amount > 5000", "cards.amount + 1.5 > 2.0"),
    ("cards.amount > 5000", "!cards.country"),
    ("cards.amount > 5000", "cards.amount > 5000 ? 1 : 2"),
    ("cards.amount > 5000", "cards.amount = 3"),
    ("cards.amount > 5000", "cards.country in lists.nothing"),
    ("cards.amount > 5000", "cards.amount > 99999999999999999999"),
    ("score: 60", "score: many"),
    ("unknown: hit", "unknown: maybe"),
    ("{ cards.amount: 5001 }", "{ cards.amount: 1 }"),
    ("unknown: [{ cards.amount: null }]", "unknown: [{}]"),
    ("rules:", "rulez:"),
    ("name: cards", "name: Cards!"),
    ("type: int", "type: integer"),
    ("min: 0, max: 1000000", "min: 5, max: 1"),
    ("at_least: 50", "at_least: -5"),
    ("id: large", "id: blocked_country"),
    ("blocked: [KP, NO]", "blocked: [KP, KP, 1]"),
    ("requires: []", "requires: [nothing]"),
    ("name: cards", "name: [cards"),
    ("data_class: none", "data_class: x"),
    ("pointer: /country", "pointer: country"),
)


def command_line() -> Steps:
    """Rules and operations, right and wrong, from the proposal to the way back; what each command says of itself."""
    right = {"r.yaml": RULES}
    yield cli("rules", "check", "DIRECTORY/r.yaml", files=right, at=at(NOON))
    for old, new in _WRONG:
        yield cli("rules", "check", "DIRECTORY/r.yaml", files={"r.yaml": RULES.replace(old, new, 1)})
    yield cli("rules", "check", "DIRECTORY/r.yaml", files={"r.yaml": ""})
    yield cli("rules", "check", "DIRECTORY/nothing.yaml")
    for values in cases(
        ["cards.amount=9000"],
        ["cards.amount=null", "cards.country=NO"],
        ["cards.amount=x"],
        ["nothing=1"],
        ["cards.amount"],
        [],
    ):
        yield cli("rules", "try", "DIRECTORY/r.yaml", *values, files=right)
    for path, values in cases(
        ("functions/risk_decision/rule_sets/transaction.yaml", ["client.payments_1h=9"]),
    ):
        yield cli("rules", "check", path)
        yield cli("rules", "try", path, *values)
    yield cli("operations", "check", "functions/advice/operations/transaction.yaml")
    yield cli("operations", "check", "DIRECTORY/r.yaml")
    yield cli("rules", "publish", "DIRECTORY/r.yaml", "--note", "first", writes=True)
    yield cli("rules", "approve", "cards", "1", writes=True)
    yield cli("rules", "approve", "cards", "1", writes=True, **{"as": "ben"})
    yield cli("rules", "approve", "cards", "9", writes=True, **{"as": "ben"})
    second = {"r.yaml": RULES.replace("5000", "6000").replace("5001", "6001")}
    yield cli(
        "rules",
        "publish",
        "DIRECTORY/r.yaml",
        "--note",
        "second",
        files=second,
        writes=True,
        at=at(NOON + timedelta(hours=1)),
    )
    yield cli("rules", "publish", "DIRECTORY/r.yaml", "--note", "second", "--dry-run")
    yield cli("rules", "diff", "cards", "1", "2")
    yield cli("rules", "diff", "cards", "1", "7")
    yield cli("rules", "approve", "cards", "2", writes=True, **{"as": "ben"})
    yield cli("rules", "history", "cards")
    yield cli("rules", "history", "cards", "--json")
    yield cli("rules", "show", "cards")
    yield cli("rules", "show", "cards", "1")
    yield cli("rules", "list")
    yield cli("rules", "rollback", "cards", "--note", "back", writes=True, at=at(NOON + timedelta(hours=2)))
    yield cli("rules", "list", "--json")
    yield cli("rules", "history", "nothing")
    yield cli("bootstrap", "--dry-run")
    yield cli("bootstrap", writes=True)
    yield cli("bootstrap", writes=True)
    yield cli("operations", "list")
    yield cli("operations", "history", "transaction")
    yield cli("operations", "show", "transaction", "--json")
    yield cli("operations", "show", "nothing")
    yield cli("operations", "diff", "transaction", "1", "1")
    yield http("advice", ADVICE, BODY, at=at(NOON + timedelta(hours=3)), **{"as": BANK})
    yield cli("rules", "publish", "DIRECTORY/r.yaml")
    yield cli("nothing")
    yield cli()
    for group in cases(
        "audit",
        "bootstrap",
        "commands",
        "dead-letters",
        "messages",
        "operations",
        "reviews",
        "rules",
        "switches",
        "trace",
    ):
        yield cli(group, "--help")
    for group, names in cases(
        ("rules", ("check", "try", "publish", "approve", "rollback", "diff", "show", "list", "history")),
        ("dead-letters", ("list", "groups", "show", "edit", "redrive", "discard")),
        ("commands", ("count", "list", "show")),
        ("reviews", ("list", "show", "approve", "reject")),
        ("switches", ("list", "off", "on")),
        ("audit", ("list", "verify")),
    ):
        for name in names:
            yield cli(group, name, "--help")
    for arguments in cases(
        ["cli", "--help"],
        ["jobs", "--help"],
        ["jobs", "rebuild", "--help"],
        ["local", "--help"],
        ["local", "up", "--help"],
    ):
        yield {"do": "run", "arguments": arguments}


def after_command_line(steps: Sequence[Json]) -> Steps:
    """What was published is seen, asked by, changed and taken back."""
    for step in steps:
        if step["do"] == "cli" and step["arguments"][1:2] in (["list"], ["history"], ["show"], ["diff"]):
            yield step
    third = {"r.yaml": RULES.replace("5000", "7000").replace("5001", "7001")}
    late = {"at": at(NOON + timedelta(days=1)), "writes": True}
    yield cli("rules", "publish", "DIRECTORY/r.yaml", "--note", "third", files=third, **late)
    yield cli("rules", "approve", "cards", "3", writes=True, **{"as": "ben"})
    yield cli("rules", "rollback", "cards", "--note", "back", writes=True)
    yield cli("bootstrap", writes=True)
    yield cli("rules", "history", "cards")
    yield from again(steps, 1, to="advice")
