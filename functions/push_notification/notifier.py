"""From a delivery to a notification that is sent, waits, or is not sent for a reason that is on record.

A message is acknowledged when the client's history says what became of it. What breaks its template, or does not pass
the gate, is in the dead letters and on record.
"""

from collections.abc import Mapping

import msgspec

from shared.attempts.claim import ClaimDecision
from shared.clock import Clock
from shared.commands.command import parse
from shared.deadline import Deadline
from shared.errors import Conflict, Invalid, SlackerError, Unavailable
from shared.messaging.dead_letter_publisher import DeadLetterPublisher
from shared.messaging.messages import Delivery
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.notification import Channel, Notification, from_command
from shared.notifications.planning import Plan, new_entry
from shared.notifications.rendering import PreparedNotification, prepare
from shared.notifications.results import DeviceResult
from shared.notifications.templates import Templates, find
from shared.storage.group_commit import GroupCommit
from shared.trace import Trace, child_of

from .delivery import send
from .history_fold import AttemptEnded, Begin, Item, Refuse
from .log_lines import NotificationLog
from .sender import Sender

_TO_BOOK = 1.5  # seconds kept for the end of an attempt
_TO_BEGIN = 1.0  # seconds: with less than these an attempt would only end in doubt
_LATE = (DeviceResult("", DeliveryResult(ResultKind.RETRY, "too_little_time")),)


class Notifier(msgspec.Struct, frozen=True):
    """Implements `shared.messaging.subscriber.MessageHandler`. `listed` are telephone numbers that may be told,
    `dry_run` makes one of everything.
    """

    histories: GroupCommit[Item, Plan]
    senders: Mapping[Channel, Sender]
    templates: Templates
    listed: frozenset[str]
    dead_letters: DeadLetterPublisher
    lines: NotificationLog
    dry_run: bool
    clock: Clock

    async def parse(self, delivered: Delivery, deadline: Deadline) -> PreparedNotification:
        """See the port. What must not leave is on record before it goes to the dead letters."""
        data = delivered.message.data
        notification = from_command(parse(data), data)
        notification = msgspec.structs.replace(notification, dry_run=notification.dry_run or self.dry_run)
        try:
            return prepare(notification, find(self.templates, notification.template, notification.version), self.listed)
        except Invalid as error:
            now = self.clock.now()
            refusal = Refuse(self._client(notification), new_entry(notification, now), str(error), now)
            await self.histories.submit(refusal, len(data), deadline)
            raise

    async def handle(self, item: PreparedNotification, delivered: Delivery, trace: Trace, deadline: Deadline) -> None:
        """See the port."""
        notification = item.notification
        trace = child_of(notification.traceparent, bytes.fromhex(trace.trace_id + trace.span_id))
        sender, client = self.senders[notification.channel], self._client(notification)
        begin = Begin(client, item, self.clock.now(), sender.needs_device)
        planned = await self.histories.submit(begin, len(notification.encoded), deadline)
        if planned.decision is ClaimDecision.RETRY:
            raise Unavailable("the notification is being sent, or was until somebody died: to be delivered again")
        if planned.decision is ClaimDecision.CONFLICT:
            await self._dead_letter(notification, delivered, trace, deadline)
        elif planned.decision is ClaimDecision.ATTEMPT:
            await self._send(sender, item, planned, client, trace, deadline)
        else:
            self.lines.status(trace, notification, planned.entry)

    async def _send(
        self, sender: Sender, item: PreparedNotification, planned: Plan, client: str, trace: Trace, deadline: Deadline
    ) -> None:
        """Send, and book how it ended."""
        late = deadline.remaining() < _TO_BOOK + _TO_BEGIN
        results = _LATE if late else await send(sender, item, planned, deadline.less(_TO_BOOK))
        for device_result in results:
            if device_result.result.kind is not ResultKind.ACCEPTED:
                self.lines.failed(trace, item.notification, device_result.result)
        ended = AttemptEnded(client, item.notification, planned.entry, results, self.clock.now())
        booked = await self.histories.submit(ended, 0, deadline)
        if booked.decision is not ClaimDecision.REPORT:
            self.lines.superseded(trace, item.notification)
        else:
            self.lines.status(trace, item.notification, booked.entry)
        if booked.decision is ClaimDecision.RETRY or booked.entry.awaits_redelivery:
            raise Unavailable("it was not sent, and may be later")

    async def _dead_letter(
        self, notification: Notification, delivered: Delivery, trace: Trace, deadline: Deadline
    ) -> None:
        conflict = Conflict("another notification has the same id")
        try:
            await self.dead_letters.publish_error(delivered, conflict, deadline)
        except SlackerError as failure:
            self.lines.not_published(trace, notification, failure)
            raise Unavailable("the dead letter was not published") from failure
        self.lines.conflict(trace, notification, str(conflict))

    def _client(self, notification: Notification) -> str:
        tokens = self.lines.log.tokens
        if tokens is None:
            raise Unavailable("without the token key no document can be named")
        return tokens.client(notification.client)
