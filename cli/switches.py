"""`switches`: stopping commands of a type at once, and letting them go again."""

from datetime import datetime
from typing import Any

import click

from cli.error_output import Group
from cli.operator_client import segment
from cli.output import as_json, echo, print_json, print_table
from cli.session import Session, acting, dry_run


@click.group(cls=Group)
def switches() -> None:
    """Kill switches: list, off, on.

    While a switch is off, commands of its type (or of its channel) are parked: none is lost, and each goes on within a
    minute of its switch being turned on, unless it expired meanwhile.
    """


@switches.command("list")
@acting
@as_json
@click.pass_obj
def list_(session: Session, named: str | None, as_json: bool) -> None:
    r"""Every switch, how it stands, who turned it and why.

    \b
      python -m cli switches list
    """
    listing = session.operators(named).get("/v1/switches")
    if as_json:
        print_json(listing)
        return
    print_table(["switch", "state", "turned by", "at", "why"], [_row(switch) for switch in listing["switches"]])


def _row(switch: dict[str, Any]) -> list[Any]:
    at = datetime.fromisoformat(switch["at"]) if switch["at"] else None
    return [switch["name"], "on" if switch["on"] else "OFF", switch["by"], at, switch["why"]]


def _turning(name: str, help_text: str) -> click.Command:
    on = name == "on"

    @click.command(name, help=help_text)
    @click.argument("switch")
    @click.option("--why", "purpose", required=True, metavar="TEXT", help="For the audit, and for whoever finds it so.")
    @acting
    @dry_run
    @click.pass_obj
    def turn(session: Session, switch: str, purpose: str, named: str | None, dry_run: bool) -> None:
        client = session.operators(named)
        if dry_run:
            states = {entry["name"]: entry["on"] for entry in client.get("/v1/switches")["switches"]}
            if switch not in states:
                raise click.UsageError(f"there is no such switch: {', '.join(states)}")
            echo(f"{switch} is {name} already" if states[switch] == on else f"would turn {switch} {name}")
            return
        state = client.put(f"/v1/switches/{segment(switch)}", {"on": on, "why": purpose})
        echo(f"{state['name']} is {name}: {'commands go through' if on else 'its commands are parked'}")

    return turn


_OFF = """Stop the commands of a type, or of one channel of it, at once: they are parked.

\b
  python -m cli switches off create_ticket --why "Jira is being migrated"
  python -m cli switches off notify_client.text --why "the provider sends twice"

It takes effect with the next command; those that are being done right now are finished."""

_ON = """Let the commands of a type, or of one channel, go again; those that are parked follow within a minute.

\b
  python -m cli switches on create_ticket --why "Jira is back" """

switches.add_command(_turning("off", _OFF))
switches.add_command(_turning("on", _ON.rstrip()))
