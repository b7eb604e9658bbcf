"""`messages`: what a client was told, what not, and why, for whoever answers the client's call."""

from typing import Any

import click

from cli.output import as_json, echo, print_json, print_table
from cli.session import Session, acting

_CODES = {
    "not_opted_in": "the client has not asked for rewards",
    "switched_off": "the client has switched it off",
    "duplicate": "the same words were sent minutes before",
    "too_many_rewards": "three rewards in a week are the most",
    "quiet_hours": "quiet hours of the client",
    "collapsed": "a later one took its place",
    "too_many_waiting": "too many waited already",
    "no_device": "no app is registered",
    "unregistered": "the app is not installed any more",
    "no_number": "the bank has no mobile number",
    "channel_not_used": "the bank does not use this channel",
    "unknown_client": "the bank's service does not know the client",
    "unknown_end": "nobody heard how it ended",
    "interrupted": "whoever sent it was gone before it was booked",
    "misconfigured": "who sends it refuses our credential: people have been told",
    "left_alone": "who sends it asked for a pause",
    "not_reached": "who sends it was not reached",
    "too_late": "its time had passed",
}
_OUTCOMES = {
    "ambiguous": "may have been sent, and is not sent again",
    "refused": "not sent: in the dead letters",
    "dry_run": "dry run: not sent",
    "expired": "not sent: too late",
    "suppressed": "not sent",
    "undeliverable": "not delivered",
}


@click.command()
@click.argument("client")
@click.option(
    "--why", "purpose", default="", metavar="TEXT", help="Why you look, for the audit: a case number, not a name."
)
@acting
@as_json
@click.pass_obj
def messages(session: Session, client: str, purpose: str, named: str | None, as_json: bool) -> None:
    r"""What CLIENT was told in the last ninety days, what not, and why: the newest first.

    \b
      python -m cli messages client-0042 --why "case 1234"
      python -m cli messages t1_0f3c... --json | jq '.messages[] | select(.outcome != "sent")'

    CLIENT is the bank's id, or a token as logs show it. Neither what was said nor the number it went to is shown or
    kept. That you looked is on record.
    """
    history = session.operators(named).post("/v1/messages/search", {"client": client, "why": purpose}, safe=True)
    if as_json:
        print_json(history)
        return
    chosen = history["choices"]
    echo(f"{history['client']}: {history['devices']} devices, quiet hours {chosen['quiet_hours']}")
    for channel in ("push", "text"):
        echo(f"{channel}: {', '.join(chosen[channel])}")
    if history["messages"]:
        print_table(
            ["at", "channel", "template", "language", "", "why"], [_row(message) for message in history["messages"]]
        )
    else:
        echo("nothing was sent, or was to be sent, to this client in ninety days")


def _row(message: dict[str, Any]) -> list[Any]:
    outcome, code = message["outcome"], message["code"]
    until = f"until {message['until'][:19]}Z, " if message["outcome"] == "waiting" and message["until"] else ""
    return [
        f"{message['at'][:19]}Z",
        message["channel"],
        message["template"],
        message["language"],
        _OUTCOMES.get(outcome, outcome),
        f"{until}{_CODES.get(code, code)}",
    ]
