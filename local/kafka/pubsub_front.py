"""What Google's sink connector connects to instead of Google: TLS before the emulator, and a server of tokens.

The connector has no switch for an emulator: it always speaks TLS (HTTP/2, agreed on by ALPN) and shows credentials.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.kafka.certificates import SERVER, Certificates
from local.stack.http_listener import HOST, listen

_CHUNK = 1 << 18


class PubsubFront:
    """Takes the connector's connections at `endpoint` and hands them to the emulator at `emulator` (host and port)."""

    def __init__(self, certificates: Certificates, emulator: Callable[[], str], folder: Path) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificates.server)
        self._context.set_alpn_protocols(["h2"])
        self._emulator = emulator
        self._server: asyncio.Server | None = None
        self._tokens: web.ServerRunner | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.credentials = folder / "service_account.json"
        self.endpoint = ""

    async def start(self) -> None:
        """Listen, and write the credentials that lead to this server of tokens."""
        self._server = await asyncio.start_server(self._connected, HOST, 0, ssl=self._context, limit=_CHUNK)
        self.endpoint = f"{SERVER}:{self._server.sockets[0].getsockname()[1]}"
        self._tokens, port = await listen(_token, 0, "the server of tokens")
        self.credentials.touch(mode=0o600)
        self.credentials.write_text(json.dumps(_account(f"http://{HOST}:{port}/token")), "utf-8")

    async def close(self) -> None:
        """Stop listening, and hang up."""
        if self._server is not None:
            self._server.close()
        for connection in self._open:
            connection.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        if self._tokens is not None:
            await self._tokens.cleanup()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        host, _, port = self._emulator().partition(":")
        try:
            back_reader, back_writer = await asyncio.open_connection(host, int(port), limit=_CHUNK)
        except OSError:  # the emulator is down: the connector tries again
            writer.close()
            return
        with suppress(BaseExceptionGroup, OSError):
            async with asyncio.TaskGroup() as both:
                both.create_task(_pass_on(reader, back_writer))
                both.create_task(_pass_on(back_reader, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _token(request: web.BaseRequest) -> web.StreamResponse:
    await request.read()
    return web.json_response({"access_token": "of-the-local-stack", "token_type": "Bearer", "expires_in": 3600})


def _account(token_uri: str) -> dict[str, str]:
    """A service account's key as Google hands it out, good for nothing but this server."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "type": "service_account",
        "project_id": "slacker-local",
        "private_key_id": "local",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "kafka-connect@slacker-local.iam.gserviceaccount.com",
        "client_id": "0",
        "token_uri": token_uri,
    }
