"""What must be on the machine before Kafka can run on it, and what is fetched then."""

import os
import shutil
import subprocess
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from local.kafka import jars, java
from shared.errors import Misconfigured

_WITHIN = 60.0  # seconds
_EMULATORS = ("pubsub-emulator", "cloud-firestore-emulator")


def missing() -> list[str]:
    """What has to be installed first; nothing where all is there."""
    instructions = []
    try:
        java.find()
    except Misconfigured as error:
        instructions.append(str(error))
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return [*instructions, "install the Google Cloud SDK (gcloud)"]
    sdk = subprocess.run(
        [gcloud, "info", "--format=value(installation.sdk_root)"],
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
    root = Path(sdk.stdout.strip(), "platform")
    absent = [name for name in _EMULATORS if not (root / name).is_dir()]
    if absent:
        instructions.append(f"run `gcloud components install {' '.join(absent)}`")
    return instructions


def fetched(console: Console) -> Path:
    """The folder with everything that runs on Java, fetched first where it is not there yet."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("fetching from Maven Central", total=None)
        return jars.fetch(
            jars.read(), jars.cache(os.environ), lambda done, total: progress.update(task, completed=done, total=total)
        )
