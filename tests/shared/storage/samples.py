"""A value of each codec of the house, with something in every part of it; `states.json` has the state of each."""

from datetime import UTC, datetime
from typing import Any

from shared.audit import entry
from shared.catalogue import versions
from shared.catalogue.versions import Activation, Index, Version, content_hash
from shared.commands import kill_switches, ledger, status
from shared.commands.kill_switches import Switch
from shared.dead_letters import letter
from shared.dead_letters.letter import Action, Letter, Proposal, Status
from shared.notifications import devices, history, preferences
from shared.notifications.devices import Device, Devices
from shared.notifications.history import History, HistoryEntry
from shared.notifications.preferences import NEVER_QUIET, Preferences
from shared.risk import answers
from shared.risk.answers import AnswerRecord
from shared.risk.features import client, deduplication, device, merchant, pending_reversals, watermark
from shared.risk.features.pending_reversals import WaitingReversal
from shared.risk.reviews import stored_review
from shared.risk.reviews.commands import ticket
from shared.risk.reviews.stored_review import StoredReview
from shared.storage.codec import Codec
from tests.support.builders.reviews import review

NOW = datetime(2026, 6, 1, 12, 30, 15, 123456, tzinfo=UTC)

_LETTER = Letter(
    topic="transactions", subscription="transactions.risk_features", function="risk_features", attempt=5,
    code="damaged", reason="it cannot be read", field="/amount", message="m-1", published_at=NOW, drained_at=NOW,
    attributes={"a": "b"}, size=7, digest=b"\x00\xff", type="transactions", subject="e-1", operation="transaction.o.1",
    client="t1_0", truncated_from=9, redriven_from="an earlier one", edited=True, status=Status.REDRIVEN,
    proposal=Proposal(Action.REDRIVE, "ana", NOW, "it was repaired"), settled_by="ben", settled_at=NOW,
    resolution_reason="indeed",
)  # fmt: skip

_COMMAND = ledger.Entry(
    type="create_ticket", status=status.CommandStatus.DEAD_LETTERED, digest=b"\x00\xff", envelope=b'{"id":"c-1"}',
    not_after=NOW, accepted_at=NOW, changed_at=NOW, until=NOW, attempts=3, outcome_unknown_since=NOW, code="invalid",
    result={"ticket": "T-1"}, reason="it cannot be done", field="/payload/kind", dead_letter_pending=True,
    operation="transaction.o.1",
)  # fmt: skip

_WAITS = HistoryEntry(
    id="n-1", digest=b"\x00\xff", template="card_blocked.v1", category="security", channel="push",
    status=history.Status.WAITING, at=NOW, changed_at=NOW, reason="unknown_end", until=NOW, content=b"\x01content",
    collapse="card", subject="o", language="de", references=("ref-1",), done=("t1_9",), command=b'{"id":"n-1"}',
    doubts=2,
)  # fmt: skip
_SENT = HistoryEntry("n-2", b"", "t", "rewards", "text", history.Status.SENT, NOW, NOW)

_CONTENT = {"rules": [{"id": "large", "when": "amount.minor > 100000"}], "note": "ü"}
_VERSION = Version("transaction", 3, _CONTENT, content_hash(_CONTENT), "ana", NOW, "why", "ben", NOW)
_ACTIVATION = Activation("transaction", 2, 3, 2, "rolled_back", "ben", NOW, "back")

_SAMPLES: dict[Codec[Any], Any] = {
    **{codecs.versions: _VERSION for codecs in versions.CODECS.values()},
    **{codecs.activations: _ACTIVATION for codecs in versions.CODECS.values()},
    **{codecs.indexes: Index({"transaction": 3, "cards": 1}) for codecs in versions.CODECS.values()},
    client.CODEC: client.new(),
    device.CODEC: device.new(),
    merchant.CODEC: merchant.new(),
    answers.CODEC: AnswerRecord(b"\x01digest", b'{"advice":"REJECT"}', NOW, [b"{}", b"\xff"]),
    deduplication.CODEC: {0, 7, 2**64 - 1},
    pending_reversals.CODEC: WaitingReversal("r-1", "e-1", NOW),
    ledger.CODEC: _COMMAND,
    history.CODEC: History((_WAITS, _SENT)),
    preferences.CODEC: Preferences({"push": {"service": False}}, NEVER_QUIET, "de-AT", "Europe/Vienna"),
    devices.CODEC: Devices((Device("phone", "fid", "an address", "t1_9", "android", NOW),)),
    devices.OWNERS: "t1_0123",
    watermark.CODEC: NOW,
    kill_switches.CODEC: Switch(on=False, by="ana", at=NOW, reason="it does harm"),
    stored_review.CODEC: StoredReview(review(), (ticket(review(), "command_dispatch", None),)),
    entry.CONTENT: entry.Entry(1, entry.FIRST, NOW, "ana", "reviews.read", entry.Outcome.DONE, ("r",), ("t1_0",)),
    entry.ENTRIES: entry.Sealed("0" * 64, b"{}"),
    entry.HEADS: entry.Head(7, "f" * 64),
    letter.CODEC: _LETTER,
}


def sample(codec: Codec[Any]) -> Any:
    """The sample of a codec; a codec without one is a test that is missing."""
    return _SAMPLES[codec]
