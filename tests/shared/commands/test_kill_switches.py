"""Kill switches: which there are, and which a command has to pass."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from shared.commands import kill_switches
from shared.commands.kill_switches import Switch
from shared.errors import Damaged
from shared.storage.documents import Document
from tests.shared.commands.test_command import COMMAND

TEXT = replace(COMMAND, type="notify_client", payload={"channel": "text"})


def turned(name: str, *, on: bool) -> Document:
    kind, _, channel = name.partition(".")
    state = kill_switches.CODEC.encode(Switch(on, "ana", datetime(2026, 1, 1, tzinfo=UTC), "why"))
    return Document(kill_switches.key(kind, channel), state, "1")


def test_there_is_one_for_each_type_and_for_each_channel() -> None:
    assert kill_switches.names() == [
        "create_ticket", "notify_client", "notify_client.text", "notify_client.push", "open_review",
        "resolve_transaction",
    ]  # fmt: skip


def test_a_switch_comes_back_as_it_was_written() -> None:
    assert kill_switches.CODEC.decode_state(turned("open_review", on=False).state).on is False
    with pytest.raises(Damaged):
        kill_switches.CODEC.decode_state(b"\xff")


@pytest.mark.parametrize(
    ("off", "text", "review"),
    [
        ([], True, True),
        (["notify_client"], False, True),
        (["notify_client.text"], False, True),
        (["notify_client.push"], True, True),
        (["open_review"], True, False),
    ],
)
def test_a_command_passes_its_type_s_and_its_channel_s(off: list[str], text: bool, review: bool) -> None:
    switches = {name: turned(name, on=name not in off) for name in kill_switches.names()}
    documents = {document.key: document for document in switches.values()}
    assert (kill_switches.all_on(TEXT, documents), kill_switches.all_on(COMMAND, documents)) == (text, review)


def test_one_that_was_never_turned_is_on() -> None:
    assert kill_switches.all_on(TEXT, dict.fromkeys(kill_switches.keys_for_command(TEXT)))
