"""`python -m local.kafka.lock` writes `kafka_connect/jars.lock` from `pom.xml` beside it, as Maven settles it."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from local.kafka.jars import LOCK, PROFILE_FOLDERS

_HEAD = "# What kafka_connect/pom.xml takes, by checksum; written by `python -m local.kafka.lock`.\n"
_WITHIN = 900.0  # seconds


def main() -> None:
    """Write the lock; what the checksums are taken of is what Maven has fetched and checked."""
    maven = shutil.which("mvn") or sys.exit("install Maven: it settles which jars are needed")
    lines = [line for profile in PROFILE_FOLDERS for line in _settled(maven, profile)]
    LOCK.write_text(_HEAD + "".join(f"{line}\n" for line in lines), "utf-8")


def _settled(maven: str, profile: str) -> list[str]:
    with tempfile.NamedTemporaryFile() as listing:
        command = [
            maven,
            "-q",
            "-B",
            "-Dstyle.color=never",
            "-f",
            str(LOCK.with_name("pom.xml")),
            "-P",
            profile,
            "dependency:list",
        ]
        command += ["-DincludeScope=runtime", "-DoutputAbsoluteArtifactFilename=true", f"-DoutputFile={listing.name}"]
        subprocess.run(command, check=True, timeout=_WITHIN)
        listed = Path(listing.name).read_text("utf-8").splitlines()
    settled = []
    for line in listed:
        coordinate, separator, path = line.strip().partition(":/")
        if separator:
            identity = coordinate.rpartition(":")[0]  # without the scope
            settled.append(f"{hashlib.sha256(Path('/' + path).read_bytes()).hexdigest()} {profile} {identity}")
    return sorted(settled, key=lambda line: line.split()[2])


if __name__ == "__main__":
    main()
