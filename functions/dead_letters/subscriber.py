"""A dead letter goes on record, whatever it is: what cannot be read of it is left out, and nothing is refused for good.

What the store cannot take now is refused and comes again, for as long as the subscription keeps it; a dead letter has
nowhere else to go.
"""

import msgspec

from shared.clock import Clock
from shared.commands.command import Command, parse
from shared.dead_letters.letter import Letter
from shared.dead_letters.parsing import NOT_DELIVERED, IncomingLetter, parse_letter
from shared.dead_letters.store import LetterStore
from shared.dead_letters.subject import Subject, of_command
from shared.deadline import Deadline
from shared.errors import Invalid, Permanent, TooLarge, Unavailable
from shared.events.avro.events import EventDecoder
from shared.events.events import AdviceGiven
from shared.events.receiver import decode_event
from shared.messaging.dead_letter_publisher import EVENTS
from shared.messaging.messages import Delivery, Message
from shared.messaging.topics import topics
from shared.privacy import Pseudonymiser
from shared.runtime.log import Log
from shared.trace import Trace

_SECONDS = 2.0  # for a registry to say what an event is about


class LetterToKeep(msgspec.Struct, frozen=True):
    """A letter, and the command in it where Pub/Sub itself gave that up: its ledger has not heard of it."""

    arrived: IncomingLetter
    command: Command | None


class LetterSubscriber(msgspec.Struct, frozen=True):
    """Implements `shared.messaging.subscriber.MessageHandler` for both dead-letter topics."""

    store: LetterStore
    decoder: EventDecoder
    log: Log
    clock: Clock

    async def parse(self, delivered: Delivery, deadline: Deadline) -> LetterToKeep:
        """See the port."""
        if self.log.tokens is None:
            raise Unavailable("without the token key no letter can be found by its client")
        new, body = parse_letter(delivered, self.clock.now()), delivered.message.data
        topic = topics().get(new.letter.topic)
        if topic is not None and topic.dead_letters == EVENTS:
            about = await self._of_event(new.letter, delivered, self.log.tokens, deadline)
        else:
            about = of_command(body, self.log.tokens)
        letter = msgspec.structs.replace(new.letter, subject=about.id, operation=about.operation, client=about.client)
        return LetterToKeep(IncomingLetter(new.id, letter), _given_up(letter, body))

    async def handle(self, item: LetterToKeep, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """See the port."""
        body, now = delivered.message.data, self.clock.now()
        try:
            fresh = await self.store.keep(item.arrived, body, item.command, now, deadline)
        except Permanent as error:
            if item.command is None:
                raise
            self.log.write_exception("ledger_not_settled", trace, error, letter=item.arrived.id)
            fresh = await self.store.keep(item.arrived, body, None, now, deadline)
        if fresh:
            letter = item.arrived.letter
            fields = {"subscription": letter.subscription, "message_id": letter.message, "reason": letter.reason}
            self.log.write("dead_letter_kept", "WARNING", trace, letter=item.arrived.id, code=letter.code, **fields)

    async def _of_event(
        self, letter: Letter, delivered: Delivery, tokens: Pseudonymiser, deadline: Deadline
    ) -> Subject:
        """What an event is about, if it can be decoded: many a letter is right, and had a fault of ours in its way."""
        message = Message(delivered.message.data, letter.attributes)
        came = Delivery(message, letter.message, letter.subscription, None, letter.published_at)
        try:
            event = await decode_event(self.decoder, came, deadline.within(_SECONDS), None)
        except Exception:  # noqa: BLE001 - what broke its reader breaks no record
            return Subject()
        if event is None:
            return Subject()
        # A line of the decision log names its client by a token already.
        client = event.client if isinstance(event, AdviceGiven) else tokens.client(event.client)
        return Subject(event.event_id, client=client)


def _given_up(letter: Letter, body: bytes) -> Command | None:
    """The command that a forwarded letter is, where it can be read, and came by the topic of its type."""
    topic = topics().get(letter.topic)
    if letter.code != NOT_DELIVERED or topic is None or not topic.command:
        return None
    try:
        command = parse(body)
    except (Invalid, TooLarge):
        return None
    return command if command.type == topic.command else None
