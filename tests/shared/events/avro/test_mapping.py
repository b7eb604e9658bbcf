"""A bank's own record becomes an event by a mapping, which is checked before the first record comes."""

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given

from shared import schema_files
from shared.catalogue.yaml_files import content
from shared.errors import Invalid, Malformed, Misconfigured, Problem
from shared.events.avro.event_codecs import CODECS
from shared.events.avro.events import EventDecoder
from shared.events.avro.framing import registry_framed
from shared.events.avro.mapping import check, mapping
from shared.events.avro.schema import Schema, parse, parse_json
from shared.events.avro.topic_encoding import topics
from shared.events.events import Direction, Event, Kind, Transaction
from shared.money import Money
from tests.shared.events.avro.test_events import Schemas
from tests.shared.events.avro.test_resolution import record
from tests.support.avro_generation import values
from tests.support.deadlines import plenty

FOLDER = schema_files.ROOT / "mappings"
EXAMPLE = content(FOLDER / "example-core-banking.yaml")
BANK = parse_json((FOLDER / "example-core-banking.avsc").read_bytes())
BANK_DOCUMENT = msgspec.json.decode((FOLDER / "example-core-banking.avsc").read_bytes())
MAPPINGS = sorted(path.stem for path in FOLDER.glob("*.yaml"))

POSTING: dict[str, Any] = {
    "header": {"eventUuid": "0b8e-1", "bookedAt": 1_772_368_215_123, "sourceSystem": "T24"},
    "customer": {"number": 10023, "iban": "BE71096123456769"},
    "booking": {"type": "POS", "amount": Decimal("-12.3400"), "currency": "EUR", "balance": "1002.5", "original": None},
    "terminal": {"merchantId": "m-77", "mcc": 742, "country": "BE", "geo": {"lat": 50.85, "lon": 4.35}},
    "channelCode": 1,
    "cardToken": "k-1   ",
    "deviceFingerprint": None,
    "counterparty": None,
}
PURCHASE = Transaction(
    event_id="0b8e-1",
    client="0000010023",
    kind=Kind.PURCHASE,
    occurred_at=datetime(2026, 3, 1, 12, 30, 15, 123000, tzinfo=UTC),
    amount=Money(1234, "EUR"),
    account="BE71096123456769",
    card="k-1",
    channel="card_present",
    merchant="m-77",
    category="0742",
    country="BE",
    latitude=50.85,
    longitude=4.35,
    balance_after=100250,
)
REVERSED_POSTING = {
    **POSTING,
    "header": {**POSTING["header"], "eventUuid": "0b8e-2"},
    "booking": {
        "type": "REV",
        "amount": Decimal("5000.0000"),
        "currency": "JPY",
        "balance": None,
        "original": {"eventUuid": "0b8e-1", "bookedAt": "2026-03-01T13:30:15.5+01:00"},
    },
    "terminal": None,
    "channelCode": 77,
    "cardToken": "      ",
    "deviceFingerprint": "d-9",
    "counterparty": {"iban": "FR76", "name": "x"},
}
REVERSAL = Transaction(
    event_id="0b8e-2",
    client="0000010023",
    kind=Kind.REVERSAL,
    direction=Direction.CREDIT,
    occurred_at=PURCHASE.occurred_at,
    amount=Money(5000, "JPY"),
    account="BE71096123456769",
    channel="other",
    device="d-9",
    payee="FR76",
    reverses="0b8e-1",
    reverses_at=datetime(2026, 3, 1, 12, 30, 15, 500000, tzinfo=UTC),
)


def posted(posting: Mapping[str, Any], document: Any = BANK_DOCUMENT) -> bytes:
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(copy.deepcopy(document)), dict(posting))
    return registry_framed(1, body.getvalue())


async def decoded(data: bytes, written_with: Any = BANK_DOCUMENT) -> Any:
    decoder = EventDecoder(Schemas({1: copy.deepcopy(written_with)}), topics(["example-core-banking"]))
    return await decoder.decode("transactions", data, plenty())


def changed_in(posting: Any, **changed: Any) -> dict[str, Any]:
    """`posting` with parts changed, by names like `booking__amount`."""
    record = copy.deepcopy(dict(posting))
    for path, value in changed.items():
        *way, last = path.split("__")
        at = record
        for name in way:
            at = at[name]
        at[last] = value
    return record


@pytest.mark.parametrize(("posting", "event"), [(POSTING, PURCHASE), (REVERSED_POSTING, REVERSAL)])
async def test_a_core_banking_posting_is_a_transaction(posting: Mapping[str, Any], event: Event) -> None:
    assert await decoded(posted(posting)) == event


