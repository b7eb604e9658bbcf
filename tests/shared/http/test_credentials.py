"""The credential that a service is shown comes from a version of a secret."""

from functools import partial
from pathlib import Path

import pytest

from shared.deadline import Deadline
from shared.embedded.file_secrets import FileSecrets
from shared.errors import Misconfigured, Unavailable
from shared.http.credentials import Credential, basic, bearer
from tests.support.deadlines import plenty


async def kept(path: Path, *payloads: bytes) -> FileSecrets:
    """Secrets with the versions of one secret, from 1 on."""
    secrets = FileSecrets(path / "secrets.json")
    for version, payload in enumerate(payloads, start=1):
        await secrets.ensure("it-token", version, partial(bytes, payload), plenty())
    return secrets


async def test_each_version_is_another_credential(tmp_path: Path) -> None:
    secrets = await kept(tmp_path, b"old", b"new\n")
    headers = [await Credential(secrets, "it-token", version, bearer)(plenty()) for version in (1, 2)]
    assert headers == [{"authorization": "Bearer old"}, {"authorization": "Bearer new"}]


def test_user_and_password_are_shown_as_the_standard_says() -> None:
    assert basic(b"Aladdin:open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617, 2


@pytest.mark.parametrize(("version", "payload"), [(2, b"token"), (1, b"\xff\xfe")])
async def test_a_version_that_is_missing_or_no_credential_says_which_to_set(
    tmp_path: Path, version: int, payload: bytes
) -> None:
    credential = Credential(await kept(tmp_path, payload), "it-token", version, bearer)
    with pytest.raises(Misconfigured, match=f"version {version} of the secret it-token"):
        await credential(plenty())


async def test_secrets_that_do_not_answer_in_time_mean_that_nobody_was_called(tmp_path: Path) -> None:
    credential = Credential(await kept(tmp_path, b"token"), "it-token", 1, bearer)
    with pytest.raises(Unavailable):
        await credential(Deadline.after(0))
