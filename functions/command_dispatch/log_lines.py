"""The log lines about commands: ids, codes and results, nothing personal."""

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


class CommandLog(msgspec.Struct, frozen=True):
    """Writes the lines to `log`."""

    log: Log

    def status(self, trace: Trace, command: Command, entry: Entry) -> None:
        """The status that a command has reached, with its code, reason and result where there are any."""
        fields: dict[str, Any] = {"outcome": entry.status.value, "tries": entry.attempts}
        if entry.code:
            fields["code"] = entry.code
        if entry.reason:
            fields["reason"] = entry.reason
        if entry.result:
            fields["result"] = entry.result
        if entry.uncertain:
            fields["uncertain"] = True
        if entry.status is CommandStatus.PARKED:
            fields["until"] = entry.until
        self.log.write("command", _severity(entry), trace, **fields, **_fields_of(command))

    def duplicate(self, trace: Trace, command: Command) -> None:
        """A command was delivered again, and there was nothing to do."""
        self.log.write("command_repeated", "INFO", trace, **_fields_of(command))

    def superseded(self, trace: Trace, command: Command) -> None:
        """The end of an attempt changed nothing: its lease had lapsed, and another attempt has begun or ended since."""
        self.log.write("command_overtaken", "WARNING", trace, **_fields_of(command))

    def conflict(self, trace: Trace, command: Command, letter: Reason) -> None:
        """A command has the id of another one, and is a dead letter."""
        self.log.write("dead_lettered", "WARNING", trace, code=letter.code, reason=letter.reason, **_fields_of(command))

    def failed(self, trace: Trace, command: Command, error: Exception) -> None:
        """A handler raised `error`: one of our tree is named, any other is logged with its traceback."""
        if isinstance(error, SlackerError) and not isinstance(error, Misconfigured):
            fields = {"error": type(error).__name__, "reason": str(error)}
            self.log.write("command_failed", "INFO", trace, **fields, **_fields_of(command))
        else:
            self.log.write_exception("command_failed", trace, error, **_fields_of(command))

    def not_published(self, trace: Trace, command: Command, failure: Exception) -> None:
        """The publication of a dead letter was not confirmed; it is published at the next delivery."""
        self.log.write_exception("dead_letter_not_published", trace, failure, **_fields_of(command))


def _severity(entry: Entry) -> Severity:
    if entry.status is CommandStatus.EXPIRED and entry.type in PAYMENTS:
        return "ERROR"  # a payment stays held, and nothing else will say so
    return "WARNING" if entry.status in _TO_BE_SEEN else "INFO"


def _fields_of(command: Command) -> dict[str, Any]:
    fields: dict[str, Any] = {"command_id": command.id, "command_type": command.type}
    if command.operation is not None:
        operation = command.operation
        fields |= {"operation": operation.name, "operation_id": operation.id, "attempt": operation.attempt}
    return fields
