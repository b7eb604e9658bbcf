"""A synthetic probe, as the cloud has one: it asks about a made-up client until a risk function decides by the
published operation, so that all are warm.
"""

from datetime import datetime
from itertools import count

from jobs.history.transaction import Transaction
from local.replay.bank_service import Answer, BankService, ReceivedAnswer
from shared.deadline import Deadline
from shared.errors import Unavailable
from shared.money import Money

_WITHIN = 60.0
_NOBODY = "probe"


async def probe(bank: BankService, at: datetime) -> None:
    """Ask (as of `at`) until the answer is a risk function's own; raises `Unavailable` if none is in time."""
    deadline = Deadline.after(_WITHIN)
    for number in count():
        question = Transaction(f"probe-{number}", at, _NOBODY, _NOBODY, Money(100, "EUR"), "branch")
        reply = await bank.ask(question)
        if isinstance(reply, ReceivedAnswer) and _published(reply.answer):
            return
        if deadline.passed():
            outcome = reply.answer.reasons if isinstance(reply, ReceivedAnswer) else reply.reason
            raise Unavailable(f"no risk function decides: the last of {number + 1} questions led to {outcome}")


def _published(answer: Answer) -> bool:
    """Whether this is a risk function's own answer, and the operation was found in the store."""
    return answer.decided_by == "risk_function" and not answer.versions["operation"].endswith("@bundled")
