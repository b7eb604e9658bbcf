"""`python -m cli`."""

from cli.main import slacker

slacker(prog_name="python -m cli")
