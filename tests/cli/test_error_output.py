import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.error_output import Group
from cli.main import slacker
from shared.errors import DeadlineExceeded, Forbidden, Invalid, Problem, SlackerError, Unavailable

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (Forbidden("not you"), ["error: not you"]),
        (Invalid(Problem("/a", "b"), Problem("/c", "d")), ["error: /a: b", "error: /c: d"]),
        (
            Unavailable("down"),
            [
                "error: down",
                "try again; if it stays so, check SLACKER_BACKEND, SLACKER_STATE and GOOGLE_CLOUD_PROJECT",
            ],
        ),
        (
            DeadlineExceeded("late"),
            [
                "error: late",
                "the store did not answer in time: look again before you repeat a change, it may have happened",
            ],
        ),
    ],
)
def test_an_expected_error_is_lines_that_say_what_to_do_and_exit_code_1(error: SlackerError, lines: list[str]) -> None:
    @click.group(cls=Group)
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise error

    result = CliRunner().invoke(group, ["fail"])

    assert (result.exit_code, result.output.splitlines(), result.stdout) == (1, lines, "")


def test_a_programming_error_is_not_hidden() -> None:
    @click.group(cls=Group)
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(group, ["fail"]).exception, ZeroDivisionError)


@pytest.mark.parametrize("missing", ["google", "google.auth", "grpc"])
def test_where_googles_libraries_are_not_installed_it_is_said_what_to_install(missing: str) -> None:
    @click.group(cls=Group)
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise ModuleNotFoundError(name=missing)

    result = CliRunner().invoke(group, ["fail"])

    assert (result.exit_code, "nox -s cli --install-only" in result.output) == (1, True)


def test_another_module_that_is_missing_is_a_programming_error() -> None:
    @click.group(cls=Group)
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise ModuleNotFoundError(name="googly")

    assert isinstance(CliRunner().invoke(group, ["fail"]).exception, ModuleNotFoundError)


def python_m_cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "cli", *arguments],
        cwd=ROOT, env={**inherited, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_python_m_cli_works_from_the_root_of_the_project(tmp_path: Path) -> None:
    here = {"SLACKER_ENVIRONMENT": "local", "SLACKER_STATE": str(tmp_path / "state")}

    assert python_m_cli("bootstrap", **here).returncode == 0
    listed = python_m_cli("operations", "list", **here)

    assert (listed.returncode, listed.stderr) == (0, "")
    assert "transaction" in listed.stdout


def test_exit_codes_tell_usage_from_refusal(tmp_path: Path) -> None:
    usage = python_m_cli("rules", "approve")
    unset = python_m_cli("rules", "list")

    assert (usage.returncode, unset.returncode) == (2, 1)
    assert unset.stderr == "error: set GOOGLE_CLOUD_PROJECT to the project's id, or SLACKER_ENVIRONMENT to local\n"


@pytest.mark.parametrize("family", [[], ["rules"], ["operations"]])
def test_help_teaches_with_an_example_for_every_command(family: list[str]) -> None:
    group: click.Command = slacker
    for name in family:
        assert isinstance(group, click.Group)
        group = group.commands[name]
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        if not isinstance(command, click.Group):
            assert f"python -m cli {' '.join([*family, name])}" in (command.help or "")


def commands(group: click.Group, path: str = "") -> list[tuple[str, click.Command]]:
    """Every command there is, with what to type for it."""
    named = [(f"{path} {name}".strip(), command) for name, command in group.commands.items()]
    inside = [
        nested for name, command in named if isinstance(command, click.Group) for nested in commands(command, name)
    ]
    return [("", group), *named, *inside]


@pytest.mark.parametrize("name", [name for name, _ in commands(slacker)])
def test_the_examples_of_a_help_text_stand_on_lines_of_their_own(name: str) -> None:
    output = CliRunner().invoke(slacker, [*name.split(), "--help"]).output
    assert "\\b" not in output
