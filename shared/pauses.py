"""How long to wait before each further try: longer every time, and never as long as everybody else (jitter)."""

import random
from collections.abc import Iterator


def pauses(first: float, growth: float, longest: float = float("inf")) -> Iterator[float]:
    """Pauses in seconds without end: each between half and all of `first`, then of `growth` times the one before, up to
    `longest`.
    """
    pause = first
    while True:
        yield random.uniform(pause / 2, pause)  # noqa: S311 - spreads retries, guards nothing
        pause = min(growth * pause, longest)