async def test_a_posting_of_a_later_version_is_read_as_the_mapping_knows_it() -> None:
    """The bank added a field and a type of booking; the record is resolved before it is mapped."""
    later = copy.deepcopy(BANK_DOCUMENT)
    later["fields"].insert(0, {"name": "tenant", "type": "string"})
    assert await decoded(posted({**POSTING, "tenant": "x"}, later), later) == PURCHASE


WRONG_TIME = Problem("/occurred_at", "a time in the years 1980 to 2099 expected")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"booking__amount": Decimal("-12.3450")}, Problem("/amount", "at most 2 decimals expected")),
        ({"booking__balance": "12,50"}, Problem("/balance_after", "a decimal number like -12.50 expected")),
        ({"booking__currency": "euro"}, Problem("/amount/currency", "three capital letters (ISO 4217) expected")),
        ({"booking__currency": " ", "booking__balance": None}, Problem("/amount/currency", "is required")),
        ({"header__eventUuid": "  "}, Problem("/event_id", "is required")),
        ({"header__bookedAt": 1_772_368_215}, WRONG_TIME),
        ({"header__bookedAt": 1_772_368_215_123_000}, WRONG_TIME),
        ({"terminal__mcc": 54110}, Problem("/category", "four digits (ISO 18245) expected")),
        ({"terminal__geo__lat": 91.0}, Problem("/latitude", "a number from -90 to 90 expected")),
        ({"booking__original": {"eventUuid": "x", "bookedAt": "2026-03-01T13:30:15"}},
         Problem("/reverses_at", "a time like 2026-11-22T09:30:00+01:00 expected")),
    ],
)  # fmt: skip
async def test_a_value_that_makes_no_part_of_an_event_is_told_by_the_part(
    changed: dict[str, Any], expected: Problem
) -> None:
    """A time in seconds or microseconds is none in milliseconds."""
    with pytest.raises(Invalid) as caught:
        await decoded(posted(changed_in(POSTING, **changed)))
    assert list(caught.value.problems) == [expected]


async def test_a_body_that_does_not_say_which_schema_wrote_it_is_malformed() -> None:
    """The bank's topic declares its framing: nothing is guessed."""
    with pytest.raises(Malformed):
        await decoded(posted(POSTING)[5:])


ANY_POSTING = values(BANK)


@given(ANY_POSTING)
def test_any_record_of_the_banks_schema_is_an_event_or_told_wrong(posting: dict[str, Any]) -> None:
    """And nothing else is raised, whatever values come."""
    event = topics(["example-core-banking"])["transactions"].event
    try:
        parsed = event(posting)
    except Invalid as error:
        assert error.problems  # noqa: PT017 - both ends are right
    else:
        assert CODECS["transactions"].write(parsed)


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_mapping_that_ships_can_be_used(name: str) -> None:
    topic = content(FOLDER / f"{name}.yaml")["topic"]
    assert topics([name])[topic].name == topic


def test_a_mapping_that_is_not_there_is_a_mistake_of_the_deployment() -> None:
    with pytest.raises(Misconfigured):
        topics(["nobody-wrote-it"])


SMALL = parse(
    record(
        "Small",
        text="string",
        maybe=["null", "string"],
        number="long",
        double="double",
        float="float",
        flag="boolean",
        millis={"type": "long", "logicalType": "timestamp-millis"},
        day={"type": "int", "logicalType": "date"},
        bytes="bytes",
        two=["null", "string", "long"],
        letter={"type": "enum", "name": "Letter", "symbols": ["A", "B"]},
        inner=record("Inner", x="string"),
    )
)
RECORD: dict[str, Any] = {
    "text": " t ", "maybe": None, "number": 17, "double": 12.34, "float": 0.5, "flag": True, "millis": 1, "day": 3,
    "bytes": b"", "two": "a", "letter": "B", "inner": {"x": "x"},
}  # fmt: skip
LEAST: dict[str, Any] = {
    "event_id": {"from": "/text"},
    "client": {"from": "/number"},
    "occurred_at": {"from": "/millis", "time": "epoch_ms"},
}


def mapped(topic: str, fields: Mapping[str, Any], value: Mapping[str, Any] = RECORD, schema: Schema = SMALL) -> Any:
    document = {"topic": topic, "schema": "small.avsc", "framing": "plain", "fields": {**LEAST, **fields}}
    check(document)
    return mapping(document, schema)(value)


