"""Files that their owner alone may read: keys and secrets of one machine."""

import os
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Make a file with `content`; raises `FileExistsError` where there is one."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
