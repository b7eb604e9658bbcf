"""`python -m jobs`: batch work over archived events."""

import click

from jobs.backtest.command import features
from jobs.rebuild.command import rebuild
from shared.command_line import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Batch work over archived events."""


main.add_command(rebuild)
main.add_command(features)

if __name__ == "__main__":
    main()
