"""The tree of errors; only HTTP responses, dead letters and the command line turn them into something else.

SlackerError
├── Permanent               will never work: answer it, or dead-letter it
│   ├── Invalid             the input breaks its contract (422); names every field that does
│   │   └── Malformed       not even JSON, or not the declared encoding (400)
│   ├── TooLarge            the body is over its limit (413)
│   ├── UnsupportedMediaType  the body is of a type that is not taken (415)
│   ├── Unauthenticated     the caller is unknown (401)
│   ├── Forbidden           the caller is known, and not allowed (403)
│   ├── NotFound            no such operation, record or version (404)
│   ├── PreconditionFailed  what is to be changed is not as the caller read it (412)
│   ├── Conflict            what is there does not allow it: the same id with another content, a decision taken (409)
│   ├── Damaged             a document of our own cannot be read (500)
│   └── Misconfigured       this deployment cannot work as it is set up (500)
└── Transient               may work later: retry, or fall back
    ├── WriteConflict       a document changed between its read and its commit
    ├── DeadlineExceeded    no time is left
    ├── Overloaded          too much is waiting here already (429)
    ├── Uncertain           a call may have happened: its answer never came
    ├── Deferred            a downstream is not to be called before some time: it said so, or its breaker is open
    ├── UnknownSchema       a message names a schema that its registry does not know, or not yet
    └── Unavailable         a downstream is down or answered nonsense (503)

Messages are for people and never hold personal data: they name fields, not values.
"""

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with an input: `field` is a JSON pointer or a file position, `message` what was expected."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field or '/'}: {self.message}"


class SlackerError(Exception):
    """The root of the tree above."""


class Permanent(SlackerError):
    """Will never work, however often it is tried."""


class Invalid(Permanent):
    """The input breaks its contract. `problems` names every field that does."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems


class Malformed(Invalid):
    """The input is not in the declared encoding."""


class TooLarge(Permanent):
    """The body is larger than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes")
        self.limit = limit


class UnsupportedMediaType(Permanent):
    """The body is of a media type that is not taken here."""


class Unauthenticated(Permanent):
    """The caller is unknown."""


class Forbidden(Permanent):
    """The caller is known, and not allowed to do this."""


class NotFound(Permanent):
    """What was asked for does not exist."""


class PreconditionFailed(Permanent):
    """What is to be changed is not as the caller says that it read it (`If-Match`, `If-None-Match`)."""


class Conflict(Permanent):
    """What is there does not allow it: the same id came before with another content, or it was decided already."""


class Damaged(Permanent):
    """A document of our own cannot be read: no caller or message is at fault, a person has to repair it."""


class Misconfigured(Permanent):
    """This deployment cannot work as it is set up; the message says what to set."""


class Transient(SlackerError):
    """May work later."""


class WriteConflict(Transient):
    """A precondition of a commit failed; nothing of that commit was written."""


class DeadlineExceeded(Transient):
    """No time was left. A write that ran out of time may still have happened."""


class UnknownSchema(Transient):
    """A message names a schema that its registry does not know: a replica that lags, or never."""


class Overloaded(Transient):
    """More is waiting here than this instance takes on: it is to be sent again, later or to another one."""


class Uncertain(Transient):
    """A call was sent and its answer never came: it may have happened, so find out before repeating it."""


class Deferred(Transient):
    """To be tried again in `after` seconds, not earlier: a downstream said so, or its circuit breaker is open."""

    def __init__(self, message: str, after: float) -> None:
        super().__init__(message, after)
        self.after = after

    def __str__(self) -> str:
        return str(self.args[0])


class Unavailable(Transient):
    """A downstream is down, or answered what it should not."""
