"""Which dead letters a command is about: times as people type them, and only what was chosen."""

from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from cli.dead_letters.filter import Moment, chosen, filtered
from cli.session import Session

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@click.command()
@filtered
def show(**options: object) -> None:
    """Prints the filter."""
    click.echo(repr(chosen(dict(options), "open")))


def printed(*arguments: str) -> str:
    """What the command prints, at `NOW`."""
    return CliRunner().invoke(show, arguments, obj=Session({}, lambda: NOW)).output.strip()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-03-01T12:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_how_long_ago_or_a_moment_in_utc(typed: str, meant: datetime) -> None:
    assert printed("--since", typed) == repr({"status": "open", "since": meant.isoformat()})


@pytest.mark.parametrize("typed", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_utc_has_no_year_for_is_refused_by_name(typed: str) -> None:
    assert "Invalid value for '--until': a time between the years 1 and 9999 expected" in printed("--until", typed)


def test_anything_else_says_what_is_expected() -> None:
    with pytest.raises(click.BadParameter, match="30m, 2h or 7d ago expected"):
        Moment().convert("yesterday", None, None)


def test_only_what_was_chosen_is_in_the_filter() -> None:
    assert printed("--type", "create_ticket") == repr({"status": "open", "type": "create_ticket"})
    assert printed() == repr({"status": "open"})
