"""What Google's connector finds: TLS that its authority vouches for, HTTP/2 agreed on, and a server of tokens."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from local.kafka import certificates
from local.kafka.pubsub_front import PubsubFront
from local.stack.http_listener import HOST
from tests.support.eventually import PATIENCE


@asynccontextmanager
async def front(folder: Path, emulator: str) -> AsyncIterator[PubsubFront]:
    started = PubsubFront(certificates.make(folder), lambda: emulator, folder)
    await started.start()
    try:
        yield started
    finally:
        await started.close()


@asynccontextmanager
async def echo() -> AsyncIterator[str]:
    """A server that sends back what it gets, in capitals."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, HOST, 0)
    async with server:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"


async def connect(endpoint: str, authority: Path | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["h2"])
    host, _, port = endpoint.partition(":")
    return await asyncio.open_connection(host, int(port), ssl=context)


async def test_bytes_pass_both_ways_under_tls(tmp_path: Path) -> None:
    async with echo() as emulator, front(tmp_path, emulator) as started:
        reader, writer = await connect(started.endpoint, tmp_path / "authority.pem")
        writer.write(b"hello\n")
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b"HELLO\n"
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        writer.close()


async def test_who_does_not_know_the_authority_does_not_believe_it(tmp_path: Path) -> None:
    async with front(tmp_path, f"{HOST}:9") as started:
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(started.endpoint, None)


async def test_while_the_emulator_is_down_connections_are_ended(tmp_path: Path) -> None:
    async with front(tmp_path, f"{HOST}:9") as started:
        reader, writer = await connect(started.endpoint, tmp_path / "authority.pem")
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()


async def test_the_credentials_lead_to_a_token_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    async with front(tmp_path, f"{HOST}:9") as started:
        account = json.loads(started.credentials.read_text())
        async with aiohttp.ClientSession() as session, session.post(account["token_uri"]) as answer:
            assert (await answer.json())["token_type"] == "Bearer"
        assert started.credentials.stat().st_mode & 0o077 == 0
