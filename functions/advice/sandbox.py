"""Operation ids that force an outcome, so that a service team can test its own code against every answer there is.

`sandbox.<outcome>.<anything>`; outcomes are those below. Production refuses such an id before anything else happens.
"""

from enum import StrEnum

from shared.advice import Advice
from shared.errors import Invalid, Problem

PREFIX = "sandbox."


class Forced(StrEnum):
    """The outcomes that can be forced."""

    APPROVE = "approve"
    REJECT = "reject"
    STEPUP = "stepup"
    MANUAL = "manual"
    LATE = "late"
    """The declared answer, after the risk function was waited for in vain."""

    TIMEOUT = "timeout"
    """No answer until long after the deadline, then a 503."""

    ERROR = "error"
    """A 503 at once."""


ADVICE = {
    Forced.APPROVE: Advice.APPROVE,
    Forced.REJECT: Advice.REJECT,
    Forced.STEPUP: Advice.STEPUP_NEEDED,
    Forced.MANUAL: Advice.MANUAL_APPROVAL_NEEDED,
}


def forced(operation_id: str, *, allowed: bool) -> Forced | None:
    """What an operation id forces; raises `Invalid` where sandbox ids are not allowed, or the outcome is unknown."""
    if not operation_id.startswith(PREFIX):
        return None
    if not allowed:
        raise Invalid(Problem("/operation_id", "ids that start with sandbox. are not for production"))
    outcome = operation_id.removeprefix(PREFIX).split(".", 1)[0]
    try:
        return Forced(outcome)
    except ValueError as error:
        expected = ", ".join(Forced)
        raise Invalid(
            Problem("/operation_id", f"sandbox.<outcome>.<anything> expected, outcome one of {expected}")
        ) from error
