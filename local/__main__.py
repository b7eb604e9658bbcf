"""`python -m local`."""

from local.command import main

main(prog_name="python -m local")
