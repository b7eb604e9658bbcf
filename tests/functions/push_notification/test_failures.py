"""What a failure leads to: again, later, never, or a person who mends it; and a text message never twice."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.push_notification.sender import OutgoingPush
from shared.deadline import Deadline
from shared.errors import Deferred, Misconfigured, SlackerError, Unavailable, Uncertain
from shared.notifications import devices
from shared.notifications.delivery_result import DeliveryResult, accepted, permanent
from shared.notifications.results import REPAIRED, RESEND_AFTER
from shared.storage.documents import Update
from tests.support.builders.push_notification import CLIENT, NOON, Function, Scripted, command, device, sent
from tests.support.deadlines import plenty
from tests.support.faulty_documents import Troubled

FAILURES: list[tuple[Exception | DeliveryResult, str, int, tuple[str, str]]] = [
    (Unavailable("down"), "text", 503, ("waiting", "not_reached")),
    (Deferred("busy", 90.0), "text", 204, ("waiting", "left_alone")),
    (Uncertain("no answer"), "text", 204, ("ambiguous", "unknown_end")),
    (Uncertain("no answer"), "push", 204, ("waiting", "unknown_end")),
    (Misconfigured("see its credential"), "text", 204, ("waiting", "misconfigured")),
    (permanent("no_number"), "text", 204, ("undeliverable", "no_number")),
]


@pytest.mark.parametrize(("failure", "channel", "status", "stands"), FAILURES)
async def test_a_failure_is_told_by_what_it_means(
    tmp_path: Path, failure: Exception | DeliveryResult, channel: str, status: int, stands: tuple[str, str]
) -> None:
    function = Function(tmp_path, push=Scripted([failure], needs_device=True), text=Scripted([failure]))
    await function.knows(device())
    assert await function.send(command(channel=channel)) == status
    assert await function.stands() == [stands]
    pauses = {"left_alone": timedelta(seconds=90), "unknown_end": RESEND_AFTER, "misconfigured": REPAIRED}
    [entry] = await function.entries()
    put_off = status == 204 and stands[0] == "waiting"
    assert bool(entry.command) == put_off
    if not put_off or entry.until is None:
        assert entry.until is None
    else:
        pause = pauses[entry.reason]  # who was sent away with others comes up to as much later as it has waited
        assert pause <= entry.until - NOON <= (2 * pause if entry.reason == "left_alone" else pause)
    errors = [line["reason"] for line in function.lines() if line["severity"] == "ERROR" and "code" in line]
    assert errors == (["see its credential"] if isinstance(failure, Misconfigured) else [])


async def test_a_text_of_unknown_end_is_never_sent_again(tmp_path: Path) -> None:
    function = Function(tmp_path, text=Scripted([Uncertain("no answer")]))
    for attempt in range(1, 6):
        function.now += timedelta(minutes=attempt)
        assert await function.send(command(channel="text"), attempt) == 204
    assert (await function.stands(), len(sent(function.text))) == ([("ambiguous", "unknown_end")], 1)


async def test_a_text_that_did_not_leave_is_sent_when_it_is_delivered_again(tmp_path: Path) -> None:
    function = Function(tmp_path, text=Scripted([Unavailable("down")]))
    assert [await function.send(command(channel="text"), attempt) for attempt in (1, 2, 3)] == [503, 204, 204]
    assert (await function.stands(), len(sent(function.text))) == ([("sent", "")], 2)


async def test_what_could_not_be_begun_in_time_is_not_in_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function = Function(tmp_path)
    with monkeypatch.context() as short:
        short.setattr("functions.push_notification.notifier._TO_BEGIN", 100.0)
        assert await function.send(command(channel="text")) == 503
    assert (await function.stands(), sent(function.text)) == ([("waiting", "too_little_time")], [])
    assert await function.send(command(channel="text"), 2) == 204
    assert await function.stands() == [("sent", "")]


class Line(Scripted):
    """A telephone line: what goes wrong with the next text, and how many have really left."""

    left = 0
    fault = ""

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:
        self.left += self.fault not in {"not reached", "busy", "misconfigured", "lost before"}
        match self.fault:
            case "not reached":
                raise Unavailable("no connection")
            case "busy":
                raise Deferred("busy", 60.0)
            case "misconfigured":
                raise Misconfigured("see its credential")
            case "lost before" | "lost after":
                raise Uncertain("no answer")
            case "killed":
                raise RuntimeError("whoever sends it is gone")
        return await super().send(out, deadline)


FAULTS = st.sampled_from(["", "not reached", "busy", "misconfigured", "lost before", "lost after", "killed"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(FAULTS, st.integers(0, 400), st.sampled_from(["work", "fail", "lost"])), max_size=8))
async def test_whatever_goes_wrong_a_text_leaves_once_at_most(
    tmp_path: Path, steps: list[tuple[str, int, str]]
) -> None:
    """Faults of the line and of the store, in any order, however late the next delivery; then all is well, and the
    text is sent unless it may have been.
    """
    line, documents = Line(), Troubled()
    function = Function(tmp_path, text=line, documents=documents)
    for attempt, (fault, seconds, commits) in enumerate([*steps, ("", 0, "work")], 1):
        line.fault, documents.commits = fault, commits
        await function.send(command(channel="text"), min(attempt, 4))
        function.now += timedelta(seconds=seconds)
    for _ in range(2):
        function.now += timedelta(minutes=10)
        await function.send(command(channel="text"), 4)
    [entry] = await function.entries()
    assert line.left <= 1
    assert (entry.status, line.left) in {("sent", 1), ("ambiguous", 0), ("ambiguous", 1)}


async def test_a_text_whose_sender_was_killed_is_never_sent_again(tmp_path: Path) -> None:
    """A store that does not confirm the end is the same to whoever comes next: until the lease ends it is busy."""
    documents = Troubled()
    function = Function(tmp_path, documents=documents, text=Breaking(documents))
    assert await function.send(command(channel="text")) == 503
    documents.commits = "work"
    assert await function.send(command(channel="text"), 2) == 503
    function.now += timedelta(seconds=31)
    assert await function.send(command(channel="text"), 3) == 204
    assert (await function.stands(), len(sent(function.text))) == ([("ambiguous", "interrupted")], 1)


class Breaking(Scripted):
    """A sender that takes the message, and with it the store goes down."""

    def __init__(self, documents: Troubled) -> None:
        super().__init__()
        self._documents = documents

    async def send(self, *arguments: object) -> DeliveryResult:
        self._documents.commits = "fail"
        return await super().send(*arguments)  # type: ignore[arg-type]


async def test_a_push_goes_again_only_to_the_devices_that_lack_it(tmp_path: Path) -> None:
    function = Function(
        tmp_path, push=Scripted([permanent("unregistered", gone=True), Unavailable("down")], needs_device=True)
    )
    assert isinstance(function.push, Scripted)
    await function.knows(device("old", "gone"), device("phone"), device("tablet", "t" * 22))
    assert await function.send(command()) == 503
    assert await function.send(command(), 2) == 204
    assert [out.device.id for out in function.push.out if out.device] == ["old", "phone", "tablet", "phone"]
    [document] = await function.documents.read([devices.key(CLIENT)], plenty())
    assert [registered.id for registered in devices.read(document).devices] == ["phone", "tablet"]
    assert await function.stands() == [("sent", "")]


async def test_a_push_that_a_device_has_was_sent_though_the_others_have_gone(tmp_path: Path) -> None:
    sender = Scripted([accepted("m-1"), Unavailable("down")], needs_device=True)
    function = await Function(tmp_path, push=sender).knows(device("phone"), device("tablet", "t" * 22))
    assert await function.send(command()) == 503
    [document] = await function.documents.read([devices.key(CLIENT)], plenty())
    left = devices.CODEC.encode(devices.read(document).without([device("tablet", "t" * 22).digest]))
    assert document is not None
    await function.documents.commit([Update(document.key, document.version, left)], plenty())
    assert await function.send(command(), 2) == 204
    assert (await function.stands(), len(sender.out)) == ([("sent", "")], 2)


async def test_a_dry_run_does_everything_but_the_sending_and_counts_for_nothing(tmp_path: Path) -> None:
    function = Function(tmp_path)
    await function.send(command("a", channel="text", dry_run=True))
    await function.send(command("b", channel="text"))
    assert isinstance(function.text, Scripted)
    assert [out.dry_run for out in function.text.out] == [True, False]
    assert await function.stands() == [("dry_run", ""), ("sent", "")]
    everything = Function(tmp_path, environ={"SLACKER_DRY_RUN": "on"})
    await everything.send(command(channel="text"))
    assert await everything.stands() == [("dry_run", "")]


@pytest.mark.parametrize("trouble", [{"reads": "fail"}, {"commits": "fail"}])
async def test_while_the_store_fails_nothing_is_sent_and_nothing_lost(tmp_path: Path, trouble: dict[str, str]) -> None:
    documents = Troubled(**trouble)
    function = Function(tmp_path, documents=documents)
    assert [await function.send(command(channel="text"), attempt) for attempt in (1, 9)] == [503, 503]
    assert (sent(function.text), function.letters()) == ([], [])
    documents.reads = documents.commits = "work"
    assert await function.send(command(channel="text"), 10) == 204
    assert len(sent(function.text)) == 1


async def test_no_line_of_the_log_and_no_record_holds_what_was_said(tmp_path: Path) -> None:
    function = Function(tmp_path, text=Scripted([SlackerError("odd")]))
    await function.send(command(channel="text"))
    kept = str(msgspec.to_builtins(await function.entries()))
    assert "declined a payment" not in function.printed.getvalue().decode() + kept
    assert "C-1" not in function.printed.getvalue().decode() + kept


@pytest.mark.parametrize("value", ["x", [1], {"a": 1}])
async def test_the_name_of_a_variable_is_told_nobody_unless_it_could_be_a_template_s(
    tmp_path: Path, value: object
) -> None:
    function = Function(tmp_path)
    assert await function.send(command(variables={"Jan Peeters BE71": value})) == 204
    [letter] = function.letters()
    assert letter.attributes["slacker-field"] == "/payload/variables"
    texts = [*letter.attributes.values(), function.printed.getvalue().decode()]
    assert [text for text in texts if "Peeters" in text] == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    data=st.binary(max_size=80)
    | st.builds(
        lambda at, piece: (whole := command().encoded())[: at % len(whole)] + piece + whole[at % len(whole) + 1 :],
        st.integers(0, 2000),
        st.binary(max_size=3),
    )
)
async def test_any_body_is_sent_or_a_dead_letter_with_a_reason(tmp_path: Path, data: bytes) -> None:
    function = await Function(tmp_path).knows(device())
    assert await function.deliver(data) == 204
    kinds = [line["kind"] for line in function.lines()]
    assert (kinds in (["notification"], ["dead_lettered"]), len(function.letters())) == (
        True,
        kinds.count("dead_lettered"),
    )
    assert all(len(letter.attributes["slacker-reason"]) > 10 for letter in function.letters())
