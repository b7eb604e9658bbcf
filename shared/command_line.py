"""What every command of ours keeps to: a value that is given is not empty, a number is finite.

Click takes `--client ""` as it takes no `--client` in many a command's `if client`: a filter would be dropped and all
be chosen. Whoever writes it has a variable of a script that is empty, and is told so.
"""

import math
from typing import Any

import click


class Group(click.Group):
    """A group of commands none of whose options and arguments takes a value that is empty or blank.

    An environment variable that is empty counts as not set, as it does for functions.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's own options; raises click's `BadParameter`."""
        _refuse_blanks(self, ctx, args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named, and its arguments; raises click's `BadParameter`."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not isinstance(command, click.Group):
            _refuse_blanks(command, click.Context(command, ctx, name, **command.context_settings), rest)
        return name, command, rest


def _refuse_blanks(command: click.Command, ctx: click.Context, args: list[str]) -> None:
    """Look at the values as they were written: once converted, an empty path is the folder one is in."""
    if ctx.resilient_parsing or (not args and command.no_args_is_help):
        return
    values, _, _ = command.make_parser(ctx).parse_args(list(args))
    for parameter in command.get_params(ctx):
        if any(not text.strip() for text in _texts(values.get(parameter.name or ""))):
            raise click.BadParameter("a value expected, not an empty one", ctx, parameter)


def _texts(value: Any) -> list[str]:
    """All texts in what the parser found for a parameter: one, several, or several of several."""
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


class Finite(click.FloatRange):
    """A click type: a number in a range, neither infinite nor NaN, which click's own takes."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; fails with a usage error."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail("a finite number expected", param, ctx)
        return number
