"""The locks agree with each other, so what is tested is what is deployed; and each holds what it serves, not more."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEVELOPMENT = ROOT / "locks" / "development.txt"
"""The one resolution: every other lock is a part of it."""

ON_A_MACHINE = sorted(path for path in ROOT.glob("locks/*.txt") if path != DEVELOPMENT)
DEPLOYED = sorted(ROOT.glob("functions/*/requirements.txt"))
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))

PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^\s;]+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)

IN_THE_DEMO = {
    "functions-framework": "serves a function as Google does",
    **dict.fromkeys(("flask", "werkzeug", "jinja2", "markupsafe", "itsdangerous", "blinker"), "functions-framework"),
    **dict.fromkeys(("cloudevents", "deprecation", "packaging", "watchdog"), "functions-framework"),
    **dict.fromkeys(("gunicorn", "uvicorn", "uvicorn-worker", "starlette", "anyio", "h11"), "functions-framework"),
    "httptools": "the server's parser, as deployed",
    "uvloop": "the server's event loop, as deployed",
    "aiohttp": "functions ask each other; the stack's own servers",
    **dict.fromkeys(("aiohappyeyeballs", "aiosignal", "attrs", "frozenlist", "multidict"), "aiohttp"),
    **dict.fromkeys(("propcache", "yarl", "idna", "typing-extensions"), "aiohttp"),
    "msgspec": "JSON and values",
    "fastavro": "events",
    "jsonschema-rs": "contracts",
    "pyyaml": "operations and rule sets",
    "pyjwt": "the front's tokens",
    "publicsuffixlist": "advice: below which domains anybody can have a host",
    **dict.fromkeys(("cryptography", "cffi", "pycparser"), "pyjwt"),
    "click": "the command line",
    "rich": "what it shows",
    **dict.fromkeys(("markdown-it-py", "mdurl", "pygments"), "rich"),
    "requests": "the command line asks the operators' API",
    **dict.fromkeys(("certifi", "charset-normalizer", "urllib3"), "requests"),
}
"""All that the demo may install, and what for (or for which other package): what is new here costs every newcomer."""

HEAVY = {
    "of Google Cloud alone": {"google-api-core", "google-auth", "google-cloud-firestore", "grpcio", "protobuf"},
    "of Kafka": {"confluent-kafka"},
    "of the tests": {"cel-expr-python", "hypothesis", "jsonschema", "pydantic", "pytest", "schemathesis"},
    "of lint and types": {"mypy", "ruff", "nox", "uv", "virtualenv"},
    "of jobs": {"apache-beam", "matplotlib", "numpy", "opendp", "pandas", "polars", "pyarrow", "scipy"},
}
"""What the demo never installs, by whose it is."""


def pins(lock: Path) -> dict[str, tuple[str, str]]:
    """Version and marker by name."""
    return {name: (version, marker) for name, version, marker in PIN.findall(lock.read_text())}


def versions(lock: Path) -> set[tuple[str, str]]:
    """Every name with its version. A marker may differ: who alone wants a package may want it on fewer Pythons."""
    return {(name, version) for name, (version, _) in pins(lock).items()}


def label(lock: Path) -> str:
    """What a lock is called in the name of a test."""
    return lock.relative_to(ROOT).as_posix()


def test_every_function_has_a_lock() -> None:
    assert [path.parent.name for path in DEPLOYED] == FUNCTIONS


@pytest.mark.parametrize("lock", [*ON_A_MACHINE, *DEPLOYED], ids=label)
def test_a_lock_is_a_part_of_the_one_resolution(lock: Path) -> None:
    assert versions(lock) - versions(DEVELOPMENT) == set()


@pytest.mark.parametrize("lock", DEPLOYED, ids=label)
def test_a_function_is_deployed_with_the_versions_that_are_tested(lock: Path) -> None:
    assert versions(lock) - versions(ROOT / "locks" / "tests.txt") == set()


@pytest.mark.parametrize("lock", DEPLOYED, ids=label)
def test_a_function_brings_its_own_server_because_the_buildpack_would_bring_an_old_one(lock: Path) -> None:
    assert {"functions-framework", "uvloop", "httptools"} - set(pins(lock)) == set()


@pytest.mark.parametrize("lock", [DEVELOPMENT, *ON_A_MACHINE, *DEPLOYED], ids=label)
def test_a_lock_holds_pins_with_hashes_and_nothing_else(lock: Path) -> None:
    hashes = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
    other = [line for line in lock.read_text().splitlines() if not PIN.match(line) and not hashes.match(line)]
    assert (other, len(pins(lock)) > 0) == ([], True)


def test_the_demo_installs_what_it_is_known_to_need_and_nothing_else() -> None:
    assert set(pins(ROOT / "locks" / "demo.txt")) ^ set(IN_THE_DEMO) == set()


@pytest.mark.parametrize("whose", HEAVY)
def test_the_demo_installs_nothing_heavy(whose: str) -> None:
    assert HEAVY[whose] & set(pins(ROOT / "locks" / "demo.txt")) == set()


def test_the_first_command_of_the_readme_installs_the_lock_of_the_demo_alone() -> None:
    first = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(), re.MULTILINE)[0]
    assert re.findall(r"pip install (.*?) &&", first) == ["-q --no-compile --no-deps -r locks/demo.txt"]
