"""The four answers to a bank service's question."""

from enum import StrEnum


class Advice(StrEnum):
    """Whether the operation may go on."""

    APPROVE = "APPROVE"
    """Go on."""

    REJECT = "REJECT"
    """Do not."""

    STEPUP_NEEDED = "STEPUP_NEEDED"
    """Authenticate the client more strongly, then ask again."""

    MANUAL_APPROVAL_NEEDED = "MANUAL_APPROVAL_NEEDED"
    """Hold it until a person has decided."""
