from pathlib import Path

import click
import pytest

from cli.session import Session
from shared.errors import Misconfigured
from tests.support.scripted_server import json_reply, scripted

CLOUD = {"GOOGLE_CLOUD_PROJECT": "bank"}


def test_on_one_machine_you_are_who_you_say() -> None:
    assert Session({"SLACKER_ENVIRONMENT": "local"}).person("ana") == "ana"


def test_on_google_cloud_you_are_who_you_are_signed_in_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.gcp.account.Account.token", lambda self: "t0ken")
    with scripted(json_reply({"email": "ana@bank.example", "email_verified": True})) as server:
        session = Session(CLOUD, userinfo=server.url)

        assert session.person(None) == "ana@bank.example"


def test_on_google_cloud_nobody_can_pretend_to_be_another() -> None:
    with pytest.raises(click.UsageError, match="who you are signed in as"):
        Session(CLOUD).person("ana")


def test_an_emulator_is_one_machine() -> None:
    emulated = {**CLOUD, "SLACKER_ENVIRONMENT": "sandbox", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}

    assert Session(emulated).person("ana") == "ana"


def test_without_settings_it_says_what_to_set() -> None:
    with pytest.raises(Misconfigured, match="GOOGLE_CLOUD_PROJECT"):
        _ = Session({}).settings


def test_the_logs_are_read_as_the_one_who_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.gcp.account.Account.token", lambda self: "t0ken")

    logging = Session(CLOUD).cloud_logging()

    assert (logging.project, logging.token(), logging.base) == ("bank", "t0ken", "https://logging.googleapis.com")
