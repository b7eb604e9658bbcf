"""`python -m local.broker`."""

from local.broker.command import main

main(prog_name="python -m local.broker")
