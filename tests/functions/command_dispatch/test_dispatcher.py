"""Every command ends in one state, whatever its handler says or raises, and however often it comes."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from shared.commands.outcome import CommandOutcome
from shared.commands.status import CommandStatus
from shared.errors import (
    Damaged,
    DeadlineExceeded,
    Deferred,
    Forbidden,
    Invalid,
    Misconfigured,
    Overloaded,
    Problem,
    Unavailable,
    Uncertain,
)
from tests.support.builders.command_dispatch import NOW, Dispatch, Scripted, Step, command, notification

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def dispatch(tmp_path: Path) -> Dispatch:
    return Dispatch(tmp_path)


def scripted(dispatch: Dispatch, *steps: Step) -> Scripted:
    """Tell the handler how its attempts end."""
    handler = dispatch.handler
    assert isinstance(handler, Scripted)
    handler.steps[:] = steps
    return handler


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (CommandOutcome.done({"ticket": "T-1"}), CommandStatus.DONE, ""),
        (CommandOutcome.refused("already_rejected"), CommandStatus.REFUSED, "already_rejected"),
        (CommandOutcome.ambiguous("not_settled"), CommandStatus.AMBIGUOUS, "not_settled"),
    ],
)
async def test_an_outcome_is_final_and_the_command_is_forgotten(
    dispatch: Dispatch, outcome: CommandOutcome, status: CommandStatus, code: str
) -> None:
    scripted(dispatch, outcome)
    assert await dispatch.send(command()) == 204
    entry, document = await dispatch.entry(), await dispatch.document("c-1")
    assert (entry.status, entry.code, entry.result) == (status, code, outcome.result)
    assert document is not None
    assert (entry.envelope, document.due_at, document.expires_at) == (b"", None, NOW + timedelta(days=90))


async def test_the_same_command_is_done_once_however_often_it_comes(dispatch: Dispatch) -> None:
    assert {await dispatch.send(command(issued_at=NOW + n * SECOND)) for n in range(3)} == {204}
    assert dispatch.handler.calls == [("c-1", False)]
    assert [line["kind"] for line in dispatch.lines()] == ["command", "command_repeated", "command_repeated"]


async def test_what_is_being_done_is_refused_until_it_is_done(dispatch: Dispatch) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await may_end.wait()

    scripted(dispatch, slow)
    first = asyncio.create_task(dispatch.send(command()))
    await begun.wait()
    assert await dispatch.send(command()) == 503
    may_end.set()
    assert (await first, await dispatch.send(command())) == (204, 204)
    assert len(dispatch.handler.calls) == 1


async def test_the_same_id_with_another_payload_is_a_dead_letter_and_the_first_stays(dispatch: Dispatch) -> None:
    other = command(payload={"kind": "fraud", "summary": "Look at that"})
    assert (await dispatch.send(command()), await dispatch.send(other)) == (204, 204)
    assert (await dispatch.entry()).status is CommandStatus.DONE
    [letter] = dispatch.letters()
    assert (letter.data, letter.attributes["slacker-code"]) == (other.encoded(), "conflict")
    assert dispatch.handler.calls == [("c-1", False)]


async def test_a_type_counts_only_on_its_own_topic(dispatch: Dispatch) -> None:
    """Who may publish notifications cannot open a ticket, nor take a ticket's id."""
    assert await dispatch.send(command(), "commands-notify-client") == 204
    assert await dispatch.document("c-1") is None
    [letter] = dispatch.letters()
    assert (letter.attributes["slacker-code"], letter.attributes["slacker-field"]) == ("invalid", "/type")
    assert await dispatch.send(command()) == 204
    assert (await dispatch.entry()).status is CommandStatus.DONE


@pytest.mark.parametrize("topic", ["transactions", "nothing-of-ours"])
async def test_a_subscription_of_another_topic_is_our_setup_and_no_message_s_fault(
    dispatch: Dispatch, topic: str
) -> None:
    assert await dispatch.deliver(command().encoded(), topic) == 500
    assert dispatch.letters() == []


async def test_what_is_too_late_expires_without_being_begun(dispatch: Dispatch) -> None:
    dispatch.now = NOW + timedelta(hours=1, microseconds=1)
    assert await dispatch.send(command()) == 204
    entry = await dispatch.entry()
    assert (entry.status, entry.code, dispatch.handler.calls) == (CommandStatus.EXPIRED, "too_late", [])
    assert [line["severity"] for line in dispatch.lines() if line["kind"] == "command"] == ["WARNING"]


async def test_a_payment_that_nobody_will_hear_of_any_more_is_an_error(dispatch: Dispatch) -> None:
    payload = {"client_id": "client-1", "reasons": [], "rule_set": "r@1"}
    dispatch.now = NOW + timedelta(hours=2)
    assert await dispatch.send(command(type="open_review", payload=payload)) == 204
    [line] = [line for line in dispatch.lines() if line["kind"] == "command"]
    assert (line["outcome"], line["severity"]) == ("expired", "ERROR")


