"""Google's emulators as processes of the test run: started on a free port, stopped with all they started, always."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.stack.http_listener import free_ports

_READY_WITHIN = 60.0  # seconds; a Java virtual machine on a busy machine


def free_port() -> int:
    """A port on loopback that nothing listens on right now."""
    [port] = free_ports(1)
    return port


@contextmanager
def firestore() -> Iterator[str]:
    """The host and port of a Firestore emulator; skips the test without one, but fails it where `CI` is set."""
    with _started("Firestore", "cloud-firestore-emulator", ["gcloud", "emulators", "firestore", "start"]) as address:
        yield address


@contextmanager
def pubsub() -> Iterator[str]:
    """The host and port of a Pub/Sub emulator; skips and fails as above."""
    command = ["gcloud", "beta", "emulators", "pubsub", "start"]
    with (
        TemporaryDirectory() as data,
        _started("Pub/Sub", "pubsub-emulator", [*command, f"--data-dir={data}"]) as address,
    ):
        yield address


@contextmanager
def _started(name: str, component: str, command: list[str]) -> Iterator[str]:
    _require(name, _missing(component))
    address = f"127.0.0.1:{free_port()}"
    command = [*command, f"--host-port={address}", "--quiet"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # read by nobody, a pipe would fill up and stop the emulator
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(name, process, address)
        yield address
    finally:
        stop(process)


def _missing(component: str) -> str:
    """What keeps an emulator from starting, or an empty text."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return "install the Google Cloud SDK (gcloud)"
    if shutil.which("java") is None:
        return "install a Java runtime, version 11 or later"
    root = subprocess.run(
        [gcloud, "info", "--format=value(installation.sdk_root)"],
        capture_output=True,
        text=True,
        timeout=_READY_WITHIN,
        check=False,
    ).stdout.strip()
    if not Path(root, "platform", component).is_dir():
        return f"run `gcloud components install {component}`"
    return ""


def _require(name: str, missing: str) -> None:
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"{name}'s emulator is needed in CI: {missing}", pytrace=False)
    if missing:
        pytest.skip(f"no {name} emulator: {missing}")


def _wait(name: str, process: subprocess.Popen[bytes], address: str) -> None:
    host, _, port = address.partition(":")
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"{name}'s emulator ended with status {process.returncode}", pytrace=False)
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{name}'s emulator was not ready within {_READY_WITHIN:.0f} s", pytrace=False)


def stop(process: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """End a whole process group, kindly first: gcloud starts a shell, and that starts Java."""
    for name in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, name)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
