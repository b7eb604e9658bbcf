"""The operators' command line: the root group and its options; each family of commands has a module of its own."""

import os

import click

from cli.audit import audit
from cli.catalogue.bootstrap import bootstrap
from cli.catalogue.operations import operations
from cli.catalogue.rules import rules
from cli.commands import commands
from cli.dead_letters.show import dead_letters
from cli.error_output import Group
from cli.messages import messages
from cli.reviews import reviews
from cli.session import Session
from cli.switches import switches
from cli.trace.trace import trace


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
    What became of it, from the store and the logs:
      python -m cli trace op-4711                                 the story of one operation
      python -m cli commands count                                do the books of commands add up?

    \b
    Day by day, through the operators' API, every look and act on record:
      python -m cli reviews list                                  what waits for a person's decision
      python -m cli switches off create_ticket --why "why"        stop commands of a type at once
      python -m cli dead-letters groups                           what could not be processed, and why
      python -m cli messages CLIENT                               what a client was told, what not, and why
      python -m cli audit verify                                  is the record of all that whole?

    \b
    Which store (the same variables as the functions have):
      SLACKER_ENVIRONMENT=local SLACKER_STATE=.slacker            the local stack's
      SLACKER_BACKEND=gcp GOOGLE_CLOUD_PROJECT=my-project         Google Cloud's (the default)
      SLACKER_OPERATOR_API=https://...                            the operators' API (locally the stack says where)

    Exit codes: 0 all is well, 1 something was found or refused, 2 the command was not understood.
    """
    if context.obj is None:
        context.obj = Session(os.environ)


slacker.add_command(rules)
slacker.add_command(operations)
slacker.add_command(trace)
slacker.add_command(bootstrap)
slacker.add_command(commands)
slacker.add_command(reviews)
slacker.add_command(switches)
slacker.add_command(dead_letters)
slacker.add_command(messages)
slacker.add_command(audit)
