"""Compare-and-set: a step that reads, decides and commits is repeated after a write conflict."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.backoff import backoff
from shared.deadline import Deadline
from shared.errors import WriteConflict

T = TypeVar("T")

_TRIES = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.2  # seconds


async def compare_and_set(step: Callable[[], Awaitable[T]], deadline: Deadline, *, tries: int = _TRIES) -> T:
    """The result of `step`, which reads, decides and commits; run up to `tries` times, with growing pauses.

    Raises `WriteConflict` after the last try, and at once whatever else the step raises.
    """
    pauses = backoff(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE)
    for left in reversed(range(tries)):
        try:
            return await step()
        except WriteConflict:
            if left:
                await deadline.sleep(next(pauses))
    raise WriteConflict(f"the documents changed under {tries} tries")
