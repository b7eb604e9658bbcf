"""The operators' command line: what every command has in common is said here, each family of commands lives beside."""

import os

import click

from cli.bootstrap import bootstrap
from cli.edge import Group
from cli.operations import operations
from cli.rules import rules
from cli.session import Session
from cli.trace import trace


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.pass_context
def slacker(context: click.Context) -> None:
    r"""Publish rules and operations, and find out what happened.

    \b
    A change of rules, from idea to production:
      python -m cli rules check rules.yaml                        is it right? do its examples hold?
      python -m cli rules try rules.yaml client.payments_1h=9     what would it say?
      python -m cli rules publish rules.yaml --note "why"         propose it
      python -m cli rules approve transaction 7                   a second person puts it in force
      python -m cli rules rollback transaction --note "why"       and back, in seconds

    \b
    Which store (the same variables as the functions have):
      SLACKER_ENVIRONMENT=local SLACKER_STATE=.slacker            the local stack's
      SLACKER_BACKEND=gcp GOOGLE_CLOUD_PROJECT=my-project         Google Cloud's (the default)

    Exit codes: 0 all is well, 1 something was found or refused, 2 the command was not understood.
    """
    if context.obj is None:
        context.obj = Session(os.environ)


slacker.add_command(rules)
slacker.add_command(operations)
slacker.add_command(trace)
slacker.add_command(bootstrap)
