"""What the log tells of notifications: templates, outcomes and codes; neither what was said nor to which number."""

import msgspec

from shared.errors import SlackerError
from shared.notifications.delivery_result import DeliveryResult, ResultKind
from shared.notifications.history import HistoryEntry, Status
from shared.notifications.notification import Notification
from shared.runtime.log import Log, Severity
from shared.trace import Trace

_SEVERITY: dict[Status, Severity] = {Status.AMBIGUOUS: "WARNING", Status.REFUSED: "WARNING"}


class Lines(msgspec.Struct, frozen=True):
    """Writes them to `log`."""

    log: Log

    def stands(self, trace: Trace, asked: Notification, entry: HistoryEntry) -> None:
        """Where a notification stands now."""
        told = {"outcome": entry.status.value, "template": entry.template, "channel": entry.channel}
        if asked.operation_id:
            told["operation_id"] = asked.operation_id
        if entry.reason:
            told["code"] = entry.reason
        if entry.status is Status.WAITING and entry.until is not None:
            told["until"] = entry.until.isoformat()
        severity = _SEVERITY.get(entry.status, "INFO")
        self.log.write(
            "notification", severity, trace, command_id=asked.id, client=asked.client,
            **told,
        )  # fmt: skip

    def failed(self, trace: Trace, asked: Notification, outcome: DeliveryResult) -> None:
        """How an attempt failed; what only a person can mend is an error."""
        severity: Severity = "ERROR" if outcome.kind is ResultKind.CONFIGURATION else "INFO"
        told = {"reason": outcome.detail} if outcome.detail else {}
        self.log.write(
            "notification_failed", severity, trace, command_id=asked.id, outcome=outcome.kind.value, code=outcome.code,
            **told,
        )  # fmt: skip

    def overtaken(self, trace: Trace, asked: Notification) -> None:
        """An attempt ended after its lease had lapsed and somebody else had taken over."""
        self.log.write("notification_overtaken", "WARNING", trace, command_id=asked.id)

    def conflict(self, trace: Trace, asked: Notification, reason: str) -> None:
        """Its id is another notification's."""
        self.log.write("dead_lettered", "WARNING", trace, command_id=asked.id, code="conflict", reason=reason)

    def not_published(self, trace: Trace, asked: Notification, failure: SlackerError) -> None:
        """A dead letter was not confirmed."""
        self.log.write_exception("dead_letter_not_published", trace, failure, command_id=asked.id)
