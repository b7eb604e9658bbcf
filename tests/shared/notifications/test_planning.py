"""What is refused ends what waits and nothing else, and the history of a busy client fits into its document."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from shared.notifications.delivery_result import accepted
from shared.notifications.devices import MAX_DEVICES as MOST_DEVICES
from shared.notifications.history import CODEC, MAX_ENTRIES, MAX_WAITING, History, HistoryEntry, Status
from shared.notifications.notification import MAX_BYTES
from shared.notifications.planning import refused
from shared.storage.documents import MAX_STATE_BYTES
from tests.support.event_streams import TOKENS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entry(status: Status, digest: bytes = b"d", **changes: object) -> HistoryEntry:
    waiting = HistoryEntry("n-1", digest, "t@1", "security", "text", status, NOW, NOW)
    return msgspec.structs.replace(waiting, **changes)


def after(before: HistoryEntry, digest: bytes = b"d") -> HistoryEntry | None:
    """What becomes of an entry when a command of its id and of that digest is refused."""
    later = NOW + timedelta(hours=1)
    return refused(History(entries=(before,)), entry(Status.SENDING, digest), later, "why").find("n-1")


def test_what_waits_is_refused_and_with_it_the_command_goes() -> None:
    ended = after(entry(Status.WAITING, until=NOW, command=b"{}", done=("phone",)))
    assert ended is not None
    assert (ended.status, ended.reason, ended.until, ended.command, ended.done) == (
        Status.REFUSED, "why", None, b"", ("phone",),
    )  # fmt: skip


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.WAITING}))
def test_what_is_being_sent_or_has_ended_stays_as_it_is(status: Status) -> None:
    """A text that is being sent could be mended otherwise, and sent a second time."""
    assert after(entry(status)) == entry(status)


def test_another_command_of_the_same_id_ends_nothing() -> None:
    assert after(entry(Status.WAITING), b"other") == entry(Status.WAITING)


def test_as_much_of_the_reason_is_kept_as_leaves_room_for_the_others() -> None:
    [ended] = refused(History(), entry(Status.SENDING), NOW, "x" * 5000).entries
    assert ended.reason == "x" * 200


def test_the_longest_history_there_can_be_fits_into_a_document() -> None:
    """Every field as long as its contract lets it be."""
    address, reference = TOKENS.token("device_address", "f" * 22), accepted("r" * 5000).code
    long = entry(
        Status.SENT, bytes(32), id="i" * 200, template="t" * 64 + "@1000", reason="x" * 200, content=bytes(16),
        collapse="c" * 40, subject="s" * 64, language="zh-hant", until=NOW, references=(reference,) * MOST_DEVICES,
        done=(address,) * MOST_DEVICES, doubts=5,
    )  # fmt: skip
    waits = msgspec.structs.replace(long, status=Status.WAITING, command=b"c" * MAX_BYTES)
    state = CODEC.encode(History(entries=(long,) * (MAX_ENTRIES - MAX_WAITING) + (waits,) * MAX_WAITING))
    assert len(state) < MAX_STATE_BYTES
