"""A review is held to the version of its operation's policy that it was opened under."""

import pytest
from msgspec.structs import replace

from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import OPERATIONS
from shared.catalogue.yaml_files import content
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Forbidden
from shared.risk.operation import self_contained
from shared.risk.reviews.policies import ReviewPolicies
from tests.functions.command_dispatch.handlers.test_open_review import publish
from tests.support.builders.advice import OPERATIONS as SHIPPED
from tests.support.builders.reviews import NOW, review
from tests.support.deadlines import plenty

LENIENT = {**content(SHIPPED / "transaction.yaml")["review"], "four_eyes_above": {"EUR": 900_000}}


async def test_a_version_that_came_later_does_not_count() -> None:
    documents = MemoryDocuments()
    await publish(documents)
    await publish(documents, review=LENIENT)
    policies = ReviewPolicies(documents, ManualClock(NOW))
    limits = [
        (await policies.published(replace(review(), policy=f"transaction@{number}"), plenty())).four_eyes_above["EUR"]
        for number in (1, 2)
    ]
    assert limits == [500_000, 900_000]


@pytest.mark.parametrize(
    ("policy", "refusal"),
    [
        ("transaction@2", "never in force for its operation"),
        ("payee_change@1", "never published"),
        ("transaction@3", "never published"),
        ("transaction@bundled", "never published"),
        ("transaction", "never published"),
        ("", "never published"),
    ],
)
async def test_a_version_that_was_never_in_force_is_no_policy(policy: str, refusal: str) -> None:
    documents = MemoryDocuments()
    await publish(documents)
    proposed = {**self_contained(content(SHIPPED / "transaction.yaml")), "review": LENIENT}
    await Catalogue(documents, OPERATIONS).propose(
        "transaction", proposed, by="ana", now=NOW, note="", deadline=plenty()
    )
    policies = ReviewPolicies(documents, ManualClock(NOW))
    with pytest.raises(Forbidden, match=refusal):
        await policies.published(replace(review(), policy=policy), plenty())
