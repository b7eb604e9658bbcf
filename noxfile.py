"""What one can do with this tree: each session is a verb, installs its own lock, and passes on what follows `--`."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
LOCKS = ("demo", "local", "cli", "jobs", "tests", "lint", "types")
TERRAFORM = ROOT / "terraform"
STAND_INS = ROOT.parent / "shared" / "tools" / "terraform-offline" / "setup.sh"
PYTHON_CODE = ("functions", "shared", "cli", "local", "jobs", "bench", "release", "tests", "noxfile.py")


def install(session: nox.Session, lock: str) -> None:
    """Install one of the locks; a reused environment that already has it is left as it is."""
    session.install("--quiet", "--require-hashes", "-r", _lock_file(lock))


def _lock_file(group: str) -> str:
    return f"locks/{group}.txt"


@nox.session
def demo(session: nox.Session) -> None:
    """Start the local stack, replay a bank's day against it and show what is decided."""
    install(session, "local" if "--emulators" in session.posargs else "demo")
    session.run("python", "-m", "local", "demo", *session.posargs)


@nox.session
def kafka(session: nox.Session) -> None:
    """From a real Kafka, by Kafka Connect, to advice; see docs/kafka-connect.md for what it needs."""
    install(session, "local")
    session.run("python", "-m", "local", "kafka", *session.posargs)


@nox.session
def cli(session: nox.Session) -> None:
    """Run the operators' command line, on this machine's store or Google Cloud's; `--install-only` to activate it."""
    install(session, "cli")
    session.run("python", "-m", "cli", *session.posargs)


@nox.session
def jobs(session: nox.Session) -> None:
    """Run a job: features rebuilt from the archive, or those of a backtest."""
    install(session, "jobs")
    session.run("python", "-m", "jobs", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, a file at a time on every core (`-- -n 0` for one after the other); the last line says how many
    passed.
    """
    install(session, "tests")
    parallel = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
    session.run("pytest", *parallel, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, everywhere."""
    install(session, "types")
    session.run("mypy", *(session.posargs or PYTHON_CODE))


@nox.session
def package(session: nox.Session) -> None:
    """Build one deterministic zip per function into `build/`; it takes the standard library alone."""
    session.run("python", "-m", "release", *session.posargs)


@nox.session
def terraform(session: nox.Session) -> None:
    """Check Terraform: format, validity, tests of the whole and of every module, policies; nothing is called."""
    if shutil.which("terraform") is None:
        message = "terraform 1.7 or later is not installed: https://developer.hashicorp.com/terraform/install"
        session.error(message) if os.environ.get("CI") else session.skip(message)
    # An environment of its own: checkov and python-hcl2 both own the module hcl2.
    session.install("--quiet", "--require-hashes", "-r", "terraform/requirements.txt")
    session.chdir(TERRAFORM)
    session.run("terraform", "fmt", "-check", "-recursive", external=True)
    modules = sorted(path.parent for path in TERRAFORM.glob("modules/*/tests"))
    environment = _initialised(session, (TERRAFORM, *modules))
    session.run("terraform", "validate", env=environment, external=True)
    session.run("terraform", "test", "-var-file=environments/production.tfvars", env=environment, external=True)
    sandbox = ("-test-directory=environments", "-var-file=environments/sandbox.tfvars")
    session.run("terraform", "test", *sandbox, env=environment, external=True)
    for module in modules:
        session.run("terraform", f"-chdir={module}", "test", env=environment, external=True)
    session.run("checkov", "--config-file", ".checkov.yaml")


def _initialised(session: nox.Session, folders: tuple[Path, ...]) -> Mapping[str, str]:
    """Fetch the provider for each folder; where there is no registry, make stand-ins that know its schema alone.

    Gives the environment that every call needs from then on.
    """
    environment = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    initialise = ("init", "-backend=false", "-input=false")
    # Tried first, and not believed: where there is no registry the next steps say so in their own words.
    output = session.run("terraform", *initialise, env=environment, external=True, silent=True, success_codes=(0, 1))
    if "successfully initialized" not in str(output):
        if not STAND_INS.exists() or shutil.which("npm") is None:
            session.error(f"{output}\nno provider can be fetched, and stand-ins want npm and {STAND_INS}")
        session.log("no provider can be fetched: stand-ins that know its schema do, made once")
        made = ROOT / ".nox" / ".cache" / "terraform-stand-ins"
        session.run("sh", str(STAND_INS), str(made), external=True, silent=True)
        environment["TF_CLI_CONFIG_FILE"] = str(made / "offline.tfrc")
        for folder in folders:  # what a registry gave has other checksums
            (folder / ".terraform.lock.hcl").unlink(missing_ok=True)
    for folder in folders:
        session.run("terraform", f"-chdir={folder}", *initialise, env=environment, external=True, silent=True)
    return environment


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against floors and goals; print a table and write `bench.json`."""
    install(session, "local")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write the locks anew from the dependency groups; `-- --upgrade` moves the pins."""
    session.install("--quiet", "uv")
    everything = _lock_file("development")
    _compile(session, "development", everything, *session.posargs)
    for group in LOCKS:
        _compile(session, group, _lock_file(group), "--constraint", everything)
    for function in sorted(path.parent.name for path in ROOT.glob("functions/*/main.py")):
        _compile(session, function, f"functions/{function}/requirements.txt", "--constraint", everything)
    _compile(session, "infrastructure", "terraform/requirements.txt", *session.posargs)


def _compile(session: nox.Session, group: str, output: str, *options: str) -> None:
    """Pin `group` for every platform and Python that pyproject.toml allows, with hashes."""
    oldest = nox.project.load_toml(ROOT / "pyproject.toml")["project"]["requires-python"].removeprefix(">=")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"),
        *("--no-emit-index-url", "--python-version", oldest, "--group", f"pyproject.toml:{group}"),
        *("--output-file", output, *options),
    )
