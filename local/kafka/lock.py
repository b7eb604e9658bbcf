"""`python -m local.kafka.lock` writes `kafka_connect/jars.lock` from `pom.xml` beside it, as Maven settles it."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from local.kafka.jars import LOCK, PLACES

_HEAD = "# What kafka_connect/pom.xml takes, by checksum; written by `python -m local.kafka.lock`.\n"
_WITHIN = 900.0  # seconds


def main() -> None:
    """Write the lock; what the checksums are taken of is what Maven has fetched and checked."""
    maven = shutil.which("mvn") or sys.exit("install Maven: it settles which jars are needed")
    lines = [line for place in PLACES for line in _settled(maven, place)]
    LOCK.write_text(_HEAD + "".join(f"{line}\n" for line in lines), "utf-8")


def _settled(maven: str, place: str) -> list[str]:
    with tempfile.NamedTemporaryFile() as found:
        command = [
            maven,
            "-q",
            "-B",
            "-Dstyle.color=never",
            "-f",
            str(LOCK.with_name("pom.xml")),
            "-P",
            place,
            "dependency:list",
        ]
        command += ["-DincludeScope=runtime", "-DoutputAbsoluteArtifactFilename=true", f"-DoutputFile={found.name}"]
        subprocess.run(command, check=True, timeout=_WITHIN)
        listed = Path(found.name).read_text("utf-8").splitlines()
    settled = []
    for line in listed:
        coordinate, separator, path = line.strip().partition(":/")
        if separator:
            identity = coordinate.rpartition(":")[0]  # without the scope
            settled.append(f"{hashlib.sha256(Path('/' + path).read_bytes()).hexdigest()} {place} {identity}")
    return sorted(settled, key=lambda line: line.split()[2])


if __name__ == "__main__":
    main()
