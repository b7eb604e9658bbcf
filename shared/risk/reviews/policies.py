"""Where a review's policy comes from: the version of its operation that was in force when it was opened."""

from datetime import timedelta

import msgspec

from shared.catalogue.active_versions import ActiveVersions
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.clock import Clock
from shared.deadline import Deadline
from shared.errors import Forbidden, Misconfigured, NotFound
from shared.risk.operation import Operation, ReviewPolicy, parse_operation
from shared.risk.reviews.review import Review
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

    async def published(self, review: Review, deadline: Deadline) -> ReviewPolicy:
        """The policy of the version that a review names.

        Raises `Forbidden` where that is none of its operation's that was ever in force; what the documents port does.
        """
        name, _, number = review.policy.partition("@")
        try:
            version = await Catalogue(self.documents, OPERATIONS).version(name, int(number), deadline)
        except (NotFound, ValueError) as error:
            raise Forbidden("the review names a policy that was never published") from error
        policy = parse_operation(version.content).review
        if name != review.operation.name or version.approved_by is None or policy is None:
            raise Forbidden("the review names a policy that was never in force for its operation")
        return policy
