"""What runs on this machine, read from /proc: whether a stack has left anything behind."""

import os
import time
from contextlib import suppress
from pathlib import Path

from tests.support.eventually import PATIENCE


def of_state(state: Path) -> set[int]:
    """The processes that were started with this state directory in their environment."""
    processes = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if f"SLACKER_STATE={state}\0".encode() in (entry / "environ").read_bytes():
                    processes.add(int(entry.name))
    return processes - {os.getpid()}


def gone(state: Path, within: float = PATIENCE) -> bool:
    """Whether all of them end in time."""
    until = time.monotonic() + within
    while of_state(state):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
