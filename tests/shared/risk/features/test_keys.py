"""Facts and keys: what a question and an event are called in the documents."""

from datetime import UTC, datetime, timedelta

from shared.events.events import FraudLabel, Overdraft
from shared.risk.features.inputs import FeatureInputs, of_event, of_question
from shared.risk.features.keys import WATERMARK, attempt_keys, keys
from shared.risk.features.watermark import CODEC
from shared.storage.documents import Key
from tests.support.event_streams import BEGIN, TOKENS, dice, spending

QUESTION = {
    "posting": {"direction": "debit", "account_id": "a1", "amount": {"minor": 500, "currency": "EUR"}},
    "context": {
        "client_id": "c1", "card_id": "k1", "device_id": "d1", "channel": "atm",
        "merchant": {"id": "a/shop", "category": "5411"}, "payee": {"account": "BE68"},
        "place": {"country": "BE", "latitude": 50.85, "longitude": 4.35},
    },
}  # fmt: skip


def test_a_question_and_the_event_that_follows_it_are_called_the_same() -> None:
    """Else a decision would read what no event writes."""
    inputs = of_question(QUESTION, TOKENS)
    rng = dice(1)
    event = spending(rng, "e", "c1", BEGIN)
    while event.device is None or event.merchant is None or event.card is None or event.payee is None:
        event = spending(rng, "e", "c1", BEGIN)
    context = {
        "client_id": event.client, "card_id": event.card, "device_id": event.device, "merchant": {"id": event.merchant},
        "payee": {"account": event.payee},
    }  # fmt: skip
    same = of_question({"posting": {"account_id": event.account}, "context": context}, TOKENS)
    happened = of_event(event, TOKENS)
    assert same[:6] == happened[:6]
    assert inputs.client == happened.client


def test_facts_and_keys_hold_no_id_in_clear() -> None:
    """Tokens and digests, fit for the name of a document."""
    inputs = of_question(QUESTION, TOKENS)
    names = keys(inputs).present()
    assert [key.collection for key in names] == [
        "features_clients",
        "features_devices",
        "features_merchants",
        "watermarks",
    ]
    text = repr((inputs, names))
    assert not any(f"'{id_}'" in text or "shop" in text or "BE68" in text for id_ in ("c1", "k1", "d1", "a1"))
    assert not any("/" in key.id for key in names)


def test_what_a_question_lacks_has_no_document_and_no_counter() -> None:
    """A change of payees has a client only."""
    inputs = of_question(
        {"change": {"payee": {"account": "BE68"}}, "context": {"client_id": "c1", "channel": "web"}}, TOKENS
    )
    assert inputs.payee != 0
    assert keys(inputs).present() == [Key("features_clients", inputs.client or ""), WATERMARK]
    counters = attempt_keys(inputs, BEGIN, BEGIN)
    assert (counters.card, counters.device) == (None, None)


def test_attempts_are_counted_by_the_minute_and_forgotten_soon() -> None:
    """The key holds kind, token and minute."""
    at = datetime(2026, 1, 5, 10, 30, 59, 999_999, tzinfo=UTC)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    counters = attempt_keys(FeatureInputs(client="t1_a", card="t1_b", device="t1_c"), at, now)
    minute = int(datetime(2026, 1, 5, 10, 30, tzinfo=UTC).timestamp()) // 60
    assert counters[:3] == tuple(
        Key("attempts", f"{kind}:{token}:{minute}")
        for kind, token in (("client", "t1_a"), ("card", "t1_b"), ("device", "t1_c"))
    )
    assert now < counters.expires_at <= now + timedelta(hours=1)


def test_events_without_a_card_have_the_facts_they_have() -> None:
    """An overdraft names an account, a label device and merchant."""
    below = Overdraft(event_id="o", client="c1", occurred_at=BEGIN, overdrawn=True, account="a1")
    label = FraudLabel(
        event_id="l", client="c1", occurred_at=BEGIN, labels="e", transaction_at=BEGIN, device="d1", merchant="a/shop"
    )
    inputs = of_question(QUESTION, TOKENS)
    assert of_event(below, TOKENS) == FeatureInputs(client=inputs.client, account=inputs.account)
    assert of_event(label, TOKENS) == FeatureInputs(
        client=inputs.client, device=inputs.device, merchant=inputs.merchant
    )


def test_a_watermark_keeps_its_microseconds() -> None:
    """Encoded and decoded, it is the same time."""
    at = datetime(2026, 1, 5, 10, 30, 59, 123_457, tzinfo=UTC)
    assert CODEC.decode_state(CODEC.encode(at)) == at
