"""`reviews`: what waits for a person's decision, and deciding it."""

from datetime import datetime
from typing import Any

import click

from cli.error_output import Group
from cli.operator_client import segment
from cli.output import as_json, echo, print_json, print_table, tell_unreadable
from cli.session import Session, acting, dry_run
from shared.money import minor_digits
from shared.times import parse_time

why_read = click.option(
    "--why", "purpose", metavar="TEXT", help="Why you look, for the audit: a case number, not a name."
)


@click.group(cls=Group)
def reviews() -> None:
    """Reviews: list, show, approve, reject.

    An operation that was answered with MANUAL_APPROVAL_NEEDED is held by the bank until a person decides it here. Above
    an amount an approval takes two people; a rejection takes one; what nobody decides in time is decided by its
    operation's rule. Whatever you do or read here is on record under your name. docs/guide-reviewer.md tells more.
    """


@reviews.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are decided as well, in order of their ids.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="At most so many.")
@click.option("--after", default=None, metavar="ID", help="With --all: those behind this one.")
@why_read
@acting
@as_json
@click.pass_obj
def list_(session: Session, everything: bool, limit: int, after: str | None, purpose: str | None, named: str | None,
          as_json: bool) -> None:  # fmt: skip
    r"""Open reviews, those that expire first before the others.

    \b
      python -m cli reviews list
      python -m cli reviews list --all --json | jq '.reviews[] | select(.status == "rejected")'

    "needs" says how many approvals are there and how many it takes.
    """
    status = "any" if everything else "open"
    page = session.operators(named).get("/v1/reviews", status=status, limit=limit, after=after, why=purpose)
    if as_json:
        print_json(page)
        return
    tell_unreadable(page["unreadable"])
    if not page["reviews"]:
        echo("no review is there" if everything else "no review waits")
        return
    now = session.now()
    print_table(
        ["review", "amount", "why", "status", "needs", "client", "opened", "expires"],
        [_row(review, now) for review in page["reviews"]],
    )
    if page["next"]:
        echo(f"there are more: --after {page['next']}")


@reviews.command("show")
@click.argument("review")
@why_read
@acting
@as_json
@click.pass_obj
def show(session: Session, review: str, purpose: str | None, named: str | None, as_json: bool) -> None:
    r"""Everything there is about one review: what the risk function found, who said what, which reasons there are.

    \b
      python -m cli reviews show transaction.op-4711.1
      python -m cli trace op-4711                           the whole story of its operation
    """
    details = session.operators(named).get(_path(review), why=purpose)
    if as_json:
        print_json(details)
    else:
        _print(details, session.now())


def _judging(verdict: str, help_text: str) -> click.Command:
    @click.command(verdict, help=help_text)
    @click.argument("review")
    @click.option("--reason", required=True, metavar="CODE", help="One of those that `show` lists.")
    @acting
    @dry_run
    @as_json
    @click.pass_obj
    def judge(session: Session, review: str, reason: str, named: str | None, dry_run: bool, as_json: bool) -> None:
        client = session.operators(named)
        seen = client.get(_path(review))
        if dry_run:
            _print(seen, session.now())
            echo(_foreseen(seen, verdict, reason))
            return
        body = {"reason": reason, "revision": seen["revision"]}
        judged = client.post(f"{_path(review)}/{verdict}", body, safe=True)
        if as_json:
            print_json(judged)
        else:
            echo(_result_text(judged))

    return judge


def _foreseen(review: dict[str, Any], verdict: str, reason: str) -> str:
    if review["decision"] is not None:
        return f"it is {review['status']} already: nothing would change"
    if reason not in review["reasons"][verdict]:
        return f"{reason} is none of its reasons: {', '.join(review['reasons'][verdict])}"
    last = verdict == "reject" or review["approvals_given"] + 1 >= review["approvals_needed"]
    return f"would {verdict} it" if last else "would be the first of two approvals: another person gives the second"


def _result_text(review: dict[str, Any]) -> str:
    decision = review["decision"]
    if decision is None:
        approvals, needed = review["approvals_given"], review["approvals_needed"]
        return (
            f"{review['id']}: {approvals} of {needed} approvals; now another person runs:\n"
            f"python -m cli reviews approve {review['id']} --reason CODE"
        )
    return f"{review['id']} is {review['status']} ({decision['reason']}): the bank is told"


def _path(review: str) -> str:
    return f"/v1/reviews/{segment(review)}"


def _row(review: dict[str, Any], now: datetime) -> list[Any]:
    needs = f"{review['approvals_given']} of {review['approvals_needed']}"
    return [
        review["id"], money(review["amount"]), ", ".join(review["why"]), review["status"], needs, review["client"],
        _time(review["opened_at"]), _until(review, now),
    ]  # fmt: skip


def _print(review: dict[str, Any], now: datetime) -> None:
    lines = [
        ("status", review["status"]),
        ("amount", money(review["amount"])),
        ("client", review["client"]),
        ("why", ", ".join(review["why"])),
        ("rule set", review["rule_set"]),
        ("opened", _time(review["opened_at"])),
        ("expires", f"{_until(review, now)}, then: {review['expires_as']} ({review['policy']})"),
        ("approvals", f"{review['approvals_given']} of {review['approvals_needed']}"),
        *(
            (f"  {approval['by']}", f"{approval['reason']}, {_time(approval['at']):%Y-%m-%d %H:%M}Z")
            for approval in review["approvals"]
        ),
    ]
    decision = review["decision"]
    if decision is None:
        lines += [(f"to {verdict}", "  ".join(codes)) for verdict, codes in review["reasons"].items()]
    else:
        lines.append(("decided", f"{decision['verdict']} by {decision['by']}, {decision['reason']}"))
    print_table(["review", review["id"]], lines)


def money(amount: dict[str, Any] | None) -> str:
    """An amount in major units."""
    if amount is None:
        return ""
    digits = minor_digits(amount["currency"])
    return f"{amount['minor'] / 10**digits:,.{digits}f} {amount['currency']}"


def _time(text: str) -> datetime:
    return parse_time(text)


def _until(review: dict[str, Any], now: datetime) -> str:
    """When it expires, and how long that is from now."""
    at = _time(review["expires_at"])
    hours = (at - now).total_seconds() / 3600
    left = "" if review["status"] != "open" else f" ({hours:.0f} h left)" if hours >= 0 else " (is over)"
    return f"{at:%Y-%m-%d %H:%M}Z{left}"


_APPROVE = """Approve REVIEW: the transaction may go on.

\b
  python -m cli reviews approve transaction.op-4711.1 --reason CLIENT_CONFIRMED --dry-run
  python -m cli reviews approve transaction.op-4711.1 --reason CLIENT_CONFIRMED

Above its operation's amount it takes two people, and the same person counts once. If somebody changed the review while
you decided, nothing is done: look again. Doing it twice is safe."""

_REJECT = """Reject REVIEW: the transaction is not to go on. One person is enough, also against an approval.

\b
  python -m cli reviews reject transaction.op-4711.1 --reason CLIENT_DENIED"""

reviews.add_command(_judging("approve", _APPROVE))
reviews.add_command(_judging("reject", _REJECT))
