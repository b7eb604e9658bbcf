"""What whoever waits for a long campaign is told, with `pytest -s`."""

import sys

_LONG = 2_000


def tell(line: str, size: int) -> None:
    """Print `line`, if the campaign has that `size`."""
    if size > _LONG:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - whoever waits for a long campaign
