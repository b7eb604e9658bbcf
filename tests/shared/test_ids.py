"""What names things across domains."""

from shared.ids import OperationRef, event_digest


def test_the_key_of_an_attempt_is_operation_id_and_number() -> None:
    assert OperationRef("transaction", "t1", 2).key == "transaction.t1.2"


def test_the_digest_of_an_events_id_never_changes() -> None:
    """It lies in stored states."""
    assert event_digest("e1") == 292540415853092123
