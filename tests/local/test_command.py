"""The command line: options are checked before anything starts, files repeat, tokens are the stack's."""

import json
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner

from jobs.history.fraud_handbook import read
from local.command import main
from local.stack.tokens import load_or_create
from shared.embedded import stack_file


def _invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def test_help_names_every_command() -> None:
    code, text = _invoke("--help")
    assert code == 0
    assert [name in text for name in ("demo", "up", "token", "generate")] == [True] * 4


def test_generated_lines_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    arguments = ("--limit", "200", "--clients", "30", "--seed", "9")
    for name in ("a", "b"):
        assert _invoke("generate", str(tmp_path / name), *arguments)[0] == 0
    first = (tmp_path / "a").read_bytes()
    assert (first, len(first.splitlines())) == ((tmp_path / "b").read_bytes(), 200)
    assert json.loads(first.splitlines()[0])["client"].startswith("client-")


def test_a_generated_handbook_file_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    assert _invoke("generate", str(path), "--format", "handbook", "--limit", "500", "--clients", "50")[0] == 0
    assert len(list(read(path))) > 300


@pytest.mark.parametrize("wrong", ["nothing@5", "advice", "advice@0", "advice@x", "advice@\u00b2"])
def test_a_wrong_kill_is_told_by_example(wrong: str) -> None:
    code, text = _invoke("demo", "--kill", wrong)
    assert (code, "FUNCTION@N" in text) == (2, True)


@pytest.mark.parametrize("wrong", ["nobody@5", "jira", "jira@0", "jira:worse@5", "fcm:@x", "jira@\u00b2"])
def test_a_wrong_break_is_told_by_example(wrong: str) -> None:
    code, text = _invoke("demo", "--break", wrong)
    assert (code, "NAME[:HOW]@N expected" in text, "jira@500" in text) == (2, True, True)


def test_all_of_the_made_up_bank_cannot_be_asked_about() -> None:
    code, text = _invoke("demo", "--limit", "0")
    assert (code, "--limit 0 needs --data" in text) == (2, True)


def test_a_token_names_its_email_and_audience(tmp_path: Path) -> None:
    signer = load_or_create(tmp_path / "front_key.pem")
    stack_file.announce(tmp_path, {"functions": {"advice": "http://127.0.0.1:1/advice"}})
    code, text = _invoke("token", "anna@slacker.local", "--state", str(tmp_path))
    claims = jwt.decode(text.strip(), signer.key.public_key(), ["RS256"], audience="http://127.0.0.1:1/advice")
    assert (code, claims["email"]) == (0, "anna@slacker.local")


def test_without_a_stack_there_is_no_token(tmp_path: Path) -> None:
    code, text = _invoke("token", "--state", str(tmp_path))
    assert (code, "no stack has run" in text) == (1, True)
