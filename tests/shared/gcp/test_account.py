import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.errors import Unauthenticated, Unavailable
from shared.gcp.account import Account
from tests.support.deadlines import plenty
from tests.support.scripted_server import Reply, json_reply, scripted


@pytest.fixture
def sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service account's credentials file; its `token_uri` is to be filled in."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "credentials.json"
    path.write_text(
        json.dumps(
            {"type": "service_account", "client_email": "x@y.example", "private_key": pem.decode(), "project_id": "p"}
        )
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


def at(path: Path, url: str) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "token_uri": f"{url}/token"}))


def test_who_signed_in_is_who_google_says_the_token_is_of(sign_in: Path) -> None:
    token = json_reply({"access_token": "t0ken", "expires_in": 3600, "token_type": "Bearer"})
    person = json_reply({"sub": "1", "email": "Ana@Bank.example", "email_verified": True})
    with scripted(token, person) as server:
        at(sign_in, server.url)
        account = Account(f"{server.url}/userinfo")

        assert account.email(plenty()) == "ana@bank.example"
        assert account.token() == "t0ken"

    assert [request["path"] for request in server.requests] == ["/token", "/userinfo"]
    assert server.requests[1]["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    "answer", [{}, {"email": 7, "email_verified": True}, {"email": "ana@bank.example", "email_verified": False}]
)
def test_an_address_that_google_does_not_vouch_for_is_nobody(answer: dict[str, object]) -> None:
    with scripted(json_reply(answer)) as server, pytest.raises(Unauthenticated, match="gcloud auth"):
        Account(server.url, "t0ken").email(plenty())


def test_without_credentials_it_says_how_to_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))

    with pytest.raises(Unauthenticated, match="gcloud auth application-default login"):
        Account().token()


def test_credentials_that_google_refuses_are_a_sign_in_that_is_over(sign_in: Path) -> None:
    with scripted(Reply(b'{"error": "invalid_grant"}', status=400)) as server:
        at(sign_in, server.url)
        with pytest.raises(Unauthenticated):
            Account().token()


def test_a_sign_in_that_cannot_be_reached_is_told_as_that(sign_in: Path) -> None:
    at(sign_in, "http://127.0.0.1:1")

    with pytest.raises(Unavailable, match="cannot be reached"):
        Account().token()
