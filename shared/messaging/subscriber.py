"""The service of a push subscription: a message is parsed, handled and acknowledged, refused, or dead-lettered.

204 acknowledges: the message was handled, means nothing here, or is in the dead-letter topic. Any other status makes
Pub/Sub deliver again: 429 where too much waits, 503 for what may work later, 500 for a fault of ours. A message that is
wrong in itself is dead-lettered at once. Where the fault is elsewhere (a schema that is not registered yet, a state
that cannot be read, a programming error) it is refused a few times first, since the fault may be mended before a later
delivery; after that it is dead-lettered too, so that no message comes for ever.
"""

from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import msgspec
from starlette.responses import Response

from shared.clock import Clock
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
from shared.http.callers import Callers
from shared.http.guard import guard
from shared.http.request import HttpRequest
from shared.messaging.dead_letter_publisher import DeadLetterPublisher
from shared.messaging.envelope import MAX_BODY, parse_push
from shared.messaging.messages import Delivery
from shared.runtime.log import Log
from shared.runtime.token_key import TokenKeyCache
from shared.trace import Trace

MAX_ATTEMPTS = 5
"""Deliveries after which a message is dead-lettered even where the fault is elsewhere."""

MAX_AGE = timedelta(minutes=10)
"""The same where deliveries are not counted: the age of the message since it was published."""

_TIMEOUT = 9.0  # seconds to answer in; a subscription waits ten or more
_DEAD_LETTER_TIME = 1.0  # seconds of them reserved for publishing a dead letter

Item = TypeVar("Item")


class MessageHandler(Protocol[Item]):
    """Parses and handles the messages of a function's subscriptions."""

    async def parse(self, delivered: Delivery, deadline: Deadline) -> Item | None:
        """The item in a message, `None` where it means nothing here; raises `Invalid` for a message that is wrong."""
        ...

    async def handle(self, item: Item, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """Commit `item`; after an error the message is delivered again."""
        ...


class PushSubscriber(msgspec.Struct, Generic[Item], frozen=True):
    """The service of one event function; `allowed` are the e-mail addresses that may push.

    `dead_letters` is `None` for the function that stores dead letters: a message it cannot store is refused, and so
    stays with Pub/Sub.
    """

    callers: Callers
    allowed: frozenset[str]
    intake: MessageHandler[Item]
    dead_letters: DeadLetterPublisher | None
    log: Log
    token_key: TokenKeyCache
    clock: Clock

    async def handle(self, request: HttpRequest) -> Response:
        """The response to a push; raises of the tree in `shared.errors` for one that is refused."""
        refused = guard(request, self.callers, self.allowed, function="an event function", verb="push")
        if refused is not None:
            return refused
        delivered = parse_push(await request.body(MAX_BODY))
        deadline = request.deadline(_TIMEOUT)
        read = False
        try:
            item = await self.intake.parse(delivered, deadline.less(_DEAD_LETTER_TIME))
            read = True
            if item is not None:
                await self.intake.handle(item, delivered, request.trace, deadline.less(_DEAD_LETTER_TIME))
        except Exception as error:
            at_fault = not read and isinstance(error, Invalid | TooLarge)
            if self.dead_letters is None or (not at_fault and (_is_retryable(error) or self._attempts_left(delivered))):
                if read and isinstance(error, Invalid):
                    raise Unavailable(f"what was delivered cannot be kept: {error}") from error
                raise
            await self._dead_letter(self.dead_letters, delivered, error, request.trace, deadline)
        return Response(status_code=204)

    def _attempts_left(self, delivered: Delivery) -> bool:
        attempt = delivered.delivery_attempt
        return self.clock.now() - delivered.published_at < MAX_AGE if attempt is None else attempt < MAX_ATTEMPTS

    async def _dead_letter(
        self, dead_letters: DeadLetterPublisher, delivered: Delivery, error: Exception, trace: Trace, deadline: Deadline
    ) -> None:
        """Publish a message as a dead letter; raises `Unavailable`, so that it is delivered again, if that fails."""
        try:
            reason = await dead_letters.publish_error(delivered, error, deadline)
        except SlackerError as failure:
            self.log.write_exception("dead_letter_not_published", trace, failure, message_id=delivered.id)
            raise Unavailable("the dead letter was not published") from failure
        fields = {
            "subscription": delivered.subscription,
            "message_id": delivered.id,
            "delivery_attempt": delivered.delivery_attempt,
        }
        if isinstance(error, SlackerError):
            problems = [problem.field for problem in error.problems] if isinstance(error, Invalid) else []
            self.log.write("dead_lettered", "WARNING", trace, reason=reason, problems=problems, **fields)
        else:
            self.log.write_exception("dead_lettered", trace, error, reason=reason, **fields)


def _is_retryable(error: Exception) -> bool:
    """Whether the message may work later as it is, or every other message fails as well."""
    return isinstance(error, Misconfigured) or (isinstance(error, Transient) and not isinstance(error, UnknownSchema))
