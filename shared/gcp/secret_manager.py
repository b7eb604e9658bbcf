"""The secrets port on Secret Manager: one version by its number, never `latest`, its checksum checked."""

from google.cloud.secretmanager_v1 import types
from grpc import StatusCode

from shared.deadline import Deadline
from shared.errors import Forbidden, NotFound, Unavailable
from shared.gcp.crc32c import crc32c
from shared.gcp.grpc_channel import Channel, Method

HOST = "secretmanager.googleapis.com"

_ACCESS = Method(
    "/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion",
    types.AccessSecretVersionResponse.pb(),
    again=frozenset({StatusCode.UNAVAILABLE, StatusCode.INTERNAL, StatusCode.RESOURCE_EXHAUSTED}),
    errors={
        StatusCode.NOT_FOUND: NotFound,
        StatusCode.FAILED_PRECONDITION: NotFound,  # the version is disabled or destroyed
        StatusCode.PERMISSION_DENIED: Forbidden,
        StatusCode.UNAUTHENTICATED: Forbidden,
    },
)
_AccessRequest = types.AccessSecretVersionRequest.pb()


class SecretManager:
    """Implements `shared.runtime.secrets.Secrets` with the secrets of `project`; `emulator` is a stand-in's host
    and port.
    """

    def __init__(self, project: str, emulator: str = "") -> None:
        self._project = project
        self._channel = Channel(HOST, f"name=projects/{project}", emulator)

    async def access(self, name: str, version: int, deadline: Deadline) -> bytes:
        """See the port."""
        request = _AccessRequest(name=f"projects/{self._project}/secrets/{name}/versions/{version}")
        payload = (await self._channel.unary(_ACCESS, request, deadline)).payload
        data: bytes = payload.data
        if payload.HasField("data_crc32c") and payload.data_crc32c != crc32c(data):
            raise Unavailable(f"the secret {name} was damaged on its way")
        return data

    async def close(self) -> None:
        """See the port."""
        await self._channel.close()