@pytest.mark.parametrize(
    ("part", "entry", "expected"),
    [
        ("segment", {"from": "/text"}, "t"),
        ("segment", {"from": "/maybe"}, None),
        ("segment", {"from": "/maybe", "default": "none"}, "none"),
        ("segment", {"constant": "retail"}, "retail"),
        ("segment", {"from": "/number", "digits": 5}, "00017"),
        ("segment", {"from": "/number"}, "17"),
        ("segment", {"from": "/number", "values": {"17": "private"}}, "private"),
        ("segment", {"from": "/flag", "values": {"true": "staff", "false": "client"}}, "staff"),
        ("segment", {"from": "/text", "values": {"x": "y"}, "otherwise": "z"}, "z"),
        ("segment", {"from": "/inner/x"}, "x"),
        ("segment", {"from": "/letter"}, "B"),
        ("segment", {"from": "/letter", "values": {"A": "retail", "B": "private"}}, "private"),
        ("segment", {"from": "/maybe", "values": {"x": "y"}, "otherwise": "z"}, None),
        ("birth_year", {"from": "/number"}, 17),
        ("birth_year", {"from": "/text", "values": {"t": 1980}}, 1980),
        ("card_valid_from", {"from": "/day", "day": "epoch_days"}, 3),
        ("account_opened", {"from": "/number", "time": "epoch_s"}, 17_000_000),
        ("account_opened", {"from": "/number", "time": "epoch_us"}, 17),
    ],
)
def test_a_part_comes_about_as_its_entry_says(part: str, entry: dict[str, Any], expected: Any) -> None:
    assert mapped("client-snapshots", {part: entry})[part] == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"from": "/flag"}, True),
        ({"from": "/text", "values": {"t": False}}, False),
        ({"constant": True}, True),
    ],
)
def test_a_flag_comes_about_as_its_entry_says(entry: dict[str, Any], expected: bool) -> None:
    assert mapped("overdrafts", {"overdrawn": entry})["overdrawn"] is expected


EUR = {"constant": "EUR"}


@pytest.mark.parametrize(
    ("text", "expected"), [(" 12.50 ", {"minor": 1250, "currency": "EUR"}), ("   ", None), ("\t", None), ("", None)]
)
def test_blanks_around_an_amount_mean_nothing_and_blanks_alone_are_none(text: str, expected: Any) -> None:
    balance = {"from": "/text", "unit": "major", "currency": EUR}
    fields = {"event_id": {"from": "/number"}, "overdrawn": {"constant": True}, "balance": balance}
    assert mapped("overdrafts", fields, {**RECORD, "text": text})["balance"] == expected


