"""How an attempt to send ended, in four kinds of failure, and what each of them means for each channel.

A push may be sent twice: a device shows the second in the place of the first. A text message may not: each of them is
read, and a client who gets two believes in two payments.
"""

from enum import StrEnum

import msgspec

_REFERENCE = 64  # characters: a history holds hundreds of them


class ResultKind(StrEnum):
    """What is known of one attempt."""

    ACCEPTED = "accepted"
    """It was taken, to be delivered."""

    RETRY = "retry"
    """It was not, and may be later."""

    PERMANENT = "permanent"
    """It never will be."""

    AMBIGUOUS = "ambiguous"
    """Nobody knows: it may be on its way."""

    CONFIGURATION = "configuration"
    """Nothing can be sent as this deployment is set up."""


class DeliveryResult(msgspec.Struct, frozen=True):
    """`code` says why in a word, or how the other side calls it; `after` are seconds to wait before a retry, where it
    said so; `gone`: the address is nobody's any more; `detail` is for people, where there is more to say.
    """

    kind: ResultKind
    code: str = ""
    after: float | None = None
    gone: bool = False
    detail: str = ""


def accepted(reference: str = "") -> DeliveryResult:
    """Taken; `reference` is the other side's, as much of it as is kept."""
    return DeliveryResult(ResultKind.ACCEPTED, reference[:_REFERENCE])


def permanent(code: str, *, gone: bool = False) -> DeliveryResult:
    """Never will be, for the reason `code`."""
    return DeliveryResult(ResultKind.PERMANENT, code, gone=gone)
