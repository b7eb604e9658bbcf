import json

from tests.cli.conftest import Cli


def test_an_empty_store_gets_what_ships_and_keeps_it(cli: Cli) -> None:
    dry = json.loads(cli("bootstrap", "--dry-run", "--json").output)
    assert {row["done"] for row in dry} == {"would be published"}
    assert {row["kind"] for row in dry} == {"operations", "rule_sets"}
    assert json.loads(cli("rules", "list", "--json").output) == []

    first = json.loads(cli("bootstrap", "--json").output)
    again = json.loads(cli("bootstrap", "--json").output)

    assert {row["done"] for row in first} == {"published"}
    assert {row["done"] for row in again} == {"left alone"}
    assert json.loads(cli("rules", "list", "transaction", "--json").output)[0]["proposed_by"] == "bundled"


def test_people_get_a_table(cli: Cli) -> None:
    lines = cli("bootstrap").output.splitlines()

    assert lines[0].split() == ["kind", "name", "version", "done", "why"]
    assert [line.split()[-6] for line in lines[1:]] == ["probe", "transaction", "probe", "transaction"]
