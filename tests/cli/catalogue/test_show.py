import json
from pathlib import Path

from shared.catalogue.yaml_files import load
from tests.cli.conftest import RULE_SET, Cli, changed


def test_the_list_says_what_is_in_force_and_what_waits(cli: Cli, published: Path) -> None:
    cli("rules", "publish", changed(published, "5000", "4000"), "--note", "lower", "--as", "eve")

    [row] = json.loads(cli("rules", "list", "--json").output)

    assert row == {
        "name": "cards",
        "active": 1,
        "since": row["since"],
        "by": "ben",
        "waiting": 2,
        "proposed_by": "eve",
        "note": "lower",
    }


def test_the_versions_of_a_name_come_newest_first_with_their_state(cli: Cli, published: Path) -> None:
    for old, new in (("5000", "4000"), ("4000", "3000"), ("3000", "2000")):
        cli("rules", "publish", changed(published, old, new), "--note", "lower", "--as", "eve")
    cli("rules", "approve", "cards", 3, "--as", "ben")

    rows = json.loads(cli("rules", "list", "cards", "--json").output)

    assert [(row["version"], row["state"]) for row in rows] == [
        (4, "proposed"),
        (3, "active"),
        (2, "overtaken"),
        (1, "approved"),
    ]


def test_people_get_a_table(cli: Cli, published: Path) -> None:
    lines = cli("rules", "list").output.splitlines()

    assert lines[0].split() == ["name", "active", "since", "by", "waiting", "proposed", "by", "note"]
    assert lines[1].split()[:2] == ["cards", "1"]


def test_an_empty_store_says_what_to_do(cli: Cli) -> None:
    assert cli("rules", "list").output == (
        "no rule set is published: python -m cli bootstrap publishes those that come with the code\n"
    )


def test_what_is_shown_can_be_edited_and_checked_again(cli: Cli, published: Path, tmp_path: Path) -> None:
    printed = cli("rules", "show", "cards").output
    copy = tmp_path / "copy.yaml"
    copy.write_text(printed)

    assert printed.startswith("# cards@1, proposed by ana: first\n# approved by ben\nname: cards\n")
    assert load(printed, "shown").content == load(RULE_SET, "original").content
    assert cli("rules", "check", copy).exit_code == 0


def test_a_version_is_shown_with_all_that_is_known_of_it(cli: Cli, published: Path) -> None:
    version = json.loads(cli("rules", "show", "cards", 1, "--json").output)

    assert (version["version"], version["proposed_by"], version["approved_by"], version["note"]) == (
        1,
        "ana",
        "ben",
        "first",
    )
    assert version["content"]["name"] == "cards"


def test_the_history_tells_who_did_what_in_order(cli: Cli, published: Path) -> None:
    cli("rules", "publish", changed(published, "5000", "4000"), "--note", "lower", "--as", "eve")
    cli("rules", "approve", "cards", 2, "--as", "ben")
    cli("rules", "rollback", "cards", "--note", "too strict", "--as", "ana")

    acts = json.loads(cli("rules", "history", "cards", "--json").output)

    assert [(act["who"], act["what"], act["version"], act["note"]) for act in acts] == [
        ("ana", "proposed", 1, "first"),
        ("ben", "approved", 1, "first"),
        ("eve", "proposed", 2, "lower"),
        ("ben", "approved", 2, "lower"),
        ("ana", "rolled back to", 1, "too strict"),
    ]
    assert acts == sorted(acts, key=lambda act: str(act["at"]))
    assert "rolled back to  1        too strict" in cli("rules", "history", "cards").output


def test_a_diff_is_of_what_is_in_force_and_the_newest_or_a_file(cli: Cli, published: Path) -> None:
    changed(published, "score: 60", "score: 70")
    against_file = cli("rules", "diff", published).output
    cli("rules", "publish", published, "--note", "x", "--as", "ana")
    against_newest = cli("rules", "diff", "cards").output

    assert against_file.splitlines()[0:2] == ["--- cards@1", f"+++ {published}"]
    assert against_newest.splitlines()[0:2] == ["--- cards@1", "+++ cards@2"]
    for diff in (against_file, against_newest):
        assert [line for line in diff.splitlines()[2:] if line[0] in "+-"] == ["-  score: 60", "+  score: 70"]
    assert cli("rules", "diff", "cards", 2, 1).output.splitlines()[0] == "--- cards@2"
    assert cli("rules", "diff", "cards", 1, 1).output == "no difference\n"


def test_a_markup_in_a_note_is_only_text(cli: Cli, rules_file: Path) -> None:
    cli("rules", "publish", rules_file, "--note", "[red]1[/red]", "--as", "ana")

    assert "[red]1[/red]" in cli("rules", "list").output


def test_an_unknown_name_is_told(cli: Cli) -> None:
    for command in (["list", "nope"], ["show", "nope"], ["history", "nope"], ["diff", "nope"]):
        result = cli("rules", *command)
        assert result.exit_code == 1
        assert result.output.startswith("error: rule_sets has no ")
        assert len(result.output.splitlines()) == 1
