"""A client's profile by time."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.clients.profile import MAX_ENTRIES, ProfileEntry, as_of, entry_of, insert
from shared.events.events import ClientSnapshot
from shared.ids import event_digest
from shared.times import microseconds
from shared.windowing.outcome import Outcome


class CardEntry(ProfileEntry, array_like=True, frozen=True, order=True):
    """What another state may need of a snapshot."""

    card_type: str | None = None


@given(
    arrivals=st.lists(
        st.builds(CardEntry, st.integers(0, 20), st.integers(0, 9), card_type=st.sampled_from((None, "debit"))),
        max_size=25,
    ),
    time=st.integers(0, 22),
)
def test_the_latest_entries_are_kept_once_each_and_the_last_before_a_time_is_told(
    arrivals: list[CardEntry], time: int
) -> None:
    """Whatever else an entry tells, as a naive list of those taken would say it."""
    entries: list[CardEntry] = []
    for entry in arrivals:
        ids = {other.id for other in entries}
        latest = sorted(entries + [entry] * (entry.id not in ids))[-MAX_ENTRIES:]
        expected = Outcome.DUPLICATE if entry.id in ids else Outcome.FOLDED if entry in latest else Outcome.TOO_OLD
        assert insert(entries, entry) == (expected, latest)
        entries = latest
    assert as_of(entries, time) == max((entry for entry in entries if entry.time < time), default=None)


def test_an_entry_says_of_a_snapshot_what_states_need() -> None:
    at, opened = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    snapshot = ClientSnapshot(
        event_id="s1",
        client="c",
        occurred_at=at,
        time_zone="Europe/Brussels",
        language="nl-BE",
        country="BE",
        segment="gold",
        birth_year=1980,
        account_opened=opened,
    )
    assert entry_of(snapshot) == ProfileEntry(
        microseconds(at), event_digest("s1"), "Europe/Brussels", "BE", microseconds(opened), "nl-BE"
    )
