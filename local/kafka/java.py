"""Which Java runs everything: the first that is new enough for the schema registry, where one is usually installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from shared.errors import Misconfigured

OLDEST = 21
"""The version that the schema registry needs; Kafka and Connect take it too."""

_WITHIN = 30.0  # seconds
_SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData")


def find() -> Path:
    """The program; raises `Misconfigured`, saying what to install."""
    for path in _candidates(os.environ):
        if _version(path) >= OLDEST:
            return path
    raise Misconfigured(f"install Java {OLDEST} or later (or set JAVA_HOME to it)")


def command(classpath: str, main: str, heap: int, *options: str) -> list[str]:
    """What runs the class `main` with `heap` megabytes; `options` are the virtual machine's."""
    return [str(find()), f"-Xmx{heap}m", *_SMALL, *options, "-cp", classpath, main]


def logging(level: str) -> Sequence[str]:
    """Options for a program that logs by log4j: to standard output, from `level` on."""
    return (f"-Dorg.apache.logging.log4j.level={level}", "-Dlog4j2.disable.jmx=true")


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("JAVA_HOME"):
        yield Path(environ["JAVA_HOME"], "bin", "java")
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    for folder in ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"):
        yield from sorted(Path(folder).glob("*/bin/java"))
        yield from sorted(Path(folder).glob("*/Contents/Home/bin/java"))


@cache
def _version(path: Path) -> int:
    """The major version of a Java; 0 for what is none."""
    try:
        output = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=_WITHIN, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r'version "(\d+)', output)
    return int(version[1]) if version else 0
