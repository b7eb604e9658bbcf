"""Dead letters at the keyboard, over HTTP: finding, reading, mending, sending again, giving up."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.dead_letters.edit import patch
from shared.dead_letters.letter import key
from shared.storage.documents import Create
from tests.functions.operator_api.test_dead_letter_edit import BROKEN
from tests.support.builders import letters, operators
from tests.support.builders.letters import command
from tests.support.builders.operator_api import NOW
from tests.support.deadlines import plenty


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[operators.Desk]:
    monkeypatch.setattr(operators, "Office", letters.Desk)
    with operators.desk(tmp_path / "state") as opened:
        yield opened


def put(at: operators.Desk, *made: Any, **options: Any) -> list[str]:
    """Letters on record, a second apart; their ids."""
    assert isinstance(at.office, letters.Desk)
    return [
        at.run(at.office.letter(content, at=NOW + timedelta(seconds=n), **options)) for n, content in enumerate(made)
    ]


def status(at: operators.Desk, id_: str) -> str:
    assert isinstance(at.office, letters.Desk)
    return at.run(at.office.record(id_)).status


def printed(at: operators.Desk, *arguments: object, who: str = "ana") -> Any:
    """What a command prints as JSON."""
    result = at.cli("dead-letters", *arguments, "--json", who=who)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_what_waits_is_listed_and_a_filter_narrows_it(at: operators.Desk) -> None:
    assert at.cli("dead-letters", "list").output == "no letter waits\n"
    ids = put(at, command("c-1"), command("c-2", "notify_client"), b"\x02")
    assert [letter["letter"] for letter in printed(at, "list")["letters"]] == ids
    assert [
        letter["letter"] for letter in printed(at, "list", "--type", "notify_client", "--client", "C-1")["letters"]
    ] == ids[1:2]
    assert printed(at, "list", "--since", "2026-11-22T09:30:02")["letters"][0]["letter"] == ids[2]
    assert printed(at, "list", "--until", "1h")["letters"] == []
    page = at.cli("dead-letters", "list", "--limit", "1").output
    assert (ids[0] in page, f"--after {ids[0]}" in page, ids[1] in page) == (True, True, False)
    assert at.cli("dead-letters", "list", "--type", "x").output == "no letter fits\n"


def test_a_damaged_letter_is_named_beside_the_others(at: operators.Desk) -> None:
    [id_], bad = put(at, command()), "2026-11-22T09:29:00.000Z.0011223344556677"
    at.run(at.office.documents.commit([Create(key(bad), b"?")], plenty()))
    redrive = ("redrive", "--type", "create_ticket", "--why", "case 7", "--dry-run")
    for result in (at.cli("dead-letters", name) for name in ("list", "groups")):
        assert (id_ in result.stdout, result.stderr) == (True, f"cannot be read, the document is damaged: {bad}\n")
    assert bad in at.cli("dead-letters", *redrive).stderr


def test_groups_say_what_is_wrong_how_often_and_name_an_example(at: operators.Desk) -> None:
    ids = put(at, command("c-1"), command("c-2"))
    [group] = printed(at, "groups")["groups"]
    assert (group["count"], group["reason"], group["example"]) == (2, "/payload/kind: a kind expected", ids[1])
    assert ids[1] in at.cli("dead-letters", "groups").output


def test_show_tells_everything_but_what_is_personal_and_what_to_do_next(at: operators.Desk) -> None:
    [broken, notice] = put(at, BROKEN, command("n-1", "notify_client"))
    page = at.cli("dead-letters", "show", broken).output
    assert "still wrong" in page
    assert f"mend it: python -m cli dead-letters edit {broken}" in page
    page = at.cli("dead-letters", "show", notice).output
    assert ("(personal)" in page, "Jane" in page) == (True, False)
    assert f"send it again: python -m cli dead-letters redrive {notice}" in page
    assert at.cli("dead-letters", "show", notice, "--reveal").exit_code == 2
    revealed = at.cli("dead-letters", "show", notice, "--reveal", "--why", "case 7")
    assert json.loads(revealed.stdout)["payload"]["variables"] == {"name": "Jane Doe"}
    body = printed(at, "show", notice, "--reveal", "--why", "case 7")["body"]
    assert base64.b64decode(body) == revealed.stdout_bytes


def test_a_letter_is_mended_and_sent_again(at: operators.Desk) -> None:
    [id_] = put(at, BROKEN)
    wrong = at.cli("dead-letters", "edit", id_, "--set", "payload.kind=No way", "--why", "case 7")
    assert (wrong.exit_code, "error: /payload/kind: " in wrong.output) == (1, True)
    mend = ("dead-letters", "edit", id_, "--set", "payload.kind=fraud", "--why", "case 7")
    assert at.cli(*mend, "--dry-run").output.startswith("would keep its schema so; nothing is changed")
    assert at.cli("dead-letters", "redrive", id_, "--why", "case 7").exit_code == 1
    assert at.cli(*mend).output.startswith("keeps its schema, and waits to be redriven")
    sent = at.cli("dead-letters", "redrive", id_, "--why", "case 7")
    assert (sent.exit_code, sent.output) == (0, "redriven: sent from 2026-11-22 09:30:00Z on\n")
    assert status(at, id_) == "redriven"


def test_a_whole_command_may_come_from_a_file(at: operators.Desk, tmp_path: Path) -> None:
    [id_], file = put(at, BROKEN), tmp_path / "command.json"
    for content, code in ((b"[]", 1), (b"{", 1), (b"{}", 1), (command("c-2").encoded(), 1), (command().encoded(), 0)):
        file.write_bytes(content)
        assert at.cli("dead-letters", "edit", id_, "--file", file, "--why", "case 7").exit_code == code
    assert at.cli("dead-letters", "edit", id_, "--why", "case 7").exit_code == 2


def test_what_fits_a_filter_is_sent_after_a_look_at_what_would_happen(at: operators.Desk) -> None:
    ids = put(at, *(command(f"c-{n}") for n in range(60)), BROKEN)
    redrive = ("redrive", "--type", "create_ticket", "--why", "case 7", "--per-minute", 60)
    dry = printed(at, *redrive, "--dry-run")["results"]
    assert [result["outcome"] for result in dry] == ["redriven"] * 60 + ["refused"]
    assert dry[59]["detail"] == "sent from 2026-11-22 09:30:59Z on"
    refusal = at.cli("dead-letters", *redrive)
    assert (refusal.exit_code, "--yes" in refusal.output, status(at, ids[0])) == (2, True, "waiting")
    done = at.cli("dead-letters", *redrive, "--yes")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, "60 redriven, 1 refused")
    assert [status(at, id_) for id_ in (ids[0], ids[59], ids[60])] == ["redriven", "redriven", "waiting"]


def test_letters_are_named_or_filtered_and_never_by_accident_all(at: operators.Desk) -> None:
    [id_] = put(at, command())
    for which in ([], [id_, "--all"], [id_, "--type", "create_ticket"]):
        assert at.cli("dead-letters", "discard", *which, "--why", "x", "--yes").exit_code == 2
    assert at.cli("dead-letters", "discard", "--all", "--why", "x", "--yes").output == "discarded\n"
    assert status(at, id_) == "discarded"
    assert at.cli("dead-letters", "discard", id_, "--why", "x").output.startswith("error: it is discarded already")


def test_two_people_settle_what_pays(at: operators.Desk) -> None:
    [id_] = put(at, command(kind="resolve_transaction"))
    redrive = ("dead-letters", "redrive", id_, "--why", "case 7")
    assert at.cli(*redrive).output.startswith("proposed: somebody other than ana@x.example")
    assert "redrive? (ana@x.example)" in at.cli("dead-letters", "list").output
    again = at.cli(*redrive)
    assert (again.exit_code, "somebody else has to confirm" in again.output) == (1, True)
    assert at.cli(*redrive, who="ben").output.startswith("redriven")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (("payload.kind=fraud",), {"payload": {"kind": "fraud"}}),
        (("a.b=1", "a.c=null", "d=[1]"), {"a": {"b": 1, "c": None}, "d": [1]}),
        (("a=x=y",), {"a": "x=y"}),
    ],
)
def test_a_field_is_a_path_with_dots_and_a_value_is_json_or_a_text(changes: tuple[str, ...], expected: Any) -> None:
    assert patch(changes) == expected


def test_who_is_not_on_call_is_told_so(at: operators.Desk) -> None:
    refused = at.cli("dead-letters", "list", who="cem")
    assert (refused.exit_code, "role on_call" in refused.output) == (1, True)
