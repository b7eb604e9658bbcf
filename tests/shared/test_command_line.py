"""No command of ours takes an empty value for a missing one, or a number that is none."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

import jobs.__main__
import local.broker.command
import local.command
import local.stand_ins.__main__
from cli.main import slacker
from shared.command_line import Finite, Group

PROGRAMS = (
    slacker,
    jobs.__main__.main,
    local.command.main,
    local.broker.command.main,
    local.stand_ins.__main__.main,
)


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))


def empty_values() -> Iterator[tuple[click.Command, list[str]]]:
    """Every program with a call that gives one option, or the arguments, an empty value."""
    for program in PROGRAMS:
        for path, command in commands(program):
            for parameter in command.params:
                if isinstance(parameter, click.Option) and not parameter.is_flag:
                    for text in ("", " "):
                        yield program, [*path, parameter.opts[0], *([text] * parameter.nargs)]
                elif isinstance(parameter, click.Argument):
                    yield program, [*path, "--", ""]


@pytest.mark.parametrize(("program", "call"), list(empty_values()), ids=str)
def test_an_empty_value_is_refused_by_every_option_and_argument_of_every_command(
    program: click.Command, call: list[str]
) -> None:
    result = CliRunner().invoke(program, call)

    assert result.exit_code == 2
    assert "Invalid value for" in result.output


@click.group(cls=Group)
@click.option("--store")
def program(store: str | None) -> None:
    click.echo(f"in {store}")


@program.command()
@click.option("--to", nargs=2)
@click.option("--number", type=Finite(0))
@click.option("--only", multiple=True, envvar="ONLY")
@click.argument("names", nargs=-1)
def send(**values: object) -> None:
    click.echo(sorted(values.items()))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (["--store", "", "send"], "--store"),
        (["send", "--to", "a", " "], "--to"),
        (["send", "--only", "a", "--only", "\t"], "--only"),
        (["send", "a", ""], "[NAMES]..."),
    ],
)
def test_the_option_that_is_empty_is_named(call: list[str], named: str) -> None:
    result = CliRunner().invoke(program, call)

    assert result.exit_code == 2
    assert f"Invalid value for '{named}': a value expected, not an empty one" in result.output


def test_what_is_not_given_at_all_is_absent_and_so_is_an_empty_variable_of_the_environment() -> None:
    result = CliRunner().invoke(program, ["send"], env={"ONLY": ""})

    assert (result.exit_code, result.output) == (
        0,
        "in None\n[('names', ()), ('number', None), ('only', ()), ('to', None)]\n",
    )


@pytest.mark.parametrize("text", ["nan", "inf", "1e400"])
def test_a_number_is_finite(text: str) -> None:
    result = CliRunner().invoke(program, ["send", "--number", text])

    assert result.exit_code == 2
    assert "Invalid value for '--number': a finite number expected" in result.output
