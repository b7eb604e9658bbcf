"""Every stand-in is served by one process under its name, and accepts what functions read as its secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.stack.process import ROOT
from local.stack.stand_ins import SECRETS, STAND_INS, keep_secrets
from local.stack.state_directory import StateDirectory
from shared.embedded.file_secrets import FileSecrets
from tests.support.deadlines import plenty


def test_one_process_serves_them_all(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.stand_ins"]
    environment = {**os.environ, "SLACKER_STATE": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            base = running.stdout.readline().partition(": ")[0]
            statuses = {name: requests.get(f"{base}/{name}/_tables", timeout=10).status_code for name in STAND_INS}
        finally:
            running.terminate()
    assert statuses == dict.fromkeys(STAND_INS, 200)


@pytest.mark.parametrize("name", SECRETS)
async def test_functions_find_their_credentials(tmp_path: Path, name: str) -> None:
    for _ in range(2):
        await keep_secrets(StateDirectory(tmp_path))
    secrets = FileSecrets(StateDirectory(tmp_path).secrets)
    assert await secrets.access(name, 1, plenty()) == SECRETS[name]
