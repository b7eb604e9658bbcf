"""Where a review's policy comes from: the version of its operation that is in force, as the catalogue says."""

from datetime import timedelta

import msgspec

from shared.catalogue.active_versions import ActiveVersions
from shared.catalogue.versions import OPERATIONS
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Misconfigured, NotFound
from shared.risk.operation import Operation, ReviewPolicy, parse_operation
from shared.storage.documents import Documents


class InForce(msgspec.Struct, frozen=True):
    """A policy, the version it stands in (`transaction@3`), and how long the operation's records are kept."""

    policy: ReviewPolicy
    version: str
    kept_for: timedelta


class ReviewPolicies(msgspec.Struct, frozen=True):
    """The policies of the operations in `documents`, looked at again every ten seconds."""

    documents: Documents
    clock: Clock
    operations: ActiveVersions[Operation] = msgspec.field(
        default_factory=lambda: ActiveVersions(OPERATIONS, parse_operation)
    )

    async def of(self, operation: str, deadline: Deadline) -> InForce:
        """The policy of an operation.

        Raises `Misconfigured`, saying what to publish, where it has none; `Unavailable` while the store cannot say.
        """
        now = self.clock.monotonic()
        try:
            active, _, due = await self.operations.current(operation, self.documents, deadline, now)
            if due:
                await active.refresh(self.documents, deadline, now)
        except NotFound as error:
            raise Misconfigured(
                f"no operation {operation} is published: python -m cli bootstrap, or publish"
            ) from error
        if active.value.review is None:
            raise Misconfigured(f"{active.label} says nothing about its review: publish one that does")
        return InForce(active.value.review, active.label, timedelta(days=active.value.retention_days))
