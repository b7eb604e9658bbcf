"""The log lines about notifications: templates, outcomes and codes, neither texts nor telephone numbers."""

import msgspec

from shared.errors import SlackerError
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.history import HistoryEntry, Status
from shared.notifications.notification import Notification
from shared.runtime.log import Log, Severity
from shared.trace import Trace

_SEVERITY: dict[Status, Severity] = {Status.AMBIGUOUS: "WARNING", Status.REFUSED: "WARNING"}


class NotificationLog(msgspec.Struct, frozen=True):
    """Writes the lines to `log`."""

    log: Log

    def status(self, trace: Trace, notification: Notification, entry: HistoryEntry) -> None:
        """The status that a notification has reached, with its code and until when it waits, where it does."""
        fields = {"outcome": entry.status.value, "template": entry.template, "channel": entry.channel}
        if notification.operation_id:
            fields["operation_id"] = notification.operation_id
        if entry.reason:
            fields["code"] = entry.reason
        if entry.status is Status.WAITING and entry.until is not None:
            fields["until"] = entry.until.isoformat()
        severity = _SEVERITY.get(entry.status, "INFO")
        self.log.write(
            "notification", severity, trace, command_id=notification.id, client=notification.client,
            **fields,
        )  # fmt: skip

    def failed(self, trace: Trace, notification: Notification, outcome: DeliveryResult) -> None:
        """An attempt failed; severity is `ERROR` where the deployment is set up wrongly, else `INFO`."""
        severity: Severity = "ERROR" if outcome.kind is ResultKind.CONFIGURATION else "INFO"
        fields = {"reason": outcome.detail} if outcome.detail else {}
        self.log.write(
            "notification_failed", severity, trace, command_id=notification.id,
            outcome=outcome.kind.value, code=outcome.code, **fields,
        )  # fmt: skip

    def superseded(self, trace: Trace, notification: Notification) -> None:
        """The end of an attempt changed nothing: its lease had lapsed, and another attempt has begun or ended since."""
        self.log.write("notification_overtaken", "WARNING", trace, command_id=notification.id)

    def conflict(self, trace: Trace, notification: Notification, reason: str) -> None:
        """A notification has the id of another one, and is a dead letter."""
        self.log.write("dead_lettered", "WARNING", trace, command_id=notification.id, code="conflict", reason=reason)

    def not_published(self, trace: Trace, notification: Notification, failure: SlackerError) -> None:
        """The publication of a dead letter was not confirmed."""
        self.log.write_exception("dead_letter_not_published", trace, failure, command_id=notification.id)
