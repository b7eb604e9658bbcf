"""Each lock holds all that the code which it serves imports, wherever in it, and that code starts with nothing else."""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.imported import OURS, ROOT, imported_by, reached_from
from tests.test_locks import pins

INSTALLED = packages_distributions()

GOOGLE = {"google", "grpc"}
KAFKA = {"confluent_kafka"}

SERVES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "demo": (("local", "cli", "functions"), GOOGLE | KAFKA),
    "local": (("local", "bench", "cli", "functions"), set()),
    "cli": (("cli",), set()),
    "jobs": (("jobs",), set()),
    "tests": (("tests", "local", "cli", "jobs", "functions", "bench", "release"), set()),
}
"""By lock: the packages whose modules it serves, and what of theirs is imported where the lock is not installed: on
Google Cloud or its emulators, and with a real Kafka.
"""

COMMANDS = {
    "demo": (("local", "demo"), ("cli",)),
    "cli": (("cli",),),
    "jobs": (("jobs",),),
}
"""By lock: the modules that are started in an environment of nothing else."""


def third_party(roots: tuple[str, ...]) -> set[str]:
    """The top-level names that the modules of `roots`, and all of ours that they import, take from elsewhere."""
    files = reached_from(path for root in roots for path in (ROOT / root).rglob("*.py"))
    names = {name.split(".")[0] for file in files for name in imported_by(file)}
    return {name for name in names if name not in sys.stdlib_module_names and name not in OURS}


def distributions(module: str) -> set[str]:
    """The installed distributions that hold a top-level module, named as locks name them."""
    return {name.lower().replace("_", "-") for name in INSTALLED[module]}


@pytest.mark.parametrize("lock", SERVES)
def test_a_lock_holds_all_that_its_code_imports(lock: str) -> None:
    roots, elsewhere = SERVES[lock]
    locked = set(pins(ROOT / "locks" / f"{lock}.txt"))
    needed = {name for name in third_party(roots) if name not in elsewhere}
    assert {name for name in needed if not distributions(name) & locked} == set()


@pytest.mark.parametrize("lock", COMMANDS)
def test_what_a_lock_serves_starts_with_nothing_else_installed(lock: str, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    uv = (sys.executable, "-m", "uv", "--quiet")
    subprocess.run((*uv, "venv", "--python", sys.executable, environment), check=True)
    python = environment / "bin" / "python"
    install = (*uv, "pip", "install", "--python", python, "--require-hashes", "-r", ROOT / "locks" / f"{lock}.txt")
    subprocess.run(install, check=True)
    for module, *arguments in COMMANDS[lock]:
        run = subprocess.run(
            (python, "-m", module, *arguments, "--help"), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
