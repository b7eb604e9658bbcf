"""Deciding: over what the store tells in time, by the rules in force."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.risk_decision.active_rules import ActiveRules, parse_rules
from functions.risk_decision.decider import Decider, RiskDecision
from functions.risk_decision.request import Request
from functions.risk_decision.response import encode
from shared.advice import Advice
from shared.catalogue.active import Active
from shared.catalogue.catalogue import Catalogue
from shared.catalogue.versions import RULE_SETS
from shared.catalogue.yaml_files import content
from shared.commands.command import check_payload
from shared.deadline import Deadline
from shared.embedded.manual_clock import ManualClock
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import Damaged
from shared.events.events import Event
from shared.risk.features.keys import WATERMARK
from shared.storage.documents import Documents, Key, Update
from tests.support.builders.advice import body
from tests.support.builders.risk_decision import (
    AT,
    RULES,
    TOKENS,
    bundled_rules,
    current,
    purchase,
    remember,
    request,
    request_with,
    snapshot,
)
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

HISTORY: list[Event] = [snapshot(), *(purchase(day, AT - timedelta(days=day)) for day in range(1, 29))]


async def decide(
    documents: Documents,
    question_asked: Request | None = None,
    rules: Active[ActiveRules] | None = None,
    seconds: float = 1.0,
    **changes: Any,
) -> RiskDecision:
    clock = ManualClock(AT, skip_sleeps=True)
    deadline = Deadline.after(seconds, clock)
    decided = await Decider(documents, clock).decide(
        question_asked or request(**changes), current(rules or bundled_rules()), TOKENS, deadline, 0.0
    )
    assert clock.monotonic() <= deadline.at
    return decided


def feature(decided: RiskDecision, name: str) -> object:
    return decided.values[decided.rules.rules.rule_set.variables.index(name)]


async def known_client(documents: Documents | None = None) -> Documents:
    documents = documents or MemoryDocuments()
    await remember(documents, HISTORY)
    return documents


async def test_an_ordinary_purchase_of_a_known_client_goes_on() -> None:
    decided = await decide(await known_client())
    assert (decided.advice, decided.outcome.hits, decided.error) == (Advice.APPROVE, (), None)
    assert feature(decided, "client.count_30d") == 28


async def test_a_large_amount_of_a_client_who_spends_little_steps_up() -> None:
    documents = MemoryDocuments()
    amounts = (2000, 2500, 3000)
    await remember(
        documents, [snapshot(), *(purchase(d, AT - timedelta(days=d), amounts[d % 3]) for d in range(1, 29))]
    )
    decided = await decide(documents, posting__amount={"minor": 30000, "currency": "EUR"})
    assert (decided.advice, decided.outcome.reasons) == (Advice.STEPUP_NEEDED, ("AMOUNT_FAR_ABOVE_USUAL",))


async def test_every_attempt_counts_whatever_was_answered() -> None:
    documents = await known_client()
    advices = [(await decide(documents)).advice for _ in range(6)]
    assert advices == [Advice.APPROVE] * 5 + [Advice.STEPUP_NEEDED]
    assert (await decide(documents, attempt=2, previous_attempt=1)).advice is Advice.REJECT


async def test_attempts_count_in_the_minute_it_is_whatever_time_the_question_names() -> None:
    documents = await known_client()
    clock = ManualClock(AT)
    decider = Decider(documents, clock)
    counts = []
    for minute, named in ((0, "2026-11-22T09:30:00Z"), (0, "2026-11-22T09:34:00Z"), (1, "2026-11-22T09:30:00Z")):
        clock.set_now(AT + timedelta(minutes=minute))
        to_decide = request_with(body(attempt=1), at=named)
        decided = await decider.decide(to_decide, current(bundled_rules()), TOKENS, plenty(), 0.0)
        counts.append(feature(decided, "attempts.client_1m"))
    assert counts == [1, 2, 1]


async def test_in_a_replay_attempts_count_in_the_questions_minute() -> None:
    decider = Decider(await known_client(), ManualClock(AT), replay=True)
    counts = []
    for named in ("2026-11-22T09:30:00Z", "2026-11-22T09:31:00Z"):
        to_decide = request_with(body(attempt=1), at=named)
        decided = await decider.decide(to_decide, current(bundled_rules()), TOKENS, plenty(), 0.0)
        counts.append(feature(decided, "attempts.client_1m"))
    assert counts == [1, 1]


@pytest.mark.parametrize("how", ["fail", "hang"])
async def test_a_store_in_trouble_leaves_the_rule_sets_answer_for_missing_features(how: str) -> None:
    documents = Troubled()
    await known_client(documents)
    documents.reads = documents.commits = how
    decided = await decide(documents, seconds=0.3, posting__amount={"minor": 3000, "currency": "EUR"})
    assert (decided.advice, decided.outcome.reasons) == (Advice.STEPUP_NEEDED, ("FEATURES_MISSING",))
    assert decided.error is not None


@pytest.mark.parametrize("how", ["fail", "hang"])
async def test_a_count_that_fails_does_not_cost_what_was_read(how: str) -> None:
    documents = Troubled()
    await known_client(documents)
    documents.commits = how
    decided = await decide(documents, seconds=0.3)
    assert (feature(decided, "client.count_30d"), feature(decided, "attempts.client_1m")) == (28, None)


async def test_a_state_that_cannot_be_read_is_missing_and_told() -> None:
    documents = MemoryDocuments()
    await remember(documents, HISTORY)
    key = Key("features_clients", TOKENS.client("C-1"))
    documents._documents[key] = type(documents._documents[key])(key, b"\xc1 broken", "9")
    decided = await decide(documents)
    assert (feature(decided, "client.count_30d"), type(decided.error)) == (None, Damaged)


async def test_stale_features_are_not_trusted_above_the_declared_amount() -> None:
    documents = MemoryDocuments()
    await remember(documents, HISTORY, newest=AT - timedelta(hours=2))
    small = await decide(documents)
    large = await decide(documents, posting__amount={"minor": 6000, "currency": "EUR"})
    assert (small.advice, large.outcome.reasons) == (Advice.APPROVE, ("FEATURES_STALE",))


async def test_what_is_not_legal_is_replaced_and_said_to_be() -> None:
    documents = await known_client()
    to_decide = request_with(
        body(attempt=1, posting__amount={"minor": 2_000_000, "currency": "EUR"}), legal=["APPROVE", "REJECT"]
    )
    decided = await decide(documents, to_decide)
    answer = json.loads(encode(to_decide, decided))
    assert (answer["advice"], answer["reasons"][-1]) == ("REJECT", "ADJUSTED_TO_LEGAL")


async def test_a_manual_approval_comes_with_the_command_that_opens_its_review() -> None:
    to_decide = request(posting__amount={"minor": 2_000_000, "currency": "EUR"})
    answer = json.loads(encode(to_decide, await decide(await known_client(), to_decide)))
    [command] = answer["commands"]
    check_payload(command["type"], command["version"], command["payload"])
    assert (answer["advice"], command["type"]) == ("MANUAL_APPROVAL_NEEDED", "open_review")
    assert command["payload"] == {
        "client_id": "C-1",
        "reasons": answer["reasons"],
        "rule_set": "transaction@bundled",
        "amount": {"minor": 2_000_000, "currency": "EUR"},
    }


async def test_the_client_is_told_only_where_the_rule_permits_it() -> None:
    documents = await known_client()
    notified = request(context__merchant={"id": "M-BLOCKED-0001"})
    untold = request(context__device_id="D-BLOCKED-0001")
    requests = (notified, untold)
    commands = [json.loads(encode(each, await decide(documents, each))).get("commands") for each in requests]
    assert commands[0] is not None
    [command] = commands[0]
    check_payload(command["type"], command["version"], command["payload"])
    assert (command["payload"]["template"], commands[1]) == ("payment_declined", None)


async def test_a_client_who_may_hear_of_one_cause_and_not_of_another_is_not_told() -> None:
    both = request(context__merchant={"id": "M-BLOCKED-0001"}, context__device_id="D-BLOCKED-0001")
    answer = json.loads(encode(both, await decide(await known_client(), both)))
    assert (answer["advice"], "commands" in answer) == ("REJECT", False)


async def test_a_version_published_meanwhile_decides_without_a_restart() -> None:
    documents = await known_client()
    rules = bundled_rules()
    assert (await decide(documents, rules=rules)).version == "transaction@bundled"
    closed = {"id": "all", "when": "true", "outcome": "REJECT", "reason": "CLOSED", "unknown": "ignore"}
    document = {"name": "transaction", "operation": "transaction", "rules": [closed]}
    catalogue = Catalogue(documents, RULE_SETS)
    await catalogue.propose("transaction", document, by="ana", now=AT, note="", deadline=plenty())
    await catalogue.approve("transaction", 1, by="ben", now=AT, deadline=plenty())
    decider = Decider(documents, ManualClock(AT))
    decided = await decider.decide(request(), current(rules, 11.0), TOKENS, plenty(), 11.0)
    assert (decided.version, decided.advice, decided.refreshed.changed) == ("transaction@1", Advice.REJECT, True)


async def test_a_damaged_watermark_makes_the_features_stale_and_keeps_no_rule_set_from_being_put_in_force() -> None:
    documents = await known_client()
    [watermark] = await documents.read([WATERMARK], plenty())
    assert watermark is not None
    await documents.commit([Update(WATERMARK, watermark.version, b"\xc1")], plenty())
    catalogue = Catalogue(documents, RULE_SETS)
    published = content(RULES / "transaction.yaml")
    await catalogue.propose("transaction", published, by="ana", now=AT, note="", deadline=plenty())
    await catalogue.approve("transaction", 1, by="ben", now=AT, deadline=plenty())
    decided = await decide(documents, posting__amount={"minor": 5000, "currency": "EUR"})
    assert (decided.version, type(decided.error)) == ("transaction@1", Damaged)
    assert "FEATURES_STALE" in decided.outcome.reasons


async def test_a_version_that_does_not_parse_leaves_the_one_in_force() -> None:
    documents = await known_client()
    rules = bundled_rules()
    catalogue = Catalogue(documents, RULE_SETS)
    broken = {"name": "transaction", "rules": "none"}
    await catalogue.propose("transaction", broken, by="ana", now=AT, note="", deadline=plenty())
    await catalogue.approve("transaction", 1, by="ben", now=AT, deadline=plenty())
    decided = await decide(documents, rules=rules)
    assert (decided.version, decided.advice) == ("transaction@bundled", Advice.APPROVE)
    assert decided.refreshed.problem is not None


async def test_without_a_token_key_every_feature_is_missing_and_the_rules_still_answer() -> None:
    decider = Decider(await known_client(), ManualClock(AT))
    decided = await decider.decide(request(), current(bundled_rules()), None, plenty(), 0.0)
    assert feature(decided, "client.local_hour") is None
    assert decided.advice in Advice


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_rule_set_is_named_like_its_operation_and_file(path: Any) -> None:
    rule_set = parse_rules(content(path)).rules.rule_set
    assert (rule_set.name, rule_set.operation) == (path.stem, path.stem)
