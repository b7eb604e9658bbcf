"""The directory a stack keeps its state in: what lies there is its own, and nothing else in it is ever touched."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from shared.errors import Misconfigured, NotFound

_SQLITE = tuple(f"{name}.sqlite{end}" for name in ("documents", "broker") for end in ("", "-wal", "-shm"))
_OWN = (
    *_SQLITE,
    "secrets.json",
    "stack.json",
    "broker.json",
    "front_key.pem",
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
)


@dataclass(frozen=True, slots=True)
class State:
    """The state directory of a stack."""

    directory: Path

    @property
    def logs(self) -> Path:
        """Where each function's lines go: `NAME.jsonl` as the log sink gets them, `NAME.stderr.log` for people."""
        return self.directory / "logs"

    @property
    def key(self) -> Path:
        """The front's signing key."""
        return self.directory / "front_key.pem"

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
        """Make the directory and hold it until the file is closed; raises `Misconfigured` if another stack has it."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"the state directory {self.directory} cannot be made: {error.strerror}") from error
        held = (self.directory / "stack.lock").open("a")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            raise Misconfigured(
                f"another stack is using {self.directory}: stop it, or choose another --state"
            ) from None
        return held

    def wipe(self) -> None:
        """Remove what a stack has left here; call it with the claim held."""
        for name in _OWN:
            (self.directory / name).unlink(missing_ok=True)
        for pattern in _OWN_PATTERNS:
            for path in self.directory.glob(pattern):
                path.unlink()

    def announce(self, stack: Mapping[str, Any]) -> None:
        """Tell other commands where the running stack is."""
        path = self.directory / "stack.json"
        path.write_text(json.dumps(stack, indent=2) + "\n", "utf-8")

    def announced(self) -> dict[str, Any]:
        """What the stack that runs (or ran last) here announced; raises `NotFound` if none did."""
        try:
            stack: dict[str, Any] = json.loads((self.directory / "stack.json").read_text("utf-8"))
        except FileNotFoundError:
            raise NotFound(f"no stack has run in {self.directory}: start one with `python -m local up`") from None
        return stack


def inherited() -> dict[str, str]:
    """The part of this process's environment that functions get: enough to run Python, no settings of a cloud."""
    passed = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
    return {name: os.environ[name] for name in passed if name in os.environ}
