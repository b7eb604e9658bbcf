"""What runs on Java comes from Maven Central, as `kafka_connect/jars.lock` pins it, into a cache outside the tree.

Each line of the lock is a checksum (SHA-256), a profile and Maven's coordinate. A file that is in the cache under its
checksum is never fetched again, and one with another checksum is never used.
"""

import hashlib
import os
import shutil
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.stack.process import ROOT
from shared.backoff import backoff
from shared.errors import Misconfigured, Unavailable

LOCK = ROOT / "kafka_connect" / "jars.lock"
PROFILE_FOLDERS = {
    "kafka": "kafka",
    "pubsub": "plugins/pubsub",
    "avro": "plugins/avro",
    "registry": "registry",
    "metrics": "metrics",
}
"""The folder of each profile of `kafka_connect/pom.xml`; Connect keeps the classes of each folder of plugins apart."""

CENTRAL = "https://repo1.maven.org/maven2"
_MIRROR = "SLACKER_MAVEN"  # the address of a mirror of Maven Central
_AT_ONCE = 6
_TRIES = 3
_PATIENCE = 60.0  # seconds without a byte


@dataclass(frozen=True, slots=True)
class Jar:
    """One file: its checksum, the profile that it belongs to, and Maven's coordinate."""

    sha256: str
    profile: str
    coordinate: str

    @property
    def path(self) -> str:
        """Its path in a Maven repository."""
        group, artifact, kind, *classifier, version = self.coordinate.split(":")
        name = "-".join((artifact, version, *classifier))
        return f"{group.replace('.', '/')}/{artifact}/{version}/{name}.{kind}"

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.path.rpartition("/")[2]


def read(lock: Path = LOCK) -> list[Jar]:
    """The jars that the lock pins."""
    lines = (line.split() for line in lock.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return [Jar(*line) for line in lines]


def cache(environ: Mapping[str, str]) -> Path:
    """Where files are kept between runs: `$XDG_CACHE_HOME/slacker`, `~/.cache/slacker` without that."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slacker" / "java"


def fetch(jars: Iterable[Jar], folder: Path, report_progress: Callable[[int, int], None] = lambda *_: None) -> Path:
    """Put every jar into its profile's folder under `folder/{digest of the lock}/`, archives unpacked; returns that.

    `report_progress` is called with how many files are there and how many there will be. Raises `Unavailable` for what
    cannot be fetched and `Misconfigured` for what is not what the lock says.
    """
    ordered = sorted(jars, key=lambda jar: jar.path)
    ready = (
        folder
        / hashlib.sha256("".join(jar.sha256 + PROFILE_FOLDERS[jar.profile] for jar in ordered).encode()).hexdigest()[
            :16
        ]
    )
    if ready.is_dir():
        return ready
    making = folder / f"{ready.name}.{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for number, (jar, path) in enumerate(threads.map(lambda jar: (jar, _file(jar, folder)), ordered), 1):
            _install(path, making / PROFILE_FOLDERS[jar.profile])
            report_progress(number, len(ordered))
    with suppress(OSError):  # another process was sooner, with the same files
        making.rename(ready)
    shutil.rmtree(making, ignore_errors=True)
    return ready


def _file(jar: Jar, folder: Path) -> Path:
    """The jar's file in the cache."""
    path = folder / "files" / jar.sha256 / jar.name
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{jar.name}.{os.getpid()}")
    try:
        checksum = _download(jar, arriving)
        if checksum != jar.sha256:
            raise Misconfigured(f"{jar.coordinate} has the checksum {checksum}, but jars.lock says {jar.sha256}")
        arriving.rename(path)
    finally:
        arriving.unlink(missing_ok=True)
    return path


def _download(jar: Jar, to: Path) -> str:
    """Fetch a jar to a file; returns its checksum."""
    url = f"{os.environ.get(_MIRROR, CENTRAL).rstrip('/')}/{jar.path}"
    waits = backoff(0.5, growth=2)
    for tried in range(1, _TRIES + 1):
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE) as answer, to.open("wb") as out:  # noqa: S310 - an operator's own address
                shutil.copyfileobj(answer, out, 1 << 20)
            break
        except (OSError, urllib.error.URLError) as error:
            if tried == _TRIES or (isinstance(error, urllib.error.HTTPError) and error.code == 404):
                raise Unavailable(
                    f"{jar.coordinate} could not be fetched from {url}: {error}; {_MIRROR} names a mirror"
                ) from error
            time.sleep(next(waits))
    with to.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _install(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
    else:
        (folder / path.name).hardlink_to(path)
