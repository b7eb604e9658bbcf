"""The configuration that ships: kinds of tickets, and what clients are told of a resolution."""

from pathlib import Path
from typing import Any

import pytest

from functions.command_dispatch.config_files import checked, configuration
from functions.command_dispatch.tickets import kinds
from local.stand_ins.jira import PROJECTS
from shared import schema_files
from shared.catalogue.yaml_files import content
from shared.errors import Invalid
from shared.risk.operation import parse_operation
from shared.risk.reviews.review import EXPIRED

ROOT = Path(__file__).resolve().parents[3]
KINDS = configuration("ticket_kinds")
NOTICES = configuration("resolution_notices")


def test_the_kinds_are_read_as_they_are_written() -> None:
    kinds_by_name = kinds(KINDS)
    assert {name: (kind.project, kind.issue_type) for name, kind in kinds_by_name.items()} == {
        name: (fields["project"], fields["issue_type"]) for name, fields in KINDS["kinds"].items()
    }


def test_the_tickets_of_reviews_have_a_kind() -> None:
    assert "review" in kinds(KINDS)


def test_the_stand_in_has_every_project() -> None:
    assert {kind.project for kind in kinds(KINDS).values()} <= set(PROJECTS)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ({"project": "fraud", "issue_type": "Task"}, "/kinds/x/project"),
        ({"project": "FRAUD"}, "/kinds/x/issue_type"),
        ({"project": "FRAUD", "issue_type": "Task", "priorities": {"low": "Low"}}, "/kinds/x/priorities/high"),
        ({"project": "FRAUD", "issue_type": "Task", "labels": ["two words"]}, "/kinds/x/labels/0"),
    ],
)
def test_a_kind_that_is_wrong_is_told_by_its_field(kind: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as raised:
        checked("ticket_kinds", {"kinds": {"x": kind}})
    assert field in [problem.field for problem in raised.value.problems]


def test_a_client_is_told_only_after_reasons_that_there_are() -> None:
    policy = parse_operation(content(ROOT / "functions" / "advice" / "operations" / "transaction.yaml")).review
    assert policy is not None
    for decision, notice in NOTICES.items():
        reasons = policy.reasons[decision]  # type: ignore[index] # the two decisions that there are
        assert set(notice["reasons"]) <= {*reasons, EXPIRED}


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_a_client_is_told_is_a_template_for_that_channel_that_needs_nothing_filled_in(decision: str) -> None:
    notice = NOTICES[decision]
    template = schema_files.load(f"templates/{notice['template']}.v1.json")
    assert (template["category"], template["variables"]) == (notice["category"], {})
    assert notice["channel"] in template["channels"]


def test_suspected_fraud_is_never_told_to_whom_it_is_suspected_of() -> None:
    assert "FRAUD_SUSPECTED" not in NOTICES["reject"]["reasons"]
