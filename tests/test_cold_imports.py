"""What the import of each entry point loads, because imports are the cold start.

A package that appears here costs every cold instance its milliseconds: add one only with a reason.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

HTTP_CLIENT = {"aiohappyeyeballs", "aiohttp", "aiosignal", "attr", "frozenlist", "multidict", "propcache", "yarl"}

LOADED = {
    "advice": {"jsonschema_rs", "msgspec", "idna", *HTTP_CLIENT},  # no answer without asking a risk function
    "risk_decision": {"jsonschema_rs", "msgspec"},
    "risk_features": {"fastavro", "msgspec"},
    "merchant_features": {"fastavro", "msgspec"},
    "command_dispatch": {"jsonschema_rs", "msgspec"},  # a handler is imported when its type first comes
    "dead_letters": {"fastavro", "jsonschema_rs", "msgspec"},  # whose event it is stands in the event
    "notification_preferences": {"jsonschema_rs", "msgspec"},
    "operator_api": {"jsonschema_rs", "msgspec"},
    "push_notification": {"jsonschema_rs", "msgspec", "idna", *HTTP_CLIENT},  # nothing is sent without a call
    "scheduled_work": {"jsonschema_rs", "msgspec"},
}
"""Third-party top-level packages that each `main.py` loads beyond what the framework itself has loaded."""

NEVER = {"google", "grpc", "yaml", "sqlite3", "cryptography", "requests", "hypothesis"}
"""Heavy modules that no entry point loads at import, wherever they come from."""

PROBE = """
import json, sys
import functions_framework.aio, uvicorn_worker, uvicorn.protocols.http.httptools_impl, uvloop
from functions_framework import _function_registry
before = set(sys.modules)
module, spec = _function_registry.load_function_module(sys.argv[1])
spec.loader.exec_module(module)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_by(function: str) -> set[str]:
    """Top-level names of the modules that importing the function's `main.py` adds to a served framework's."""
    source = ROOT / "functions" / function / "main.py"
    command = [sys.executable, "-c", PROBE, str(source)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {name.split(".")[0] for name in json.loads(run.stdout)}


def test_every_function_is_pinned() -> None:
    assert sorted(LOADED) == sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))


@pytest.mark.parametrize("function", sorted(LOADED))
def test_an_entry_point_loads_no_other_third_party_package(function: str) -> None:
    ours = {"main", "shared", "functions"}
    backports = {"typing_extensions"}  # who loads them depends on the version of Python
    third_party = {name for name in loaded_by(function) if name not in sys.stdlib_module_names} - ours - backports
    assert {name for name in third_party if not name.startswith("_")} == LOADED[function]


@pytest.mark.parametrize("function", sorted(LOADED))
def test_an_entry_point_loads_nothing_heavy(function: str) -> None:
    assert loaded_by(function) & NEVER == set()
