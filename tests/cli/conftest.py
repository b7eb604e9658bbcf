from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import slacker
from cli.session import Session

Cli = Callable[..., Result]

RULE_SET = """\
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


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def cli(state: Path) -> Cli:
    """The command line on a store of its own, under a clock that goes on by a second at each look."""
    seconds = count()

    def now() -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=next(seconds))

    session = Session({"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(state)}, now)

    def run(*arguments: object, environment: dict[str, str | None] | None = None) -> Result:
        variables = {"SLACKER_USER": None, **(environment or {})}
        return CliRunner().invoke(slacker, [str(argument) for argument in arguments], obj=session, env=variables)

    return run


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "cards.yaml"
    path.write_text(RULE_SET)
    return path


@pytest.fixture
def published(cli: Cli, rules_file: Path) -> Path:
    """Version 1 of the rule set `cards`, in force; the file it came from."""
    assert cli("rules", "publish", rules_file, "--note", "first", "--as", "ana").exit_code == 0
    assert cli("rules", "approve", "cards", 1, "--as", "ben").exit_code == 0
    return rules_file


def changed(path: Path, old: str, new: str) -> Path:
    """Change a file; the change must be one."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path
