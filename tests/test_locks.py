"""The locks agree with each other, so what is tested is what is deployed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))

PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^\s;]+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)


def lock(*parts: str) -> str:
    """The text of a lock."""
    return ROOT.joinpath(*parts, "requirements.txt").read_text()


def pins(text: str) -> set[tuple[str, str, str]]:
    """Every pin of a lock: name, version, marker."""
    return set(PIN.findall(text))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_deployed_with_the_versions_that_are_tested(function: str) -> None:
    assert pins(lock("functions", function)) - pins(lock()) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_brings_its_own_server_because_the_buildpack_would_bring_an_old_one(function: str) -> None:
    names = {name for name, _, _ in pins(lock("functions", function))}
    assert {"functions-framework", "uvloop", "httptools"} - names == set()


@pytest.mark.parametrize("parts", [(), *(("functions", function) for function in FUNCTIONS)], ids="-".join)
def test_a_lock_holds_pins_with_hashes_and_nothing_else(parts: tuple[str, ...]) -> None:
    text = lock(*parts)
    hashes = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
    other = [line for line in text.splitlines() if not PIN.match(line) and not hashes.match(line)]
    assert (other, len(pins(text)) > 0) == ([], True)
