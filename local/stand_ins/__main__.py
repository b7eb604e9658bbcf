"""`python -m local.stand_ins`: serves every stand-in of a bank's service or a vendor, each under its name."""

from importlib import import_module

import click
import uvloop
from aiohttp import web

from local.stack.http_listener import HOST, bind
from local.stack.stand_ins import STAND_INS


def mounted() -> web.Application:
    """All of them as one application."""
    everything = web.Application()
    for name in STAND_INS:
        everything.add_subapp(f"/{name}", import_module(f"local.stand_ins.{name}").application())
    return everything


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 is a free one.")
def main(port: int) -> None:
    """Serve the stand-ins until stopped; `PUT /NAME/_switches` makes one of them trouble."""
    bound = bind(port, "the stand-ins")
    bound.listen()  # so that connections are accepted once the line below is printed
    click.echo(f"http://{HOST}:{bound.getsockname()[1]}: {', '.join(STAND_INS)}")
    # A stand-in that plays dead waits until its caller gives up.
    web.run_app(
        mounted(), sock=bound, access_log=None, print=None, loop=uvloop.new_event_loop(),
        handler_cancellation=True, shutdown_timeout=1.0,
    )  # fmt: skip


if __name__ == "__main__":
    main()
