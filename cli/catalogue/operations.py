"""The commands for operations: what may be asked, by whom, and what is answered when nobody decides."""

import click

from cli.catalogue.check import add_checking
from cli.catalogue.document_kind import OPERATION
from cli.catalogue.publish import add_publishing
from cli.catalogue.show import add_looking
from cli.error_output import Group


@click.group(cls=Group)
def operations() -> None:
    """Operations: check, publish, approve, roll back.

    An operation says what may be asked, by whom, which risk function decides, how long it may take and what is answered
    if it does not. It is a YAML file; a new one needs no deployment. docs/guide-operator.md tells how to write one.
    """


_CHECK = """Check operations: shape, the question's schema and its data classes, legal and declared answers.

\b
  python -m cli operations check card_activation.yaml

Exit code 1 if anything is wrong."""

add_checking(operations, OPERATION, _CHECK)
add_publishing(operations, OPERATION)
add_looking(operations, OPERATION)
