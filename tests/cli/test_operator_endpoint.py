"""Where the operators' API is, and as whom it is called."""

from itertools import count
from pathlib import Path

import click
import pytest

from cli.session import Session
from local.stack import tokens
from local.stack.state_directory import StateDirectory
from shared.embedded import stack_file
from shared.errors import Misconfigured, NotFound

CLOUD = {"GOOGLE_CLOUD_PROJECT": "bank", "SLACKER_OPERATOR_API": "https://operators.example/"}


def test_on_google_cloud_it_is_where_the_environment_says_as_who_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(1)
    monkeypatch.setattr("shared.gcp.identity_token.identity_token", lambda deadline: f"token {next(numbers)}")
    client = Session(CLOUD).operators(None)
    assert [client.base, client.token(), client.token()] == ["https://operators.example", "token 1", "token 1"]


def test_on_google_cloud_nobody_can_pretend_to_be_another() -> None:
    with pytest.raises(click.UsageError, match="who you are signed in as"):
        Session(CLOUD).operators("ana")


@pytest.mark.parametrize("address", ["", "http://operators.example"])
def test_a_token_goes_to_an_https_address_alone(address: str) -> None:
    with pytest.raises(Misconfigured, match="set SLACKER_OPERATOR_API"):
        Session({**CLOUD, "SLACKER_OPERATOR_API": address}).operators(None)


def test_on_one_machine_the_stack_says_where_it_is_and_its_key_signs(tmp_path: Path) -> None:
    state, local = StateDirectory(tmp_path), {"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(tmp_path)}
    signing = tokens.load_or_create(state.key)
    stack_file.announce(tmp_path, {"functions": {"operator_api": "http://127.0.0.1:9/operator_api"}})
    client = Session(local).operators("ana")
    assert client.base == "http://127.0.0.1:9/operator_api"
    assert signing.stripped(f"Bearer {client.token()}", client.base, 0.0)


def test_a_stack_without_it_is_told(tmp_path: Path) -> None:
    stack_file.announce(tmp_path, {"functions": {}})
    with pytest.raises(NotFound, match="runs without operator_api"):
        Session({"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(tmp_path)}).operators("ana")
