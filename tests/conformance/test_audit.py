"""The audit and the reviews on every store: one whole chain and one decision, whoever writes at once."""

import asyncio
from io import BytesIO

from shared.audit.change import AuditContext, AuditedChange
from shared.audit.log import AuditLog
from shared.audit.pages import page
from shared.audit.verification import Verification
from shared.deadline import Deadline
from shared.errors import Conflict
from shared.privacy import Pseudonymiser
from shared.risk.operation import Verdict
from shared.risk.reviews.review import Review
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import StoredReview
from shared.runtime.log import Log
from shared.storage.documents import Documents
from tests.shared.audit.test_log import COUNTER, add
from tests.support.builders.reviews import NOW, review
from tests.support.builders.signatures import acts, signed

ACTS = 60


def instances(documents: Documents, count: int) -> list[AuditLog]:
    return [AuditLog(documents, Log("operator_api", stream=BytesIO())) for _ in range(count)]


async def test_two_instances_at_once_make_one_whole_chain_and_lose_nothing(
    documents: Documents, soon: Deadline
) -> None:
    logs = instances(documents, 2)
    deed = AuditContext("ana@bank.example", "counter.add", NOW)
    numbers = await asyncio.gather(
        *(logs[n % 2].record(AuditedChange(deed, (COUNTER,), add), soon) for n in range(ACTS))
    )
    entries_page, checked = await page(documents, 1, ACTS + 1, soon), Verification()
    checked.take(entries_page.entries)
    checked.end(entries_page.head)
    assert (sorted(numbers), checked.breaks, entries_page.head.sequence) == (list(range(1, ACTS + 1)), [], ACTS)


async def test_a_review_that_many_decide_at_once_is_decided_once(documents: Documents, soon: Deadline) -> None:
    await Reviews(documents).open(StoredReview(await signed(review())), NOW, soon)
    logs = instances(documents, 3)
    tokens = Pseudonymiser(b"k" * 32, 1)

    async def decide(number: int) -> Review | Conflict:
        verdict: Verdict = "approve" if number % 2 else "reject"
        context = AuditContext(f"person-{number}@x.example", f"reviews.{verdict}", NOW)
        reason = review().reasons[verdict][0]
        judging = acts(documents, "operator_api", audit=logs[number % 3])
        try:
            return await judging.judge(
                review().id, verdict, context, reason=reason, revision=1, tokens=tokens, deadline=soon
            )
        except Conflict as error:
            return error

    outcomes = await asyncio.gather(*(decide(number) for number in range(9)))
    [decided] = [outcome for outcome in outcomes if isinstance(outcome, Review)]
    on_record = await Reviews(documents).find(review().id, soon)
    assert (on_record, on_record.decision is not None) == (decided, True)
