"""Google's Firestore emulator for a measurement: on a free port and on the load's core, stopped with all it started."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from bench import servers, targets
from local.stack.http_listener import free_ports
from shared.gcp.firestore_documents import FirestoreDocuments

_READY_SECONDS = 60.0


def installed() -> bool:
    """Whether there is an emulator to start."""
    return all(shutil.which(program) for program in ("gcloud", "java"))


@contextmanager
def filled(state: Path) -> Iterator[str]:
    """Host and port of an emulator that holds what a prepared state directory does; raises `NotReady`."""
    with _firestore() as address:
        uvloop.run(_fill(address, state))
        yield address


async def _fill(address: str, state: Path) -> None:
    documents = FirestoreDocuments(targets.PROJECT, address)
    try:
        await targets.copy_to(documents, state)
    finally:
        await documents.close()


@contextmanager
def _firestore() -> Iterator[str]:
    [port] = free_ports(1)
    command = ["gcloud", "emulators", "firestore", "start", f"--host-port=127.0.0.1:{port}", "--quiet"]
    with servers.on_core(servers.cores()[1]):
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _await_port(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        servers.stop(process)


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.perf_counter() + _READY_SECONDS
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise servers.NotReady("Firestore's emulator did not get ready")
