"""Whatever is published as a command is done, or a letter on record whose reason a person understands: never lost,
never for ever on its way, and nothing of it seen by whoever need not.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.operator_api.dead_letter_views import detail, summary
from shared.commands.outcome import CommandOutcome
from shared.commands.status import CommandStatus
from shared.embedded.memory_documents import MemoryDocuments
from shared.messaging.messages import Message
from tests.functions.command_dispatch.test_fuzz import CANARY, TOPICS, VALUES, bodies
from tests.support.builders.command_dispatch import Dispatch, Scripted, command, notification
from tests.support.builders.dead_letters import Drain, forwarded
from tests.support.builders.push_notification import Function as Notifications
from tests.support.builders.push_notification import command as notice
from tests.support.push_client import envelope

QUICK = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
BROKEN = st.sampled_from([CommandOutcome.done(), ZeroDivisionError("jane"), RecursionError(), KeyError(CANARY)])


@QUICK
@given(data=bodies() | st.binary(max_size=200), topic=st.sampled_from(TOPICS), broken=BROKEN)
@example(data=b"", topic="commands-open-review", broken=CommandOutcome.done())
@example(data=b'{"id":' * 20_000, topic="commands-open-review", broken=CommandOutcome.done())
@example(data=b'{"payload":"' + b"x" * 9_100_000 + b'"}', topic="commands-open-review", broken=CommandOutcome.done())
@example(data=command(version=999).encoded(), topic="commands-create-ticket", broken=CommandOutcome.done())
@example(data=notification().encoded(), topic="commands-notify-client", broken=KeyError(CANARY))
async def test_whatever_comes_is_done_or_a_letter_with_a_reason(
    tmp_path: Path, data: bytes, topic: str, broken: CommandOutcome | Exception
) -> None:
    documents = MemoryDocuments()
    dispatch, drain = Dispatch(tmp_path, Scripted([broken]), documents), Drain(tmp_path, documents)
    assert await dispatch.deliver(data, topic) == 204
    buried = dispatch.letters()
    assert [await drain.push(message) for message in buried] == [204] * len(buried)
    done = [entry for entry in await dispatch.entries() if entry.status is not CommandStatus.DEAD_LETTERED]
    letters = await drain.letters()
    assert len(done) + len(letters) == 1
    for letter in letters:
        assert len(letter.reason) > 10
        assert letter.code in {"invalid", "malformed", "too_large", "our_fault"}
        assert CANARY not in letter.reason
        stored, body = await drain.only()
        assert (body == data) is (len(data) <= 9_000_000)
        assert (letter.truncated_from or len(body)) == len(data)
        assert msgspec.json.encode([summary(stored), detail(stored, body, body)])


NAMES = st.text(max_size=40) | st.sampled_from(["slacker-reason", "slacker-source", "slacker-published", "slacker-cut"])
HOSTILE = st.dictionaries(
    NAMES | st.sampled_from([f"CloudPubSubDeadLetterSource{n}" for n in ("Subscription", "DeliveryCount")]),
    st.text(max_size=40) | st.sampled_from(["9" * 30, "0001-01-01T00:00:00+23:59", "a/b/c", "notifications.x", "-1"]),
    max_size=8,
)


@QUICK
@given(data=st.binary(max_size=50) | bodies(), attributes=HOSTILE)
async def test_no_message_is_too_strange_to_be_put_on_record(
    tmp_path: Path, data: bytes, attributes: dict[str, str]
) -> None:
    drain = Drain(tmp_path)
    assert await drain.push(Message(data, attributes)) == 204
    stored, body = await drain.only()
    assert (body, stored.letter.reason == "") == (data, attributes.get("slacker-reason") == "")
    assert msgspec.json.encode([summary(stored), detail(stored, body, body)])


SHOWN = {"id", "traceparent", "client_id", "summary"}
"""The fields of `bodies` that may be seen, say their schemas, and whose patterns `CANARY` keeps."""


@QUICK
@given(data=bodies())
@example(data=command(payload={"kind": "fraud", "summary": CANARY}).encoded())
async def test_what_is_shown_of_a_command_is_never_in_a_field_that_may_be_personal(tmp_path: Path, data: bytes) -> None:
    drain = Drain(tmp_path)
    assert await drain.push(forwarded(Message(data))) == 204
    stored, body = await drain.only()
    content = detail(stored, body, body)["content"]
    assert CANARY not in _values(msgspec.json.decode(msgspec.json.encode(content)))


def _values(value: object) -> str:
    """The values of `value`, without the names of fields: those are told, since a wrong one is what is looked for."""
    if isinstance(value, dict):
        return " ".join(_values(each) for name, each in value.items() if name not in SHOWN)
    return " ".join(map(_values, value)) if isinstance(value, list) else str(value)


LINKS = st.sampled_from(
    ["https://evil.example/x", "evil.example", "{{7*7}}", "{points}", "%s", "\u202e+420 777 123 456", CANARY]
)
HOSTILE_VARIABLES = st.dictionaries(st.sampled_from(["points", "name", "__class__", "0"]), LINKS | VALUES, max_size=3)


@QUICK
@given(variables=HOSTILE_VARIABLES, template=st.sampled_from(["reward_earned", "payment_declined", "no_such_one"]))
@example(variables={"points": "https://evil.example"}, template="reward_earned")
async def test_hostile_variables_of_a_template_are_a_letter_and_reach_nobody(
    tmp_path: Path, variables: dict[str, Any], template: str
) -> None:
    documents = MemoryDocuments()
    push, drain = Notifications(tmp_path, documents=documents), Drain(tmp_path, documents)
    category = "rewards" if template == "reward_earned" else "security"
    command = notice(template=template, category=category, channel="text", variables=variables, dry_run=True)
    assert await push.send(command) == 204
    buried = push.letters()
    assert [await drain.push(message) for message in buried] == [204] * len(buried)
    letters = await drain.letters()
    taken = [status for status, _ in await push.stands() if status != "refused"]
    assert len(letters) + len(taken) == 1
    assert not taken or template != "reward_earned" or type(variables["points"]) is int
    for letter in letters:
        assert (letter.type, letter.subject, len(letter.reason) > 10) == ("notifications", "n-1", True)
        assert not any(text in letter.reason for text in ("evil", "777", CANARY))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"message": {"data": "!"}, "subscription": "s"}', b"x" * 17_000_000])
async def test_what_is_no_push_is_refused(tmp_path: Path, body: bytes) -> None:
    drain = Drain(tmp_path)
    assert await drain.push_body(body) in {400, 413}
    assert await drain.letters() == []


async def test_half_a_surrogate_pair_in_an_attribute_is_no_crash(tmp_path: Path) -> None:
    drain = Drain(tmp_path)
    push = envelope(b"x", "commands-dead-letter.dead_letters", {"a": "\ud800"}, None)
    assert await drain.push_body(push) in {204, 400}
