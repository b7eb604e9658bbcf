"""What operators and Pub/Sub's own policy do to an entry, and what its owner's code refuses them."""

from datetime import timedelta

import pytest

from shared.commands import ledger
from shared.commands.command import Command, parse
from shared.commands.ledger import RETENTION, Entry
from shared.commands.status import FINAL, CommandStatus
from shared.errors import Conflict, Damaged, Unavailable
from shared.storage.documents import Create, Document, Update, Write
from tests.shared.commands.test_command import COMMAND, changed

NOW = COMMAND.issued_at
DIGEST = COMMAND.digest()
ACCEPTED = ledger.accepted(COMMAND, DIGEST, NOW)


def stored_entry(status: CommandStatus, **fields: object) -> Document:
    """A document with the entry of `COMMAND` in that status."""
    entry = {name: getattr(ACCEPTED, name) for name in Entry.__struct_fields__} | {"status": status, **fields}
    return stored(ledger.write(ledger.key(COMMAND.id), None, Entry(**entry)))


def stored(write: Write | None) -> Document:
    assert isinstance(write, Create | Update)
    return Document(write.key, write.state, "1", due_at=write.due_at, expires_at=write.expires_at)


def other() -> Command:
    """The same id with another payload."""
    return parse(changed(payload={**COMMAND.payload, "client_id": "client-2"}))


def test_an_entry_comes_back_as_it_was_written() -> None:
    assert ledger.read(stored_entry(CommandStatus.PARKED)) == ACCEPTED


def test_a_damaged_entry_is_told() -> None:
    with pytest.raises(Damaged, match="an entry of the ledger of format 1 expected"):
        ledger.read(Document(ledger.key("c"), b"\xc1", "1"))


@pytest.mark.parametrize("status", sorted(FINAL - {CommandStatus.DEAD_LETTERED}))
def test_what_is_settled_is_kept_for_ninety_days_and_not_due(status: CommandStatus) -> None:
    document = stored_entry(status)
    assert (document.due_at, document.expires_at) == (None, NOW + RETENTION)


def test_a_dead_letter_is_not_forgotten_before_somebody_settles_it() -> None:
    """Whenever it is sent again, what may have been done before is known."""
    document = stored_entry(CommandStatus.DEAD_LETTERED, outcome_unknown_since=NOW)
    assert (document.due_at, document.expires_at) == (None, None)
    assert stored(ledger.discarded(document, NOW)).expires_at == NOW + RETENTION


@pytest.mark.parametrize("status", sorted(set(CommandStatus) - FINAL))
def test_what_is_not_final_is_due_some_time_and_never_expires(status: CommandStatus) -> None:
    document = stored_entry(status)
    assert document.due_at is not None
    assert document.expires_at is None


class TestForwarded:
    """A message that Pub/Sub's own policy gave up."""

    def test_one_that_nobody_ever_saw_is_a_dead_letter(self) -> None:
        entry = ledger.read(stored(ledger.dead_lettered(None, COMMAND, NOW)))
        assert (entry.status, entry.code, entry.uncertain) == (CommandStatus.DEAD_LETTERED, "not_delivered", False)

    def test_one_that_was_parked_is(self) -> None:
        entry = ledger.read(stored(ledger.dead_lettered(stored_entry(CommandStatus.PARKED), COMMAND, NOW)))
        assert (entry.status, entry.envelope) == (CommandStatus.DEAD_LETTERED, b"")

    def test_one_whose_claim_has_lapsed_may_have_been_done(self) -> None:
        claimed = stored_entry(CommandStatus.CLAIMED, until=NOW)
        entry = ledger.read(stored(ledger.dead_lettered(claimed, COMMAND, NOW)))
        assert (entry.status, entry.outcome_unknown_since) == (CommandStatus.DEAD_LETTERED, NOW)

    def test_one_that_is_being_done_is_waited_for(self) -> None:
        with pytest.raises(Unavailable):
            ledger.dead_lettered(stored_entry(CommandStatus.CLAIMED, until=NOW + timedelta(seconds=1)), COMMAND, NOW)

    @pytest.mark.parametrize("status", sorted(FINAL))
    def test_one_that_has_come_to_an_end_stays(self, status: CommandStatus) -> None:
        assert ledger.dead_lettered(stored_entry(status), COMMAND, NOW) is None

    def test_another_command_with_the_same_id_changes_nothing(self) -> None:
        assert ledger.dead_lettered(stored_entry(CommandStatus.PARKED), other(), NOW) is None


class TestReopened:
    """A dead letter that an operator sends back."""

    def test_it_is_parked_as_it_is_said_to_be_now_and_due_at_once(self) -> None:
        document = stored(
            ledger.reopened(
                stored_entry(CommandStatus.DEAD_LETTERED, attempts=3, outcome_unknown_since=NOW), other(), NOW
            )
        )
        entry = ledger.read(document)
        assert (entry.status, entry.digest, entry.envelope) == (
            CommandStatus.PARKED,
            other().digest(),
            other().encoded(),
        )
        assert (entry.attempts, entry.outcome_unknown_since, document.due_at, entry.code) == (3, NOW, NOW, "redriven")

    def test_many_are_spread_by_the_time_each_is_due(self) -> None:
        later = NOW + timedelta(minutes=3)
        document = stored(ledger.reopened(stored_entry(CommandStatus.DEAD_LETTERED), COMMAND, NOW, later))
        assert (document.due_at, ledger.read(document).until) == (later, later)

    def test_one_that_was_never_accepted_is_accepted_so(self) -> None:
        assert ledger.read(stored(ledger.reopened(None, COMMAND, NOW))) == ACCEPTED

    @pytest.mark.parametrize("status", sorted(set(CommandStatus) - {CommandStatus.DEAD_LETTERED}))
    def test_nothing_else_can_be(self, status: CommandStatus) -> None:
        with pytest.raises(Conflict, match=status.value):
            ledger.reopened(stored_entry(status), COMMAND, NOW)

    def test_one_whose_letter_is_on_its_way_cannot_be_yet(self) -> None:
        with pytest.raises(Conflict):
            ledger.reopened(stored_entry(CommandStatus.DEAD_LETTERED, dead_letter_pending=True), COMMAND, NOW)


class TestDiscarded:
    """A dead letter that an operator gives up."""

    def test_it_says_so_and_keeps_why_it_was_one(self) -> None:
        entry = ledger.read(stored(ledger.discarded(stored_entry(CommandStatus.DEAD_LETTERED, code="invalid"), NOW)))
        assert (entry.status, entry.code) == (CommandStatus.DISCARDED, "invalid")

    def test_one_that_was_never_accepted_has_no_entry(self) -> None:
        assert ledger.discarded(None, NOW) is None

    def test_nothing_else_can_be(self) -> None:
        with pytest.raises(Conflict, match="done"):
            ledger.discarded(stored_entry(CommandStatus.DONE), NOW)
