"""`open_review`: a durable review first, then a ticket that leads people to it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import msgspec

from shared.clock import Clock
from shared.commands.command import Command
from shared.commands.outcome import CommandOutcome
from shared.commands.publisher import CommandPublisher, TopicCommandPublisher
from shared.composition.encryption import id_cipher
from shared.composition.ports import Ports
from shared.composition.signing import signer, verifier
from shared.deadline import Deadline
from shared.errors import Invalid, Problem
from shared.privacy import Pseudonymiser
from shared.risk.reviews.commands import ticket
from shared.risk.reviews.policies import ReviewPolicies
from shared.risk.reviews.review import ClientRef, opened
from shared.risk.reviews.signatures import ReviewSignatures
from shared.risk.reviews.store import Reviews
from shared.risk.reviews.stored_review import StoredReview
from shared.runtime.id_cipher import IdCipher
from shared.runtime.token_key import TokenKeyCache
from shared.trace import Trace

_ISSUER = "command_dispatch"


class OpenReview(msgspec.Struct, frozen=True):
    """Opens reviews under the policies of their operations. Safe twice: the second time finds the first one's review,
    and publishes what that one may not have got round to.
    """

    reviews: Reviews
    policies: ReviewPolicies
    signatures: ReviewSignatures
    tokens: Callable[[], Awaitable[Pseudonymiser]]
    ids: IdCipher
    commands: CommandPublisher
    clock: Clock
    settling_time: timedelta = timedelta(0)

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:
        """See the port. Raises `Invalid` for a command that names no operation, `Conflict` where that has a review of
        something else.
        """
        if command.operation is None:
            raise Invalid(Problem("/operation", "the operation to review expected"))
        active = await self.policies.of(command.operation.name, deadline)
        now = self.clock.now()
        client_id = str(command.payload["client_id"])
        token = (await self.tokens()).client(client_id)
        client = ClientRef(token, await self.ids.encrypt(client_id, command.operation.key, deadline))
        review = opened(command.operation, command.payload, active.policy, active.version, active.kept_for, now, client)
        review = await self.signatures.opened(review, deadline)
        record = StoredReview(review, (ticket(review, _ISSUER, trace),))
        on_record = await self.reviews.open(record, now, deadline, client_id=client_id)
        if on_record.pending:
            await self.reviews.send(review.id, self.commands, now, deadline)
        return CommandOutcome.done({"review": review.id})


def build(ports: Ports, environ: Mapping[str, str]) -> OpenReview:
    """The handler over `ports`."""
    return OpenReview(
        Reviews(ports.documents),
        ReviewPolicies(ports.documents, ports.clock),
        ReviewSignatures(signer(ports, _ISSUER), verifier(ports)),
        TokenKeyCache(ports.tokens, ports.clock).required,
        id_cipher(ports),
        TopicCommandPublisher(ports.publisher),
        ports.clock,
    )
