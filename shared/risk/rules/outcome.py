"""What a rule set says about one operation: the advice, and all that explains it."""

import msgspec

from shared.advice import Advice


class Outcome(msgspec.Struct, frozen=True):
    """The result of one evaluation. Equal facts share one instance, so it must not and cannot be changed.

    `reasons` are the codes of what led to the advice, in the order of the rule set, each once. `hits` and `unknowns`
    are the ids of all rules that hit and of all that could not be told for missing data. `score` is the sum of the
    scores that counted. `notify` is the template of the message to the client, if the advice is what that rule asked.
    """

    advice: Advice
    score: int = 0
    reasons: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    notify: str | None = None
