"""Which dead letters a command is about: options that are the same wherever letters are chosen."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from cli.session import Session
from shared.times import in_utc, shifted

_AGO = re.compile(r"([0-9]{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """A click type: a time in ISO 8601, or how long ago it was (30m, 2h, 7d)."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time, aware UTC; fails with a usage error."""
        ago = _AGO.fullmatch(str(value))
        if ago is not None:
            session = ctx.find_object(Session) if ctx is not None else None
            now = session.now() if session is not None else datetime.now(UTC)
            return shifted(now, -timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("30m, 2h or 7d ago expected, or a time like 2026-03-01T12:00Z", param, ctx)
        try:
            return in_utc(moment.replace(tzinfo=moment.tzinfo or UTC))
        except ValueError as error:
            self.fail(str(error), param, ctx)


_OPTIONS = (
    click.option("--type", "type_", metavar="TYPE", help="Of this type of command, or by this topic."),
    click.option("--reason", metavar="TEXT", help="Whose reason has this text, or is of this kind: too_large…"),
    click.option("--client", metavar="ID", help="Of this client: the bank's id, or a token as logs show it."),
    click.option("--since", type=Moment(), metavar="TIME", help="Published then or later: 2h, 7d, 2026-03-01T12:00Z."),
    click.option("--until", type=Moment(), metavar="TIME", help="Published before."),
)  # fmt: skip


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: give a command the options of a filter, as keyword arguments that `chosen` reads."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen(options: dict[str, Any], status: str = "") -> dict[str, Any]:
    """The filter as the API expects it, times as ISO 8601; empty without an option."""
    since, until = options["since"], options["until"]
    criteria = {
        "status": status,
        "type": options["type_"],
        "reason": options["reason"],
        "client": options["client"],
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
    }
    return {name: value for name, value in criteria.items() if value}