@pytest.mark.parametrize(
    ("part", "entry", "text", "expected"),
    [
        ("account_opened", {"from": "/text", "time": "rfc3339"}, " 1970-01-01T00:00:01Z ", 1_000_000),
        ("account_opened", {"from": "/text", "time": "rfc3339"}, "  ", None),
        ("card_valid_from", {"from": "/text", "day": "iso8601"}, "1970-01-04 ", 3),
        ("card_valid_from", {"from": "/text", "day": "iso8601"}, " ", None),
        ("segment", {"from": "/text", "values": {"t": "private"}}, " t ", "private"),
        ("segment", {"from": "/text", "default": "none"}, " ", "none"),
    ],
)
def test_blanks_around_a_text_mean_nothing_whatever_it_becomes(
    part: str, entry: dict[str, Any], text: str, expected: Any
) -> None:
    fields = {"event_id": {"from": "/number"}, part: entry}
    assert mapped("client-snapshots", fields, {**RECORD, "text": text})[part] == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"from": "/number", "unit": "minor", "currency": EUR}, Money(17, "EUR")),
        ({"from": "/number", "unit": "major", "currency": EUR}, Money(1700, "EUR")),
        ({"from": "/number", "unit": "major", "currency": {"constant": "JPY"}}, Money(17, "JPY")),
        ({"from": "/number", "unit": "major", "currency": {"constant": "KWD"}}, Money(17000, "KWD")),
        ({"from": "/double", "unit": "major", "currency": EUR}, Money(1234, "EUR")),
        ({"from": "/double", "unit": "major", "currency": {"constant": "CLF"}}, Money(123400, "CLF")),
        ({"from": "/maybe", "unit": "major", "currency": EUR}, None),
    ],
)
def test_an_amount_is_counted_in_minor_units(entry: dict[str, Any], expected: Money | None) -> None:
    balance = mapped("overdrafts", {"overdrawn": {"constant": True}, "balance": entry})["balance"]
    assert balance == (None if expected is None else {"minor": expected.minor, "currency": expected.currency})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"segment": {"from": "/nowhere"}}, "/fields/segment"),
        ({"segment": {"from": "/inner"}}, "/fields/segment"),
        ({"segment": {"from": "/text/deeper"}}, "/fields/segment"),
        ({"segment": {"from": "/two"}}, "/fields/segment"),
        ({"segment": {"from": "/bytes"}}, "/fields/segment"),
        ({"segment": {"from": "/flag"}}, "/fields/segment"),
        ({"segment": {"constant": 7}}, "/fields/segment"),
        ({"segment": {"constant": ""}}, "/fields/segment"),
        ({"country": {"constant": "Belgium"}}, "/fields/country"),
        ({"birth_year": {"from": "/double"}}, "/fields/birth_year"),
        ({"birth_year": {"constant": 1700}}, "/fields/birth_year"),
        ({"birth_year": {"constant": True}}, "/fields/birth_year"),
        ({"birth_year": {"from": "/text", "values": {"t": "1980"}}}, "/fields/birth_year"),
        ({"nickname": {"from": "/text"}}, "/fields/nickname"),
        ({"segment": {"from": "/number", "values": {"many": "x"}}}, "/fields/segment/values"),
        ({"segment": {"from": "/flag", "values": {"yes": "x"}}}, "/fields/segment/values"),
        ({"segment": {"from": "/letter", "values": {"C": "x"}}}, "/fields/segment/values"),
        ({"segment": {"from": "/double", "values": {"1.5": "x"}}}, "/fields/segment/values"),
        ({"account_opened": {"from": "/millis"}}, "/fields/account_opened"),
        ({"account_opened": {"from": "/millis", "time": "epoch_s"}}, "/fields/account_opened"),
        ({"account_opened": {"from": "/text", "time": "epoch_s"}}, "/fields/account_opened"),
        ({"account_opened": {"from": "/number", "time": "rfc3339"}}, "/fields/account_opened"),
        ({"card_valid_from": {"from": "/number"}}, "/fields/card_valid_from"),
        ({"card_valid_from": {"from": "/day", "day": "iso8601"}}, "/fields/card_valid_from"),
    ],
)
def test_an_entry_that_cannot_work_is_told_before_a_record_comes(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        mapped("client-snapshots", fields)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_a_pointer_that_leads_nowhere_is_told_with_what_is_there() -> None:
    with pytest.raises(Invalid, match=r"/fields/segment: /txet leads nowhere in \S+; did you mean 'text'\?"):
        mapped("client-snapshots", {"segment": {"from": "/txet"}})


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"from": "/number", "unit": "major"}, "/fields/amount/currency"),
        ({"from": "/number", "currency": EUR}, "/fields/amount"),
        ({"from": "/double", "unit": "minor", "currency": EUR}, "/fields/amount"),
        ({"from": "/float", "unit": "major", "currency": EUR}, "/fields/amount"),
        ({"from": "/flag", "unit": "major", "currency": EUR}, "/fields/amount"),
        ({"from": "/number", "unit": "major", "currency": {"from": "/nowhere"}}, "/fields/amount"),
    ],
)
def test_an_amount_that_cannot_be_counted_is_told_before_a_record_comes(entry: dict[str, Any], field: str) -> None:
    """A single-precision number cannot hold money."""
    fields = {"kind": {"constant": "fee"}, "direction": {"constant": "debit"}, "amount": entry}
    with pytest.raises(Invalid) as caught:
        mapped("transactions", fields)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_a_part_that_every_event_has_must_be_mapped() -> None:
    with pytest.raises(Invalid) as caught:
        mapped("transactions", {"kind": {"constant": "fee"}})
    assert [problem.field for problem in caught.value.problems] == ["/fields/direction"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**EXAMPLE, "topic": "decisions"},
        {**EXAMPLE, "framing": "by_first_bytes"},
        {**EXAMPLE, "schema": "../../secrets.avsc"},
        {**EXAMPLE, "fields": {**EXAMPLE["fields"], "kind": {"from": "booking/type"}}},
        {**EXAMPLE, "fields": {**EXAMPLE["fields"], "kind": {"from": "/a", "constant": "fee"}}},
        {**EXAMPLE, "fields": {**EXAMPLE["fields"], "kind": {"from": "/a", "tiem": "epoch_s"}}},
        {**EXAMPLE, "fields": {**EXAMPLE["fields"], "kind": {"from": "/a", "otherwise": "fee"}}},
        {**EXAMPLE, "fields": {"event_id": {"from": "/a"}}},
    ],
)
def test_what_has_not_a_mappings_form_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check(document)
