"""What one can do with this tree: each session is a verb, installs the whole lock, and passes on what follows `--`."""

from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
LOCK = "requirements.txt"
PYTHON_CODE = ("functions", "shared", "cli", "local", "jobs", "bench", "release", "tests", "noxfile.py")


def install(session: nox.Session) -> None:
    """Install the development lock; a reused environment that already has it is left as it is."""
    session.install("--quiet", "--require-hashes", "-r", LOCK)


@nox.session
def demo(session: nox.Session) -> None:
    """Start the local stack, replay a bank's day against it and show what is decided."""
    install(session)
    session.run("python", "-m", "local", "demo", *session.posargs)


@nox.session
def kafka(session: nox.Session) -> None:
    """From a real Kafka, by Kafka Connect, to advice; see docs/kafka-connect.md for what it needs."""
    install(session)
    session.run("python", "-m", "local", "kafka", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; the last line says how many passed."""
    install(session)
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, everywhere."""
    install(session)
    session.run("mypy", *(session.posargs or PYTHON_CODE))


@nox.session
def package(session: nox.Session) -> None:
    """Build one deterministic zip per function into `build/`."""
    install(session)
    session.run("python", "-m", "release", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against floors and goals; print a table and write `bench.json`."""
    install(session)
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write the locks anew from the dependency groups; `-- --upgrade` moves the pins."""
    session.install("--quiet", "uv")
    _compile(session, "development", LOCK, *session.posargs)
    for function in sorted(path.parent.name for path in ROOT.glob("functions/*/main.py")):
        _compile(session, function, f"functions/{function}/requirements.txt", "--constraint", LOCK)


def _compile(session: nox.Session, group: str, output: str, *options: str) -> None:
    """Pin `group` for every platform and Python that pyproject.toml allows, with hashes."""
    oldest = nox.project.load_toml(ROOT / "pyproject.toml")["project"]["requires-python"].removeprefix(">=")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"),
        *("--no-emit-index-url", "--python-version", oldest, "--group", f"pyproject.toml:{group}"),
        *("--output-file", output, *options),
    )
