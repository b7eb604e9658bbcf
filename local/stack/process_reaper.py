"""Kills every process group that the stack has started, once the stack has ended, however it ended.

Read on standard input, one a line: `+GROUP` started, `-GROUP` ended. The pipe closes when the stack ends, even by
`kill -9`. It is a process of its own, in a session of its own so that Ctrl-C does not reach it.
"""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Watch until the pipe closes, then kill what was not reported as ended."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
