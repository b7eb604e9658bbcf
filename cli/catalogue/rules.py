"""The risk analyst's commands."""

import click

from cli.catalogue.check import add_checking
from cli.catalogue.document_kind import RULES
from cli.catalogue.publish import add_publishing
from cli.catalogue.show import add_looking
from cli.catalogue.try_rules import try_
from cli.error_output import Group


@click.group(cls=Group)
def rules() -> None:
    """Rule sets: check, try, publish, approve, roll back.

    A rule set decides about one operation. It is a YAML file; docs/guide-risk-analyst.md tells how to write one.
    """


_CHECK = """Check rule sets: shape, names, types and ranges of every condition, and each rule's examples.

\b
  python -m cli rules check my.yaml
  my.yaml:42:15: rule 'night_cash': there is no 'client.payment_1h'; did you mean 'client.payments_1h'?

Exit code 1 if anything is wrong."""

add_checking(rules, RULES, _CHECK)
rules.add_command(try_)
add_publishing(rules, RULES)
add_looking(rules, RULES)
