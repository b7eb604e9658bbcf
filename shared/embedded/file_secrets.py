"""The secrets port in one JSON file, `{name: {version: base64}}`, that only its owner may read."""

import base64
import binascii
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from shared.deadline import Deadline
from shared.embedded.private_file import write_new
from shared.errors import DeadlineExceeded, Forbidden, Misconfigured, NotFound
from shared.json_value import NO_JSON

_PAUSE = 0.005  # seconds between two tries to get the lock

Versions = dict[str, dict[str, str]]


class FileSecrets:
    """Implements `shared.runtime.secrets.Secrets` with the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def access(self, name: str, version: int, deadline: Deadline) -> bytes:
        """See the port; raises `Misconfigured` if the file is not what this module writes."""
        if deadline.passed():
            raise DeadlineExceeded("no time was left for the secrets")
        encoded = self._read().get(name, {}).get(str(version))
        if encoded is None:
            raise NotFound(f"the secret {name} has no version {version} in {self._path}")
        try:
            return base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise Misconfigured(f"{self._path} holds no base64 for {name}: remove it") from error

    async def ensure(self, name: str, version: int, make: Callable[[], bytes], deadline: Deadline) -> None:
        """Create a version of a secret with `make` unless it exists; of several processes one creates it."""
        async with self._locked(deadline):
            secrets = self._read()
            versions = secrets.setdefault(name, {})
            if str(version) not in versions:
                versions[str(version)] = base64.b64encode(make()).decode()
                self._replace(secrets)

    async def close(self) -> None:
        """Nothing is open."""

    def _read(self) -> Versions:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Versions)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Forbidden(f"{self._path} cannot be read") from error
        except NO_JSON as error:
            raise Misconfigured(f"{self._path} is not a file of secrets: remove it") from error

    def _replace(self, secrets: Versions) -> None:
        # A reader sees the old file or the new one, never half of one.
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        write_new(fresh, msgspec.json.encode(secrets))
        fresh.replace(self._path)

    @asynccontextmanager
    async def _locked(self, deadline: Deadline) -> AsyncIterator[None]:
        """Hold the lock between processes; the operating system frees it when its process ends."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise Misconfigured(f"{self._path.parent} cannot be written: set SLACKER_STATE to a directory") from error
        try:
            while not _try_lock(lock):
                if deadline.passed():
                    raise DeadlineExceeded(f"no time was left to lock {self._path}")
                await deadline.sleep(_PAUSE)
            yield
        finally:
            os.close(lock)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
