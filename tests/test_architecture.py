"""Who may import what, and the other rules of the layout that a reader relies on."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("functions", "shared", "cli", "local", "jobs", "bench", "release", "tests")
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))

ADAPTERS = ("shared.gcp", "shared.embedded")
GOOGLE_CLIENTS = ("google", "grpc", "proto")
EDGE = ("functions_framework", "starlette", "aiohttp", "flask", "uvicorn", "requests")
IMPURE = ("os", "subprocess", "socket", "threading", "multiprocessing", "sqlite3", "http", "urllib", "logging")

PURE = (
    "shared.expressions",
    "shared.risk.rules",
    "shared.windowing",
    "shared.clients",
    "shared.risk.features",
    "shared.catalogue",
    "shared.attempts",
    "shared.audit",
    "shared.risk.reviews",
    "shared.commands",
    "shared.dead_letters",
)
"""Pure packages: no I/O, no clock, no environment. `time` itself is allowed nowhere in them."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: `path` relative to the root, `name` the absolute dotted name that is imported."""

    path: str
    line: int
    name: str

    def of(self, *packages: str) -> bool:
        """Whether what is imported is one of `packages` or lies in one."""
        return any(self.name == package or self.name.startswith(package + ".") for package in packages)

    def within(self, *packages: str) -> bool:
        """Whether the importing file is one of `packages` (dotted) or lies in one."""
        module = self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return any(module == package or module.startswith(package + ".") for package in packages)

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.name}"


