"""Who may do what, and that a refusal is on record."""

import pytest

from functions.operator_api.roles import Role
from functions.operator_api.service import DOCUMENT
from shared.http.api import DESCRIBE
from shared.http.openapi import Operation, description, operations
from tests.support.builders.operator_api import Office

OPERATIONS = [operation for operation in operations(description(DOCUMENT)) if operation.id != DESCRIBE]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_takes_roles_that_there_are(operation: Operation) -> None:
    assert set() < operation.roles <= set(Role)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
async def test_who_has_another_role_is_refused_and_that_is_on_record(operation: Operation) -> None:
    office, somebody = Office(), "ben" if "reviewer" not in operation.roles else "sue"
    path = operation.path.format(review="x.y.1", switch="x.y.1", letter="x.y.1")
    assert (await office.call(somebody, operation.method, path)).status == 403
    [refusal] = [entry for entry in await office.audit() if entry["actor"] == f"{somebody}@x.example"]
    targets = ["x.y.1"] if "{" in operation.path else []
    assert (refusal["action"], refusal.get("targets", [])) == (operation.id, targets)
