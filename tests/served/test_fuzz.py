"""Requests made up from the OpenAPI description find no server error and no answer outside it."""

import asyncio
import os
import subprocess
import sys

import pytest

from tests.served.conftest import FUNCTIONS, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = os.environ.get("SLACKER_EXAMPLES", "40")


async def test_no_request_made_up_from_the_description_breaks_the_service(client: Client) -> None:
    url = client.stack.url("advice")
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/v1/openapi.json", "--url", url,
        "--header", f"Authorization: Bearer {client.token()}", "--checks", CHECKS,
        "--max-examples", EXAMPLES, "--seed", "1", "--generation-database", "none", "--no-color",
        "--exclude-path-regex", "sandbox", "--request-timeout", "60", "--suppress-health-check", "too_slow",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    failed = [line for name in FUNCTIONS for line in client.log_lines(name) if line["kind"] == "request_failed"]
    assert failed == []