def sources() -> list[Path]:
    """Every Python file of ours."""
    return sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> Iterator[Import]:
    """The imports of one file, anywhere in it, relative ones made absolute."""
    relative = path.relative_to(ROOT)
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(relative.as_posix(), node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            parents = relative.parent.parts[: len(relative.parent.parts) - node.level + 1] if node.level else ()
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(relative.as_posix(), node.lineno, f"{base}.{alias.name}")


IMPORTS = [statement for path in sources() for statement in imports_of(path)]


def broken(*forbidden: Import) -> list[str]:
    """What a failing rule shows."""
    return [str(statement) for statement in forbidden]


def test_shared_code_imports_nothing_that_stands_on_it() -> None:
    above = ("functions", "local", "jobs", "cli", "bench", "release", "tests")
    assert broken(*(i for i in IMPORTS if i.within("shared") and i.of(*above))) == []


LAYERS: dict[str, set[str]] = {
    "ground": set(),
    "runtime": {"ground"},
    "expressions": {"ground"},
    "windowing": {"ground"},
    "attempts": {"ground"},
    "http": {"ground", "runtime"},
    "messaging": {"ground", "runtime", "http"},
    "storage": {"ground", "messaging"},
    "signing": {"ground"},
    "audit": {"ground", "runtime", "storage", "signing"},
    "embedded": {"ground", "http", "messaging", "storage", "signing"},
    "gcp": {"ground", "http", "messaging", "storage", "signing"},
    "composition": {"ground", "runtime", "http", "messaging", "storage", "signing", "audit", "embedded", "gcp"},
    "catalogue": {"ground", "storage"},
    "commands": {"ground", "http", "messaging", "storage", "attempts"},
    "notifications": {"ground", "messaging", "storage", "attempts", "commands"},
    "dead_letters": {"ground", "http", "messaging", "storage", "commands"},
    "events": {"ground", "runtime", "http", "messaging", "storage", "catalogue", "composition"},
    "clients": {"ground", "windowing", "storage", "events"},
}
"""The packages of `shared`, and whom each may import; "ground" is what lies at its root. Who comes later may import who
comes earlier, so there is no circle. See `docs/decisions/2026-12-01-the-tree.md`.
"""

DOMAINS = ("risk", "rewards", "insight")
"""What Slacker does. None imports another: they meet through events, topics and ports. Nobody below imports them; only
`data_model` does, which lists every collection.
"""

RISK: dict[str, set[str]] = {"risk": set(), "rules": set(), "features": set(), "reviews": {"risk"}}
"""The packages of `shared/risk`, and whom of each other they may import; "risk" is what lies at its root."""


def package_of(module: str, within: str = "shared", root: str = "ground") -> str:
    """The package below `within` that a dotted module lies in, `root` for what lies in `within` itself."""
    parts = module.removeprefix(f"{within}.").split(".")
    return parts[0] if (ROOT.joinpath(*within.split("."), parts[0])).is_dir() else root


def crossings(within: str, root: str) -> set[tuple[str, str, str]]:
    """Imports from one package below `within` to another: who, whom, and the import itself."""
    inner = [i for i in IMPORTS if i.within(within) and i.of(within)]
    named = [(package_of(dotted(i.path), within, root), package_of(i.name, within, root), str(i)) for i in inner]
    return {(importer, imported, text) for importer, imported, text in named if importer != imported}


def dotted(path: str) -> str:
    """The dotted name of the module at `path`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_packages_import_only_those_below_them_so_there_is_no_circle() -> None:
    order = list(LAYERS)
    assert [name for name, below in LAYERS.items() if not below <= set(order[: order.index(name)])] == []
    beside = {*DOMAINS, "data_model"}
    forbidden = [
        text
        for importer, imported, text in crossings("shared", "ground")
        if importer not in beside and imported not in LAYERS[importer]
    ]
    assert sorted(forbidden) == []


def test_no_domain_imports_another() -> None:
    forbidden = [
        text
        for importer, imported, text in crossings("shared", "ground")
        if importer in DOMAINS and imported in {*DOMAINS, "notifications", "dead_letters", "data_model"}
    ]
    assert sorted(forbidden) == []


def test_within_risk_there_is_no_circle_either() -> None:
    forbidden = [
        text for importer, imported, text in crossings("shared.risk", "risk") if imported not in RISK[importer]
    ]
    assert sorted(forbidden) == []


def test_a_function_imports_no_other_function() -> None:
    assert [
        str(i)
        for i in IMPORTS
        for function in FUNCTIONS
        if i.within(f"functions.{function}") and i.of("functions") and not i.of(f"functions.{function}")
    ] == []


def test_a_function_imports_its_siblings_relatively_because_its_folder_is_the_root_of_its_zip() -> None:
    absolute = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "functions").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("functions")
    ]
    assert absolute == []


def test_functions_import_nothing_but_themselves_and_shared_code() -> None:
    beside = ("cli", "local", "jobs", "bench", "release", "tests")
    assert broken(*(i for i in IMPORTS if i.within("functions") and i.of(*beside))) == []


def test_the_command_line_and_jobs_run_without_a_stack_and_without_each_other() -> None:
    beside = ("functions", "local", "bench", "release", "tests")
    assert broken(*(i for i in IMPORTS if i.within("cli") and i.of(*beside, "jobs"))) == []
    assert broken(*(i for i in IMPORTS if i.within("jobs") and i.of(*beside, "cli"))) == []


def test_only_one_place_imports_google_clients() -> None:
    allowed = ("shared.gcp", "tests", "bench")
    assert broken(*(i for i in IMPORTS if i.of(*GOOGLE_CLIENTS) and not i.within(*allowed))) == []


def test_adapters_are_imported_by_composition_roots_only() -> None:
    roots = (*(f"functions.{function}.main" for function in FUNCTIONS), "shared.composition", *ADAPTERS)
    outside = ("cli", "local", "jobs", "bench", "tests")
    assert broken(*(i for i in IMPORTS if i.of(*ADAPTERS) and not i.within(*roots, *outside))) == []


def test_only_what_runs_beside_the_functions_imports_every_domain_at_once() -> None:
    registry = ("shared.data_model.registry",)
    assert broken(*(i for i in IMPORTS if i.of(*registry) and i.within("functions", "shared"))) == []


def test_the_domain_knows_no_edge_and_no_machine() -> None:
    assert broken(*(i for i in IMPORTS if i.within(*PURE) and i.of(*EDGE, *IMPURE, *ADAPTERS, "time"))) == []


def test_notifications_know_nothing_of_features() -> None:
    """A client's language and time zone come by `shared.clients`."""
    theirs = [i for i in IMPORTS if i.within("shared.notifications", "functions.push_notification")]
    assert broken(*(i for i in theirs if i.of("shared.risk.features"))) == []


GROUND = ("shared.times", "shared.errors")
"""What a general piece may know."""


def test_windows_buckets_and_recent_events_know_nothing_of_who_counts_with_them() -> None:
    theirs = [i for i in IMPORTS if i.within("shared.windowing") and i.of("shared")]
    assert broken(*(i for i in theirs if not i.of("shared.windowing", *GROUND))) == []


CLOCKS = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "asyncio": {"sleep", "timeout", "timeout_at", "wait_for"},
    "loop": {"time", "call_later", "call_at"},
}
"""What reads the machine's clocks or waits by them, by the name it is got from."""

OWN_TIME = {
    "shared/clock.py": "it is the adapter of the real clock",
    "shared/embedded/manual_clock.py": "tasks get their turns by `asyncio.sleep(0)`, and its timeouts are asyncio's",
}
"""The files that use a clock other than the port's, and why they cannot do without."""


