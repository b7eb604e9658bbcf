"""The credential for a service: one version of a secret, read once; a rotation is another version in the settings."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, Misconfigured, NotFound, Unavailable
from shared.runtime.secrets import Secrets


def basic(secret: bytes) -> str:
    """The header for a secret `user:password` (RFC 7617)."""
    return f"Basic {b64encode(secret.strip()).decode()}"


def bearer(secret: bytes) -> str:
    """The header for a token (RFC 6750)."""
    return f"Bearer {secret.strip().decode('ascii')}"


class Credential:
    """Authorises the calls of a `ServiceClient`; `scheme` is one of the functions above."""

    def __init__(self, secrets: Secrets, name: str, version: int, scheme: Callable[[bytes], str]) -> None:
        self._secrets = secrets
        self._name, self._version = name, version
        self._scheme = scheme
        self._reading = asyncio.Lock()
        self._headers: Mapping[str, str] | None = None

    async def __call__(self, deadline: Deadline) -> Mapping[str, str]:
        """The headers; raises `Misconfigured` for a version that is not there, not ours to read or no credential, and
        `Unavailable` where the secrets do not answer: the service has not been called then.
        """
        async with self._reading:
            if self._headers is None:
                self._headers = {"authorization": await self._header(deadline)}
            return self._headers

    async def _header(self, deadline: Deadline) -> str:
        try:
            return self._scheme(await self._secrets.access(self._name, self._version, deadline))
        except DeadlineExceeded as error:
            raise Unavailable(f"the secret {self._name} was not read in time") from error
        except (NotFound, Forbidden, UnicodeDecodeError) as error:
            raise Misconfigured(
                f"version {self._version} of the secret {self._name} is no credential: {type(error).__name__}"
            ) from error
