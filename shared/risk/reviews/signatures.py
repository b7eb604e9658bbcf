"""What is signed about a review: how it was opened, what each person said, and that its rule decided; and whether what
the review on record says was signed by the function that may say it.

A statement is over the whole review as it was opened (operation, client, amount, policy…), so that none counts for
another review, or for the same one made smaller.
"""

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from shared.deadline import Deadline
from shared.errors import Forbidden
from shared.risk.operation import Verdict
from shared.risk.reviews.review import Review
from shared.signing.signer import Signer
from shared.signing.verifier import Verifier


class Kind(NamedTuple):
    """A kind of statement, and the function that signs it."""

    name: str
    function: str


OPENING: Final = Kind("review-opening", "command_dispatch")
JUDGEMENT: Final = Kind("review-judgement", "operator_api")
EXPIRY: Final = Kind("review-expiry", "scheduled_work")


class Judgement(msgspec.Struct, frozen=True):
    """What somebody said of a review: `by` is an e-mail address, or names the rule by which it expired."""

    review: Review
    verdict: Verdict
    by: str
    at: datetime
    reason: str

    @property
    def kind(self) -> Kind:
        """Whose word it is."""
        return EXPIRY if self.by == self.review.rule else JUDGEMENT


def judgements(review: Review) -> tuple[Judgement, ...]:
    """All that was said of a review, in order; raises `Forbidden` where its decision is not the last of that."""
    subject, decision = review.as_opened(), review.decision
    said = tuple(Judgement(subject, "approve", a.by, a.at, a.reason) for a in review.approvals)
    if decision is None:
        return said
    last = Judgement(subject, decision.verdict, decision.by, decision.at, decision.reason)
    if decision.verdict == "reject" or last.kind is EXPIRY:
        return (*said, last)
    if said[-1:] != (last,):
        raise Forbidden("the approval that decided is not among those of the review on record")
    return said


class ReviewSignatures(msgspec.Struct, frozen=True):
    """Signs as one function, and verifies what any has signed. Every call raises what the ports of signing do."""

    signer: Signer
    verifier: Verifier

    async def opened(self, review: Review, deadline: Deadline) -> Review:
        """The review with the statement of how it was opened."""
        statement = await self._sign(OPENING, review.as_opened(), deadline)
        return msgspec.structs.replace(review, opening=statement)

    async def said(self, review: Review, deadline: Deadline) -> str:
        """The statement of what was said last."""
        last = judgements(review)[-1]
        return await self._sign(last.kind, last, deadline)

    async def verify(self, review: Review, deadline: Deadline) -> None:
        """Return if everything that a review says was signed by who may say it; raises `Forbidden`, saying what not."""
        await self._verify_opening(review, deadline)
        said = judgements(review)
        if len(said) != len(review.statements):
            raise Forbidden("what was said of the review on record is not signed")
        for judgement, statement in zip(said, review.statements, strict=True):
            if not await self._holds(judgement.kind, statement, judgement, deadline):
                raise Forbidden(f"what was said of the review on record is not signed by {judgement.kind.function}")

    async def counted(self, review: Review, deadline: Deadline) -> Review:
        """An open review with those approvals alone that are signed. One whose opening is not signed, since it is from
        before there were such statements, takes two people: nobody vouches for its amount.

        Raises `Forbidden` where its opening does not hold.
        """
        await self._verify_opening(review, deadline)
        statements = (*review.statements, *[""] * len(review.approvals))
        signed = [
            (approval, statement)
            for approval, judgement, statement in zip(review.approvals, judgements(review), statements, strict=False)
            if await self._holds(JUDGEMENT, statement, judgement, deadline)
        ]
        return msgspec.structs.replace(
            review,
            approvals=tuple(approval for approval, _ in signed),
            statements=tuple(statement for _, statement in signed),
            approvals_needed=review.approvals_needed if review.opening else 2,
        )

    async def _verify_opening(self, review: Review, deadline: Deadline) -> None:
        if review.opening and not await self._holds(OPENING, review.opening, review.as_opened(), deadline):
            raise Forbidden("the review on record is not what was opened: somebody else has changed it")

    async def _sign(self, kind: Kind, what: msgspec.Struct, deadline: Deadline) -> str:
        return await self.signer.sign(kind.name, msgspec.json.encode(what), deadline)

    async def _holds(self, kind: Kind, statement: str, expected: msgspec.Struct, deadline: Deadline) -> bool:
        try:
            payload = await self.verifier.verify(statement, kind.name, kind.function, deadline)
            return msgspec.json.decode(payload, type=type(expected)) == expected
        except (Forbidden, msgspec.MsgspecError):
            return False