def clocks_read(path: Path) -> set[str]:
    """What of `CLOCKS` a file uses, and timers of loops by whatever name they are called."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Attribute):
            base = ast.unparse(node.value).rpartition(".")[2]
            if node.attr in CLOCKS.get(base, ()) or (node.attr in CLOCKS["loop"] and "_loop(" in base):
                names.add(f"{base}.{node.attr}")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.wait":
            names |= {"asyncio.wait" for keyword in node.keywords if keyword.arg == "timeout"}
        elif isinstance(node, ast.ImportFrom) and node.module in CLOCKS:
            names |= {f"{node.module}.{alias.name}" for alias in node.names if alias.name in CLOCKS[node.module]}
    return names


def test_time_is_a_port_and_only_its_adapters_read_a_clock() -> None:
    ours = [path for path in sources() if path.relative_to(ROOT).parts[0] in ("shared", "functions")]
    reading = {path.relative_to(ROOT).as_posix() for path in ours if clocks_read(path)}
    assert reading == set(OWN_TIME)


CONVERTING = {"astimezone", "fromtimestamp", "utcfromtimestamp"}
"""What raises `OverflowError` at the ends of the calendar, or reads the machine's time zone."""


def test_times_are_converted_in_one_place_which_knows_where_the_calendar_ends() -> None:
    converting = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path.relative_to(ROOT).parts[0] in ("shared", "functions", "cli", "jobs", "local")
        for node in ast.walk(ast.parse(path.read_text(), str(path)))
        if isinstance(node, ast.Attribute) and node.attr in CONVERTING
    }
    assert converting == {"shared/times.py"}


def test_the_condition_language_knows_nobody_who_uses_it() -> None:
    """Rules, achievements and whatever comes compile their conditions with it: it imports the ground alone."""
    words = ("shared.suggestions", "shared.confusables")
    ground = ("shared.errors", "shared.money", "shared.privacy", *words, "shared.expressions")
    assert broken(*(i for i in IMPORTS if i.within("shared.expressions") and i.of(*OURS) and not i.of(*ground))) == []


def test_only_the_edge_of_a_function_knows_its_server() -> None:
    server = ("functions_framework", "starlette", "uvicorn", "flask")
    inside = [i for i in IMPORTS if i.of(*server) and i.within("functions", "shared", "cli", "jobs", "release")]
    edge = ("/main.py", "/service.py")
    server_side = ("shared.http", "shared.composition.entry_point", "shared.messaging.subscriber")
    assert broken(*(i for i in inside if not i.within(*server_side) and not i.path.endswith(edge))) == []


@pytest.mark.parametrize("path", [p for p in sources() if p.name == "__init__.py"], ids=lambda p: str(p.parent.name))
def test_a_package_says_nothing(path: Path) -> None:
    assert path.read_text() == ""


def entry_points(function: str) -> list[str]:
    """The names of the coroutines that `main.py` of a function registers with the framework."""
    tree = ast.parse((ROOT / "functions" / function / "main.py").read_text())
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef)
        and any("functions_framework" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_named_like_its_folder_so_its_name_is_unique(function: str) -> None:
    assert entry_points(function) == [function]


def test_no_installed_package_shadows_ours() -> None:
    assert sorted(set(packages_distributions()) & set(OURS)) == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_importing_an_entry_point_opens_no_socket_file_or_thread(function: str) -> None:
    """The framework imports `main.py` in a process that it then forks."""
    probe = f"""
import functions_framework.aio, os, sys, threading
sys.path.append({str(ROOT / "functions" / function)!r})
seen = []
def audit(event, arguments):
    if event in ("socket.__new__", "socket.connect", "sqlite3.connect", "subprocess.Popen", "_thread.start_new_thread"):
        seen.append(event)
open_before = set(os.listdir("/dev/fd"))
sys.addaudithook(audit)
from functions_framework import _function_registry
module, spec = _function_registry.load_function_module({str(ROOT / "functions" / function / "main.py")!r})
spec.loader.exec_module(module)
assert seen == [], seen
assert threading.active_count() == 1, threading.enumerate()
assert len(os.listdir("/dev/fd")) == len(open_before), os.listdir("/dev/fd")
"""
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


EXPIRING = (
    "tests/cli/trace/test_log_lines.py",
    "tests/shared/gcp/test_firestore_documents.py",
    "tests/shared/gcp/test_identity_token.py",
    "tests/shared/gcp/test_pubsub_publisher.py",
    "tests/shared/gcp/test_rest.py",
    "tests/shared/gcp/test_secret_manager.py",
    "tests/shared/gcp/test_storage_objects.py",
)
"""Tests of calls that a real server, program or channel leaves without an answer: their deadline is meant to pass."""


def test_no_test_has_a_short_deadline_on_the_machines_clock() -> None:
    short = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(ROOT.glob("tests/**/*.py"))
        if str(path.relative_to(ROOT)) not in EXPIRING
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("Deadline.after", "asyncio.timeout")
        and len(node.args) == 1
        and isinstance(seconds := getattr(node.args[0], "value", None), int | float)
        and 0 < seconds < 30
        and str(path.relative_to(ROOT)) != "tests/shared/test_deadline.py"  # compares the clocks of deadlines only
    ]
    assert short == []