@pytest.mark.parametrize(
    ("error", "code", "pause", "uncertain"),
    [
        (Deferred("later", 30.0), "deferred", 30 * SECOND, False),
        (Deferred("at once", 0.0), "deferred", SECOND, False),
        (Deferred("next year", 1e300), "deferred", 60 * MINUTE, False),
        (Uncertain("no answer"), "uncertain", 2 * MINUTE, True),
        (DeadlineExceeded("too slow"), "uncertain", 2 * MINUTE, True),
        (TimeoutError(), "uncertain", 2 * MINUTE, True),
        (Misconfigured("set it"), "misconfigured", 5 * MINUTE, False),
        (Damaged("transaction@3 is damaged"), "damaged", 5 * MINUTE, False),
    ],
)
async def test_what_may_work_later_is_parked_and_comes_back(
    dispatch: Dispatch, error: Exception, code: str, pause: timedelta, uncertain: bool
) -> None:
    scripted(dispatch, error)
    assert await dispatch.send(command()) == 204
    entry, document = await dispatch.entry(), await dispatch.document("c-1")
    assert document is not None
    due_at = document.due_at
    assert due_at is not None
    assert (entry.status, entry.code) == (CommandStatus.PARKED, code)
    # who was sent away with others comes up to as much later as it has waited
    assert NOW + pause <= due_at <= NOW + (min(2 * pause, pause + 5 * MINUTE) if code == "deferred" else pause)
    dispatch.now = due_at - SECOND / 2
    assert await dispatch.deliver(entry.envelope) == 204
    assert len(dispatch.handler.calls) == 1
    dispatch.now = due_at
    assert await dispatch.deliver(entry.envelope) == 204
    assert dispatch.handler.calls == [("c-1", False), ("c-1", uncertain)]
    assert (await dispatch.entry()).status is CommandStatus.DONE


@pytest.mark.parametrize(("error", "status"), [(Unavailable("down"), 503), (Overloaded("busy"), 429)])
async def test_what_has_not_happened_is_refused_and_tried_at_the_next_delivery(
    dispatch: Dispatch, error: Exception, status: int
) -> None:
    scripted(dispatch, error)
    assert await dispatch.send(command()) == status
    document = await dispatch.document("c-1")
    assert document is not None
    assert (await dispatch.entry()).status is CommandStatus.PARKED
    assert document.due_at == NOW + 15 * MINUTE  # should Pub/Sub forget it
    assert await dispatch.send(command(), attempt=2) == 204
    assert dispatch.handler.calls == [("c-1", False), ("c-1", False)]


async def test_a_doubt_stays_over_what_only_delays(dispatch: Dispatch) -> None:
    scripted(dispatch, Uncertain("no answer"), Deferred("later", 1.0), Unavailable("down"))
    for _ in range(4):
        await dispatch.send(command())
        dispatch.now += 3 * MINUTE
    assert [uncertain for _, uncertain in dispatch.handler.calls] == [False, True, True, True]


@pytest.mark.parametrize(
    ("error", "code", "field"),
    [
        (Invalid(Problem("/payload/kind", "one that is configured expected")), "invalid", "/payload/kind"),
        (Forbidden("nobody decided that"), "forbidden", ""),
        (KeyError("client-1"), "our_fault", ""),
    ],
)
async def test_what_never_will_work_is_a_dead_letter_at_once_with_its_reason(
    dispatch: Dispatch, error: Exception, code: str, field: str
) -> None:
    scripted(dispatch, error)
    assert await dispatch.send(command(), attempt=3) == 204
    [letter] = dispatch.letters()
    attributes = letter.attributes
    assert letter.data == command().encoded()
    assert (attributes["slacker-code"], attributes["slacker-field"]) == (code, field)
    assert (attributes["slacker-attempt"], attributes["slacker-source"]) == (
        "3", "commands-create-ticket.command_dispatch",
    )  # fmt: skip
    assert "client-1" not in attributes["slacker-reason"]
    entry = await dispatch.entry()
    assert (entry.status, entry.code, entry.dead_letter_pending, entry.envelope) == (
        CommandStatus.DEAD_LETTERED,
        code,
        False,
        b"",
    )
    assert await dispatch.send(command()) == 204
    assert len(dispatch.letters()) == 1


async def test_a_handler_that_does_not_come_to_an_end_is_cut_off_in_doubt(dispatch: Dispatch) -> None:
    scripted(dispatch, lambda: dispatch.clock.sleep(60))
    assert await dispatch.send(command()) == 204
    entry = await dispatch.entry()
    assert (entry.status, entry.code, entry.uncertain) == (CommandStatus.PARKED, "uncertain", True)
    assert 5 < dispatch.clock.monotonic() < 9


async def test_with_no_time_left_nothing_is_begun(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.subscriber._TIMEOUT", 2.4)
    assert await dispatch.send(command()) == 503
    entry = await dispatch.entry()
    assert (entry.code, entry.uncertain, dispatch.handler.calls) == ("redelivered", False, [])


async def test_the_log_names_the_command_and_nobody(dispatch: Dispatch) -> None:
    traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
    await dispatch.send(notification(traceparent=traceparent))
    [line] = dispatch.lines()
    fields = ("kind", "command_id", "command_type", "outcome", "operation_id", "result", "tries")
    assert [line[name] for name in fields] == [
        "command", "n-1", "notify_client", "done", "op-1", {"ticket": "T-1"}, 1,
    ]  # fmt: skip
    assert "client-1" not in str(line)
    assert line["logging.googleapis.com/trace"] == dispatch.handler.traces[0].trace_id == traceparent.split("-")[1]


class Unbuilt:
    """Handlers none of which can be built."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def for_type(self, kind: str) -> Scripted:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Misconfigured("set SLACKER_JIRA"), CommandStatus.PARKED),
        (ImportError("no module"), CommandStatus.DEAD_LETTERED),
    ],
)
async def test_a_type_whose_handler_cannot_be_built_is_accounted_for(
    tmp_path: Path, error: Exception, status: CommandStatus
) -> None:
    dispatch = Dispatch(tmp_path, Unbuilt(error))
    assert await dispatch.send(command()) == 204
    assert (await dispatch.entry()).status is status
