"""How the attempt to do a command ended, where it came to an end: what a handler says."""

from collections.abc import Mapping
from typing import Self

import msgspec

from shared.commands.status import CommandStatus


class CommandOutcome(msgspec.Struct, frozen=True):
    """The end of a command: `status` is final, `code` says why (`[a-z_]+`, empty for what was done).

    `result` says what there is now (a ticket's key, a notification's id). It is logged and kept, so nothing in it is
    personal.
    """

    status: CommandStatus
    code: str = ""
    result: Mapping[str, str] = msgspec.field(default_factory=dict)

    @classmethod
    def done(cls, result: Mapping[str, str] | None = None) -> Self:
        """It happened."""
        return cls(CommandStatus.DONE, result=result or {})

    @classmethod
    def refused(cls, code: str) -> Self:
        """The downstream said no, and would say so again."""
        return cls(CommandStatus.REFUSED, code)

    @classmethod
    def ambiguous(cls, code: str) -> Self:
        """It may have happened, nobody can find out, and doing it again would be worse."""
        return cls(CommandStatus.AMBIGUOUS, code)
