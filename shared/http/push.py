"""What an event function does with a push: it reads what was delivered, keeps it, and acknowledges it, or says why not.

204 acknowledges: kept, without meaning here, or in the dead-letter topic. Whatever else is answered makes Pub/Sub
deliver again: 429 where too much waits, 503 for what may work later, 500 for a fault of ours. What is wrong about the
message itself goes to the dead letters at once. What is wrong elsewhere (a schema that is not registered yet, a state
that cannot be read, a programming error) is refused a few times first, since a later delivery may meet it repaired;
after that it goes there too, so that no message comes for ever.
"""

from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import msgspec
from starlette.responses import Response

from shared.clock import Clock
from shared.dead_letters.leaving import DeadLetters
from shared.deadline import Deadline
from shared.errors import (
    Invalid,
    Misconfigured,
    SlackerError,
    TooLarge,
    Transient,
    Unavailable,
    UnknownSchema,
)
from shared.http.envelope import MAX_BODY, delivery
from shared.http.guard import guard
from shared.http.request import HttpRequest
from shared.identity import Callers
from shared.logs import Log
from shared.messages import Delivery
from shared.token_key import TokenKey
from shared.trace import Trace

PATIENCE = 5
"""Deliveries after which a message whose fault lies elsewhere goes to the dead letters all the same."""

PATIENT_FOR = timedelta(minutes=10)
"""The same where deliveries are not counted: since it was published."""

_SECONDS = 9.0  # to answer in; a subscription waits ten or more
_TO_BURY = 1.0  # seconds of them kept for the dead letter

Item = TypeVar("Item")


class Intake(Protocol[Item]):
    """What a function makes of the messages it is subscribed to."""

    async def read(self, delivered: Delivery, deadline: Deadline) -> Item | None:
        """What was delivered, or `None` where it means nothing here; raises `Invalid` for what never will."""
        ...

    async def keep(self, item: Item, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """Commit `item`, which was delivered so; whatever it raises, the message comes again."""
        ...


class Push(msgspec.Struct, Generic[Item], frozen=True):
    """The service of one event function; `allowed` are the e-mail addresses that may push.

    `dead_letters` is `None` where they end: what cannot be kept there is refused, and so stays with Pub/Sub.
    """

    callers: Callers
    allowed: frozenset[str]
    intake: Intake[Item]
    dead_letters: DeadLetters | None
    log: Log
    token_key: TokenKey
    clock: Clock

    async def handle(self, request: HttpRequest) -> Response:
        """The response to any call; see `shared.http.entry`."""
        refused = guard(request, self.callers, self.allowed, function="an event function", verb="push")
        if refused is not None:
            return refused
        delivered = delivery(await request.body(MAX_BODY))
        deadline = request.deadline(_SECONDS)
        read = False
        try:
            item = await self.intake.read(delivered, deadline.less(_TO_BURY))
            read = True
            if item is not None:
                await self.intake.keep(item, delivered, request.trace, deadline.less(_TO_BURY))
        except Exception as error:
            at_fault = not read and isinstance(error, Invalid | TooLarge)
            if self.dead_letters is None or (not at_fault and (_may_pass(error) or self._patient(delivered))):
                if read and isinstance(error, Invalid):
                    raise Unavailable(f"what was delivered cannot be kept: {error}") from error
                raise
            await self._bury(self.dead_letters, delivered, error, request.trace, deadline)
        return Response(status_code=204)

    def _patient(self, delivered: Delivery) -> bool:
        attempt = delivered.delivery_attempt
        return self.clock.now() - delivered.published_at < PATIENT_FOR if attempt is None else attempt < PATIENCE

    async def _bury(
        self, dead_letters: DeadLetters, delivered: Delivery, error: Exception, trace: Trace, deadline: Deadline
    ) -> None:
        """Move a message to the dead letters; raises `Unavailable`, for it to come again, if that is not confirmed."""
        try:
            reason = await dead_letters.publish(delivered, error, deadline)
        except SlackerError as failure:
            self.log.failed("dead_letter_not_published", trace, failure, message_id=delivered.id)
            raise Unavailable("the dead letter was not published") from failure
        told = {
            "subscription": delivered.subscription,
            "message_id": delivered.id,
            "delivery_attempt": delivered.delivery_attempt,
        }
        if isinstance(error, SlackerError):
            fields = [problem.field for problem in error.problems] if isinstance(error, Invalid) else []
            self.log.write("dead_lettered", "WARNING", trace, reason=reason, problems=fields, **told)
        else:
            self.log.failed("dead_lettered", trace, error, reason=reason, **told)


def _may_pass(error: Exception) -> bool:
    """Whether the same message may work later without anybody's looking at it, or fails like every other one."""
    return isinstance(error, Misconfigured) or (isinstance(error, Transient) and not isinstance(error, UnknownSchema))
