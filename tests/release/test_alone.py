"""A zip serves its function from an empty folder with only its own requirements installed, as in the cloud."""

import base64
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from release import zips
from shared.commands.command import Command
from shared.events.avro.events import encode
from shared.events.events import Kind, Transaction
from shared.ids import OperationRef
from shared.money import Money
from tests.support.emulators import free_port

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 60

QUESTION: dict[str, Any] = {
    "operation_id": "alone-1",
    "posting": {
        "phase": "authorisation",
        "direction": "debit",
        "account_id": "account-1",
        "amount": {"minor": 125000, "currency": "EUR"},
        "value_time": "2026-11-22T08:30:00Z",
    },
    "context": {"client_id": "client-1", "channel": "card_present", "occurred_at": "2026-11-22T08:30:00Z"},
}
ASKED = {
    "operation": "transaction",
    "operation_version": "transaction@1",
    "operation_id": "alone-1",
    "attempt": 1,
    "at": "2026-11-22T08:30:00Z",
    "legal": ["APPROVE", "REJECT", "STEPUP_NEEDED", "MANUAL_APPROVAL_NEEDED"],
    "question": QUESTION,
}
BOUGHT = Transaction(
    event_id="event-1",
    client="client-1",
    kind=Kind.PURCHASE,
    occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
    amount=Money(125000, "EUR"),
    merchant="merchant-1",
)


def push(subscription: str, data: bytes) -> dict[str, Any]:
    """The body of a push of just now."""
    published = datetime.now(UTC).isoformat()
    message = {"data": base64.b64encode(data).decode(), "messageId": "1", "publishTime": published}
    return {"message": message, "subscription": f"projects/p/subscriptions/{subscription}"}


def command(kind: str, **payload: Any) -> bytes:
    """A command of just now."""
    now = datetime.now(UTC)
    return Command(
        id="transaction.alone-1.1.0",
        type=kind,
        version=1,
        issued_at=now,
        issued_by="advice",
        not_after=now + timedelta(hours=1),
        payload={"client_id": "client-1", **payload},
        operation=OperationRef("transaction", "alone-1", 1),
    ).encoded()


EVENT = push("transactions.any", encode(BOUGHT))
REVIEW = command("open_review", reasons=[], rule_set="transaction@1")
TOLD = command("notify_client", channel="push", template="payment_declined", category="security")
PUSHER = "advice@slacker.local"
REQUESTS = {
    "advice": ("/v1/operations/transaction/advice", QUESTION, "payments@slacker.local"),
    "risk_decision": ("/", ASKED, PUSHER),
    "risk_features": ("/", EVENT, PUSHER),
    "merchant_features": ("/", EVENT, PUSHER),
    "command_dispatch": ("/", push("commands-open-review.command_dispatch", REVIEW), PUSHER),
    "dead_letters": ("/", push("dead-letters-events.dead_letters", encode(BOUGHT)), PUSHER),
    "notification_preferences": ("/v1/preferences", None, PUSHER),
    "operator_api": ("/v1/reviews/transaction.alone-1.1/approve", {"reason": "CONFIRMED", "revision": 1}, PUSHER),
    "push_notification": ("/", push("notifications.push_notification", TOLD), PUSHER),
    "scheduled_work": ("/", {}, PUSHER),
}
"""What each function is asked once: path, body (or none), who asks."""

STEPUP = (200, "STEPUP_NEEDED")
TAKEN = (204, None)
ANSWERS = {
    **dict.fromkeys(REQUESTS, TAKEN),
    "advice": STEPUP,
    "risk_decision": STEPUP,
    "notification_preferences": (200, None),
    "operator_api": (404, None),
    "scheduled_work": (200, None),
}
"""What it answers, with nothing behind it: status, and advice if it gives any."""


@pytest.mark.parametrize("function", zips.functions(ROOT))
def test_a_zip_serves_its_function_with_only_its_own_requirements(function: str, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    zipfile.ZipFile(io.BytesIO(zips.build(ROOT, function).content)).extractall(folder)
    interpreter = installed(tmp_path / "venv", folder / "requirements.txt")
    with served(interpreter, function, folder, tmp_path) as port:
        status, answer = ask(port, *REQUESTS[function])
    assert (status, answer.get("advice")) == ANSWERS[function], answer


def installed(environment: Path, requirements: Path) -> Path:
    """The interpreter of a new environment with nothing but `requirements` in it."""
    uv = (sys.executable, "-m", "uv", "--quiet")
    subprocess.run((*uv, "venv", "--python", sys.executable, environment), check=True)
    interpreter = environment / "bin" / "python"
    install = (*uv, "pip", "install", "--python", interpreter, "--require-hashes", "--requirement", requirements)
    subprocess.run(install, check=True)
    return interpreter


@contextmanager
def served(interpreter: Path, function: str, folder: Path, scratch: Path) -> Iterator[int]:
    """The port on which the function of `folder` listens; stopped with all it started."""
    port = free_port()
    variables = {
        "PATH": os.defpath,
        "SLACKER_ENVIRONMENT": "local",
        "SLACKER_BACKEND": "memory",
        "SLACKER_STATE": str(scratch / "state"),
        "SLACKER_CALLERS": PUSHER,
        "SLACKER_OPERATORS": f"reviewer={PUSHER}",
        "SLACKER_FCM_PROJECT": "bank-apps",
        **{f"SLACKER_{name}": "http://127.0.0.1:9" for name in ("CONTACTS", "SMS")},
    }
    command = (interpreter, "-m", "functions_framework", "--target", function)
    listening = ("--host", "127.0.0.1", "--port", str(port))
    with (scratch / "output").open("w+b") as output:
        process = subprocess.Popen(
            (*command, *listening), cwd=folder, env=variables, stdout=output, stderr=output, start_new_session=True
        )
        try:
            until_listening(port, process, scratch / "output")
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until_listening(port: int, process: "subprocess.Popen[bytes]", output: Path) -> None:
    """Wait until somebody listens; fails with what was printed if nobody does."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"did not listen:\n{output.read_text()}")


def ask(port: int, path: str, body: dict[str, Any] | None, email: str) -> tuple[int, dict[str, Any]]:
    """Status and answer of one request under a token as Cloud Run forwards it."""
    claims = base64.urlsafe_b64encode(json.dumps({"email": email, "email_verified": True}).encode())
    headers = {
        "authorization": f"Bearer e30.{claims.decode().rstrip('=')}.SIGNATURE_REMOVED_BY_GOOGLE",
        "content-type": "application/json",
        "x-client-id": "client-1",
        "x-deadline-ms": "5000",  # a cold instance on a busy machine
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)
    try:
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or "{}")
    finally:
        connection.close()
