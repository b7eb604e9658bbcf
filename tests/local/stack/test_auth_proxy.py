"""The front verifies, strips and passes on as Cloud Run does; the metadata server says who a function is."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from local.stack import auth_proxy as front_module
from local.stack import tokens
from local.stack.auth_proxy import MAX_BYTES, AuthProxy
from local.stack.http_listener import bind, free_ports, listen
from local.stack.metadata import MetadataServer
from local.stack.tokens import REMOVED, Tokens
from shared.embedded.local_token import LIFETIME
from shared.errors import Misconfigured, Unauthenticated

EMAIL = "payments@slacker.local"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return tokens.load_or_create(tmp_path_factory.mktemp("key") / "front_key.pem")


async def _echo(request: web.BaseRequest) -> web.Response:
    body = await request.read()
    seen = {"path": request.raw_path, "authorization": request.headers.get("authorization"), "bytes": len(body)}
    return web.json_response(
        {**seen, "names": sorted(name.lower() for name in request.headers)}, status=201, headers={"x-answer": "yes"}
    )


@pytest.fixture
async def front(signer: Tokens) -> AsyncIterator[AuthProxy]:
    runner, port = await listen(_echo, 0, "the echo")
    started = AuthProxy(signer, {"advice": port, "risk_decision": port})
    await started.start()
    for route in started.routes.values():
        route.ready.set()
    yield started
    await started.close()
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_good_token_passes_with_its_signature_replaced(
    front: AuthProxy, signer: Tokens, session: aiohttp.ClientSession
) -> None:
    url = front.routes["advice"].url
    token = signer.sign(EMAIL, url, time.time())
    async with session.post(f"{url}/v1/a%2Fb?c=%20d", data=b"12345", headers=_bearer(token)) as response:
        seen = await response.json()
    head, payload, _ = token.split(".")
    assert (response.status, response.headers["x-answer"]) == (201, "yes")
    assert seen["path"] == "/v1/a%2Fb?c=%20d"
    assert seen["bytes"] == 5
    assert seen["authorization"] == f"Bearer {head}.{payload}.{REMOVED}"


async def test_the_claims_survive_the_stripping(
    front: AuthProxy, signer: Tokens, session: aiohttp.ClientSession
) -> None:
    url = front.routes["advice"].url
    async with session.get(url, headers=_bearer(signer.sign(EMAIL, url, time.time()))) as response:
        seen = await response.json()
    claims = jwt.decode(seen["authorization"].split()[1], options={"verify_signature": False})
    assert (claims["email"], claims["aud"], seen["path"]) == (EMAIL, url, "/")


def _forged(url: str) -> str:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Tokens(other).sign(EMAIL, url, time.time())


@pytest.mark.parametrize(
    "amiss", ["absent", "basic", "empty", "forged", "expired", "other audience", "unsigned", "stripped", "garbage"]
)
async def test_anything_but_a_good_token_is_a_401(
    front: AuthProxy, signer: Tokens, session: aiohttp.ClientSession, amiss: str
) -> None:
    url = front.routes["advice"].url
    good = signer.sign(EMAIL, url, time.time())
    headers = {
        "absent": {},
        "basic": {"authorization": "Basic YTpi"},
        "empty": {"authorization": "Bearer "},
        "forged": _bearer(_forged(url)),
        "expired": _bearer(signer.sign(EMAIL, url, time.time() - 2 * LIFETIME)),
        "other audience": _bearer(signer.sign(EMAIL, front.routes["risk_decision"].url, time.time())),
        "unsigned": _bearer(jwt.encode({"email": EMAIL, "aud": url}, "", algorithm="none")),
        "stripped": _bearer(".".join((*good.split(".")[:2], REMOVED))),
        "garbage": _bearer("a.b"),
    }[amiss]
    async with session.get(url, headers=headers) as response:
        assert (response.status, response.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_seen_before_still_expires(signer: Tokens) -> None:
    token = signer.sign(EMAIL, "here", 1000)
    assert signer.stripped(f"Bearer {token}", "here", 1001)
    with pytest.raises(Unauthenticated, match="expired"):
        signer.stripped(f"Bearer {token}", "here", 1000 + LIFETIME)


async def test_an_unknown_function_is_a_404(front: AuthProxy, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{front.base}/nothing/v1") as response:
        assert response.status == 404


async def test_a_body_over_the_limit_is_a_413(front: AuthProxy, signer: Tokens, session: aiohttp.ClientSession) -> None:
    url = front.routes["advice"].url
    headers = _bearer(signer.sign(EMAIL, url, time.time()))
    async with session.post(url, data=io.BytesIO(bytes(MAX_BYTES + 1)), headers=headers) as response:
        assert response.status == 413


async def test_an_instance_that_goes_away_with_the_request_is_a_503(
    signer: Tokens, session: aiohttp.ClientSession
) -> None:
    async def hang_up(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    runner, port = await listen(hang_up, 0, "the one that hangs up")
    front = AuthProxy(signer, {"advice": port})
    await front.start()
    front.routes["advice"].ready.set()
    url = front.routes["advice"].url
    async with session.post(url, headers=_bearer(signer.sign(EMAIL, url, time.time()))) as response:
        assert response.status == 503
    await front.close()
    await runner.cleanup()


async def test_a_request_waits_for_an_instance_that_is_starting(
    front: AuthProxy, signer: Tokens, session: aiohttp.ClientSession
) -> None:
    route = front.routes["advice"]
    route.ready.clear()

    async def ask() -> int:
        async with session.get(route.url, headers=_bearer(signer.sign(EMAIL, route.url, time.time()))) as response:
            return response.status

    asking = asyncio.create_task(ask())
    await asyncio.wait([asking], timeout=0.1)
    assert not asking.done()
    route.ready.set()
    assert await asking == 201


async def test_no_instance_in_time_is_a_504(
    front: AuthProxy, signer: Tokens, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "WAIT_FOR_INSTANCE", 0.05)
    route = front.routes["advice"]
    route.ready.clear()
    async with session.get(route.url, headers=_bearer(signer.sign(EMAIL, route.url, time.time()))) as response:
        assert response.status == 504


async def test_a_port_in_use_is_named(signer: Tokens) -> None:
    [port] = free_ports(1)
    with bind(port, "somebody else") as taken:
        taken.listen()
        with pytest.raises(Misconfigured, match=f"port {port} is in use: the front cannot listen"):
            await AuthProxy(signer, {}, port).start()


async def test_the_metadata_server_gives_a_token_in_its_functions_name(
    signer: Tokens, session: aiohttp.ClientSession
) -> None:
    server = MetadataServer(signer, "advice@slacker.local", "slacker-local")
    await server.start()
    url = f"http://{server.host}/computeMetadata/v1/instance/service-accounts/default/identity"
    parameters = {"audience": "http://127.0.0.1/x", "format": "full"}
    async with session.get(url, params=parameters, headers={"Metadata-Flavor": "Google"}) as response:
        claims = jwt.decode(await response.text(), signer.key.public_key(), ["RS256"], audience=parameters["audience"])
        assert response.headers["metadata-flavor"] == "Google"
    async with session.get(url, params=parameters) as response:
        unflavoured = response.status
    async with session.get(url, headers={"Metadata-Flavor": "Google"}) as response:
        without_audience = response.status
    await server.close()
    assert (claims["email"], claims["email_verified"]) == ("advice@slacker.local", True)
    assert (unflavoured, without_audience) == (403, 400)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "front_key.pem"
    first = tokens.load_or_create(path).sign(EMAIL, "here", 1000)
    assert path.stat().st_mode & 0o777 == 0o600
    assert tokens.load_or_create(path).sign(EMAIL, "here", 1000) == first
