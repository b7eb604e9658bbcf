"""A client's profile by time: what the bank's latest snapshots said, embedded in each state that needs it.

Whoever has the state has the profile, without a second read. A bank action says that a part of the profile was edited,
never what it is now: the snapshot that follows does.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from shared.events.events import ClientSnapshot
from shared.ids import event_digest
from shared.times import microseconds
from shared.windowing.outcome import Outcome

MAX_ENTRIES = 4
"""Snapshots kept, the latest ones."""


class ProfileEntry(msgspec.Struct, array_like=True, frozen=True, order=True):
    """What a snapshot said at `time`, in µs since 1970; `id` is the digest of its event's id, `opened` (µs) when the
    first account was, `zone` an IANA name, `country` that of residence, `language` a tag of BCP 47.
    """

    time: int
    id: int
    zone: str | None = None
    country: str | None = None
    opened: int | None = None
    language: str | None = None


E = TypeVar("E", bound=ProfileEntry)
"""A state that needs more of a snapshot (the segment, the card) extends the entry."""


def entry_of(snapshot: ClientSnapshot) -> ProfileEntry:
    """The entry of a snapshot."""
    opened = microseconds(snapshot.account_opened) if snapshot.account_opened else None
    return ProfileEntry(
        microseconds(snapshot.occurred_at),
        event_digest(snapshot.event_id),
        snapshot.time_zone,
        snapshot.country,
        opened,
        snapshot.language,
    )


def insert(entries: Sequence[E], entry: E) -> tuple[Outcome, list[E]]:
    """Take one entry, whenever it comes; also returns the entries after it, the latest ones, in order of time."""
    if any(other.id == entry.id for other in entries):
        return Outcome.DUPLICATE, list(entries)
    latest = sorted([*entries, entry])[-MAX_ENTRIES:]
    return Outcome.FOLDED if entry in latest else Outcome.TOO_OLD, latest


def as_of(entries: Sequence[E], time: int) -> E | None:
    """The last entry before `time`, in µs since 1970."""
    for entry in reversed(entries):
        if entry.time < time:
            return entry
    return None
