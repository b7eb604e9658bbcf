"""A rule set knows no phases: where what it says is not legal, the nearest stricter answer that is stands in, else a
milder.
"""

from collections.abc import Set as AbstractSet

from shared.advice import Advice

ADJUSTED = "ADJUSTED_TO_LEGAL"
"""The reason added where another answer stood in."""

_BY_STRICTNESS = (Advice.APPROVE, Advice.STEPUP_NEEDED, Advice.MANUAL_APPROVAL_NEEDED, Advice.REJECT)


def nearest_legal(advice: Advice, legal: AbstractSet[Advice]) -> Advice:
    """`advice` if it is legal, else the next stricter one that is, else the next milder; `legal` is not empty."""
    strictness = _BY_STRICTNESS.index(advice)
    for candidate in (*_BY_STRICTNESS[strictness:], *reversed(_BY_STRICTNESS[:strictness])):
        if candidate in legal:
            return candidate
    return advice
