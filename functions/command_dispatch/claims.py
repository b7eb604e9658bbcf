"""Who may do a command now: an entry of the ledger and a delivery that claims it, by the rules of `shared.attempts`."""

from datetime import datetime, timedelta
from functools import cache

import msgspec
from msgspec.structs import replace

from shared.attempts.attempt import State
from shared.attempts.claim import ClaimDecision, admit, start
from shared.attempts.policy import Policy
from shared.commands.command import Command
from shared.commands.ledger import Entry, accepted

LEASE = timedelta(seconds=20)
"""How long a claim holds, from the delivery's arrival: whoever has it gives up after nine seconds, by a clock that may
be some seconds off.
"""

SETTLES_FOR = timedelta(days=1)
"""How long after its `not_after` a command that may have been done is still looked into."""


class ClaimRequest(msgspec.Struct, frozen=True):
    """A delivery's claim on a command: `envelope` is the message's body, `digest` the command's, `settling_time` the
    handler's, `now` when it arrived.
    """

    command: Command
    envelope: bytes
    digest: bytes
    now: datetime
    settling_time: timedelta


@cache
def policy(settling_time: timedelta = timedelta()) -> Policy:
    """How commands of a type are attempted whose handler has that settling time."""
    return Policy(
        lease=LEASE, settling_time=settling_time, settles_for=SETTLES_FOR, switched_off_code="switched_off"
    )  # fmt: skip


def claim(entry: Entry | None, request: ClaimRequest, *, switched_on: bool) -> tuple[Entry, ClaimDecision]:
    """The entry as it is then, and what the delivery's receiver has to do; `switched_on` says whether the kill switches
    let the command through.
    """
    now, rules = request.now, policy(request.settling_time)
    entry = entry or accepted(request.command, request.digest, now, request.envelope)
    claimed = admit(entry.attempt, request.digest, now, rules)
    if claimed.decision is ClaimDecision.ATTEMPT:
        claimed = start(claimed.attempt, now, rules, switched_on=switched_on)
    if claimed.attempt == entry.attempt:
        return entry, claimed.decision
    after = entry.with_attempt(claimed.attempt, now)
    return replace(after, attempts=after.attempts + (claimed.attempt.state is State.CLAIMED)), claimed.decision
