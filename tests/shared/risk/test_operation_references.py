"""What an operation says of its question leads somewhere in it, or is refused with what was probably meant."""

from pathlib import Path
from typing import Any

import pytest

from shared.catalogue.yaml_files import content
from shared.risk.operation import parse_operation
from shared.risk.operation_references import reference_problems

SHIPPED = Path(__file__).parents[3] / "functions/advice/operations"
TRANSACTION = content(SHIPPED / "transaction.yaml")
CASES = TRANSACTION["answers"]["cases"]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_reference_of_a_shipped_operation_leads_somewhere(path: Path) -> None:
    assert reference_problems(parse_operation(content(path))) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"client": "/context/client"},
            "/client: leads nowhere in the question; did you mean '/context/client_id'?",
        ),
        (
            {"answers": {"by": "/posting/phasse", "cases": {**CASES, "default": CASES["release"]}}},
            "/answers/by: leads nowhere in the question; did you mean '/posting/phase'?",
        ),
        (
            {"answers": {"by": "/posting/phase", "cases": {**CASES, "relase": CASES["release"]}}},
            "/answers/cases/relase: no question falls into this case; did you mean 'release'?",
        ),
    ],
)
def test_one_that_leads_nowhere_is_told_with_what_is_there(changes: dict[str, Any], problem: str) -> None:
    assert [str(each) for each in reference_problems(parse_operation({**TRANSACTION, **changes}))] == [problem]
