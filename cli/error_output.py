"""Expected errors of a command, printed as one line that says what to do next instead of a traceback."""

import inspect
import re
from typing import Any

import click

from cli.output import echo
from shared import command_line
from shared.errors import DeadlineExceeded, Invalid, Misconfigured, SlackerError, Unavailable

_NEXT = {
    DeadlineExceeded: "the store did not answer in time: look again before you repeat a change, it may have happened",
    Unavailable: "try again; if it stays so, check SLACKER_BACKEND, SLACKER_STATE and GOOGLE_CLOUD_PROJECT",
}


_GOOGLE = ("google", "grpc")
_NOT_INSTALLED = (
    "Google's libraries are not installed here: nox -s cli --install-only, then source .nox/cli/bin/activate"
)

_PARAGRAPH_MARK = re.compile(r"(?<=\n)\\b(?=\n)")


class Group(command_line.Group):
    """A group of commands whose expected errors end in one line each and exit code 1."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = _clean_help(self.help)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command to the group, its help text cleaned."""
        cmd.help = _clean_help(cmd.help)
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen."""
        try:
            return super().invoke(ctx)
        except SlackerError as error:
            raise Refused(error) from error
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _GOOGLE:
                raise
            raise Refused(Misconfigured(_NOT_INSTALLED)) from error


def _clean_help(help_text: str | None) -> str | None:
    """A help text without indentation; a literal backslash-b becomes click's mark for kept line ends."""
    return help_text and _PARAGRAPH_MARK.sub("\b", inspect.cleandoc(help_text))


class Refused(click.ClickException):
    """An expected error as click prints it: exit code 1."""

    exit_code = 1

    def __init__(self, error: SlackerError) -> None:
        lines = [str(problem) for problem in error.problems] if isinstance(error, Invalid) else [str(error)]
        advice = [advice for kind, advice in _NEXT.items() if isinstance(error, kind)]
        super().__init__("\n".join([*(f"error: {line}" for line in lines), *advice]))

    def show(self, file: Any = None) -> None:
        """Print to standard error."""
        echo(self.message, file=file, err=file is None)
