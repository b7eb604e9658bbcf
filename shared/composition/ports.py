"""Chooses the adapters of the ports by the settings, and imports only those it chooses."""

import os
from collections.abc import Mapping

import msgspec

from shared.clock import SYSTEM, Clock
from shared.deadline import Deadline
from shared.errors import Forbidden, Misconfigured, NotFound
from shared.http.callers import Callers, ServiceIdentity
from shared.messaging.publisher import Publisher
from shared.privacy import Pseudonymiser
from shared.runtime.secrets import Secrets
from shared.runtime.settings import AdapterSet, Environment, Settings, settings
from shared.storage.documents import Documents

TOKEN_KEY = "token-key"  # noqa: S105 - the secret's name
REGISTRY_AUTHORIZATION = "registry-authorization"
_TOKEN_KEY_BYTES = 32
_NO_AUTHORIZATION = (
    f"set SLACKER_REGISTRY_SECRET_VERSION to a version of the secret {REGISTRY_AUTHORIZATION} that this function may"
    " read, one line such as: Basic dXNlcjpwYXNzd29yZA=="
)


class Ports(msgspec.Struct):
    """The ports of one process, nothing opened yet; they belong to the event loop of the first call."""

    settings: Settings
    documents: Documents
    secrets: Secrets
    identity: ServiceIdentity
    callers: Callers
    clock: Clock = SYSTEM
    _publisher: Publisher | None = None

    @property
    def publisher(self) -> Publisher:
        """The publisher; its adapter is imported when it is first used, since most functions publish nothing."""
        if self._publisher is None:
            self._publisher = _publisher(self.settings)
        return self._publisher

    async def tokens(self, deadline: Deadline) -> Pseudonymiser:
        """The maker of tokens, with the key of the configured version; on a developer's machine it is created first.

        Raises what the secrets port does.
        """
        version = self.settings.token_key_version
        if self.settings.environment is Environment.LOCAL:
            await self._ensure_token_key(version, deadline)
        return Pseudonymiser(await self.secrets.access(TOKEN_KEY, version, deadline), version)

    async def registry_authorization(self, deadline: Deadline) -> str:
        """The value of the header `Authorization` for the schema registry; empty where it needs none.

        Raises `Misconfigured` for a secret that is absent or not one printable line, else what the secrets port does.
        """
        version = self.settings.registry_secret_version
        if not version:
            return ""
        try:
            value = (await self.secrets.access(REGISTRY_AUTHORIZATION, version, deadline)).decode("ascii").strip()
        except (NotFound, Forbidden, UnicodeDecodeError) as error:
            raise Misconfigured(_NO_AUTHORIZATION) from error
        if not value.isprintable() or not value:
            raise Misconfigured(_NO_AUTHORIZATION)
        return value

    async def close(self) -> None:
        """Close what is open."""
        await self.documents.close()
        await self.secrets.close()
        await self.identity.close()
        if self._publisher is not None:
            await self._publisher.close()

    async def _ensure_token_key(self, version: int, deadline: Deadline) -> None:
        from shared.embedded.file_secrets import FileSecrets  # noqa: PLC0415 - of one machine only

        if isinstance(self.secrets, FileSecrets):
            await self.secrets.ensure(TOKEN_KEY, version, lambda: os.urandom(_TOKEN_KEY_BYTES), deadline)


def open_ports(environ: Mapping[str, str], clock: Clock = SYSTEM) -> Ports:
    """The adapters that `environ` asks for, on `clock`; raises `Misconfigured` as `shared.runtime.settings` does."""
    from shared.gcp.forwarded_token import ForwardedCallers  # noqa: PLC0415 - each import costs cold start
    from shared.gcp.metadata import MetadataIdentity  # noqa: PLC0415

    configuration = settings(environ)
    identity = MetadataIdentity(configuration.metadata_host, clock)
    return Ports(
        configuration, _documents(configuration, clock), _secrets(configuration), identity, ForwardedCallers(), clock
    )


def _documents(configuration: Settings, clock: Clock) -> Documents:
    if configuration.adapters is AdapterSet.GCP:
        from shared.gcp.firestore_documents import FirestoreDocuments  # noqa: PLC0415

        return FirestoreDocuments(configuration.project, configuration.firestore_emulator)
    if configuration.adapters is AdapterSet.MEMORY:
        from shared.embedded.memory_documents import MemoryDocuments  # noqa: PLC0415

        return MemoryDocuments()
    from shared.embedded.sqlite_documents import SqliteDocuments  # noqa: PLC0415

    return SqliteDocuments(configuration.state / "documents.sqlite", clock)


def _secrets(configuration: Settings) -> Secrets:
    # Secret Manager has no emulator: where documents are in one, secrets are in a file.
    if configuration.adapters is AdapterSet.GCP and not configuration.firestore_emulator:
        from shared.gcp.secret_manager import SecretManager  # noqa: PLC0415

        return SecretManager(configuration.project)
    from shared.embedded.file_secrets import FileSecrets  # noqa: PLC0415

    return FileSecrets(configuration.state / "secrets.json")


def _publisher(configuration: Settings) -> Publisher:
    if configuration.adapters is AdapterSet.GCP:
        from shared.gcp.pubsub_publisher import PubsubPublisher  # noqa: PLC0415

        return PubsubPublisher(configuration.project, configuration.pubsub_emulator)
    if configuration.adapters is AdapterSet.MEMORY:
        from shared.embedded.memory_publisher import MemoryPublisher  # noqa: PLC0415

        return MemoryPublisher()
    from shared.embedded.broker_publisher import BrokerPublisher  # noqa: PLC0415

    return BrokerPublisher(configuration.broker, configuration.project)
