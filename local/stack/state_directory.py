"""The directory of a stack's state; of what is in it, only files that a stack has written are ever removed."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from shared.embedded import stack_file
from shared.errors import Misconfigured

_LOCK = "stack.lock"
_SQLITE = tuple(f"{name}.sqlite{end}" for name in ("documents", "broker") for end in ("", "-wal", "-shm"))
_OWN = (
    *_SQLITE,
    "secrets.json",
    stack_file.ANNOUNCEMENT,
    "broker.json",
    stack_file.KEY,
    "rebuild/progress.json",
    "pubsub/env.yaml",
)
_OWN_PATTERNS = (
    "logs/*.jsonl",
    "logs/*.stderr.log",
    "archive/*/*.avro",
    "archive/*/*.part",
    "rebuild/partitions/*",
    "stand_ins/*.sqlite*",
    "signing/*.pem",
)


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """The state directory of a stack."""

    directory: Path

    @property
    def logs(self) -> Path:
        """Where each function's lines go: `NAME.jsonl` as the log sink gets them, `NAME.stderr.log` for people."""
        return self.directory / "logs"

    @property
    def key(self) -> Path:
        """The front's signing key."""
        return self.directory / stack_file.KEY

    @property
    def secrets(self) -> Path:
        """The file of secrets."""
        return self.directory / "secrets.json"

    @property
    def broker(self) -> Path:
        """The broker's file."""
        return self.directory / "broker.sqlite"

    @property
    def archive(self) -> Path:
        """The archived messages, as a Cloud Storage subscription writes them."""
        return self.directory / "archive"

    @property
    def rebuild(self) -> Path:
        """Where a rebuild keeps how far it has come."""
        return self.directory / "rebuild"

    def claim(self) -> TextIO:
        """Make the directory and hold it until the file is closed; raises `Misconfigured` if another stack has it.

        What this process and those that it starts write from now on is for its owner alone: keys, events, who was told
        what.
        """
        os.umask(0o077)
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            if (self.directory / _LOCK).exists():  # a stack's own, perhaps from before it was for its owner alone
                self.directory.chmod(0o700)
        except OSError as error:
            raise Misconfigured(f"the state directory {self.directory} cannot be made: {error.strerror}") from error
        lock = (self.directory / _LOCK).open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise Misconfigured(
                f"another stack is using {self.directory}: stop it, or choose another --state"
            ) from None
        return lock

    def wipe(self) -> None:
        """Remove what a stack has left here; call it with the claim held."""
        for name in _OWN:
            (self.directory / name).unlink(missing_ok=True)
        for pattern in _OWN_PATTERNS:
            for path in self.directory.glob(pattern):
                path.unlink()


def inherited() -> dict[str, str]:
    """The part of this process's environment that functions get: enough to run Python, no settings of a cloud."""
    passed = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
    return {name: os.environ[name] for name in passed if name in os.environ}
