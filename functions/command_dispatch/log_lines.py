"""What the log tells of commands: ids, codes and results, nothing personal."""

from typing import Any

import msgspec

from shared.commands.command import Command
from shared.commands.ledger import Entry
from shared.commands.status import CommandStatus
from shared.commands.types import PAYMENTS
from shared.errors import Misconfigured, SlackerError
from shared.messaging.dead_letter_publisher import Reason
from shared.runtime.log import Log, Severity
from shared.trace import Trace

_TO_BE_SEEN = frozenset(
    {CommandStatus.REFUSED, CommandStatus.EXPIRED, CommandStatus.AMBIGUOUS, CommandStatus.DEAD_LETTERED}
)


class Lines(msgspec.Struct, frozen=True):
    """Writes them to `log`."""

    log: Log

    def stands(self, trace: Trace, command: Command, entry: Entry) -> None:
        """Where a command stands now."""
        told: dict[str, Any] = {"outcome": entry.status.value, "tries": entry.attempts}
        if entry.code:
            told["code"] = entry.code
        if entry.reason:
            told["reason"] = entry.reason
        if entry.result:
            told["result"] = entry.result
        if entry.uncertain:
            told["uncertain"] = True
        if entry.status is CommandStatus.PARKED:
            told["until"] = entry.until
        self.log.write("command", _severity(entry), trace, **told, **_named(command))

    def repeated(self, trace: Trace, command: Command) -> None:
        """It came again, and there was nothing to do."""
        self.log.write("command_repeated", "INFO", trace, **_named(command))

    def overtaken(self, trace: Trace, command: Command) -> None:
        """An attempt ended after its claim had lapsed and somebody else had taken over."""
        self.log.write("command_overtaken", "WARNING", trace, **_named(command))

    def conflict(self, trace: Trace, command: Command, letter: Reason) -> None:
        """Its id is another command's."""
        self.log.write("dead_lettered", "WARNING", trace, code=letter.code, reason=letter.reason, **_named(command))

    def failed(self, trace: Trace, command: Command, error: Exception) -> None:
        """What a handler raised: a fault of ours with where it was raised, a downstream's in a word."""
        if isinstance(error, SlackerError) and not isinstance(error, Misconfigured):
            told = {"error": type(error).__name__, "reason": str(error)}
            self.log.write("command_failed", "INFO", trace, **told, **_named(command))
        else:
            self.log.write_exception("command_failed", trace, error, **_named(command))

    def not_published(self, trace: Trace, command: Command, failure: Exception) -> None:
        """A dead letter was not confirmed, and is to be published at the next delivery."""
        self.log.write_exception("dead_letter_not_published", trace, failure, **_named(command))


def _severity(entry: Entry) -> Severity:
    if entry.status is CommandStatus.EXPIRED and entry.type in PAYMENTS:
        return "ERROR"  # a payment stays held, and nothing else will say so
    return "WARNING" if entry.status in _TO_BE_SEEN else "INFO"


def _named(command: Command) -> dict[str, Any]:
    told: dict[str, Any] = {"command_id": command.id, "command_type": command.type}
    if command.operation is not None:
        operation = command.operation
        told |= {"operation": operation.name, "operation_id": operation.id, "attempt": operation.attempt}
    return told
