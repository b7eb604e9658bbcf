"""The main job, end to end: every answer given is on record, whatever is killed; clear errors; nothing left."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.history.fraud_handbook import COLUMNS
from local.stack.http_listener import bind, free_ports
from local.stack.process import ROOT
from tests.support.eventually import PATIENCE
from tests.support.processes import gone, of_state

UNHURRIED = ("--deadline-ms", "20000")
SMALL = ("--clients", "150", "--history", "2", "--limit", "150", *UNHURRIED)


def _command(state: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "local", "demo", "--state", str(state), *options]


def _run(state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(state, *options), cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def _summary(state: Path, *options: str) -> dict[str, Any]:
    done = _run(state, "--json", *options)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    assert summary["asked"] == summary["answered"] == summary["recorded"] + summary["unrecorded"]
    assert (summary["lost"], summary["differing"], summary["unanswered"]) == ([], [], {})
    return summary


def test_every_question_is_answered_recorded_and_nothing_is_left(tmp_path: Path) -> None:
    summary = _summary(tmp_path, *SMALL)
    assert (summary["transactions"], summary["history"] > 0) == (150, True)
    assert not of_state(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []
    commands = summary["commands"]
    assert (commands["missing"], commands["issued"] > 0) == ([], True)
    assert {status for counts in commands["commands"].values() for status in counts} == {"done"}
    assert commands["tickets"] == commands["commands"]["open_review"]["done"] == sum(commands["reviews"].values())


def test_while_a_downstream_is_away_commands_wait_and_are_done_when_it_is_back(tmp_path: Path) -> None:
    commands = _summary(tmp_path, *SMALL, "--break", "jira:busy@3")["commands"]
    waited, done = commands["recovered"]["create_ticket"]
    assert (waited > 0, done) == (True, waited)
    assert commands["tickets"] == commands["commands"]["create_ticket"]["done"]


def test_the_same_seed_leads_to_the_same_answers(tmp_path: Path) -> None:
    options = (*SMALL, "--concurrency", "2")
    first, second = _summary(tmp_path / "a", *options), _summary(tmp_path / "b", *options)
    assert ("declared" in first["decided_by"], "declared" in second["decided_by"]) == (False, False)
    for same in ("outcomes", "reasons", "scenarios", "second_attempts"):
        assert first[same] == second[same]


def test_the_handbooks_data_is_replayed(tmp_path: Path) -> None:
    rows = [
        f"{n},2018-04-01 {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},{n % 40},{n % 7},{n}.50,0,0" for n in range(120)
    ]
    data = tmp_path / "sample.csv.gz"
    data.write_bytes(gzip.compress("\n".join([",".join(COLUMNS), *rows, ""]).encode()))
    summary = _summary(tmp_path / "state", "--data", str(data), "--limit", "0")
    assert summary["transactions"] == 120


def test_when_the_risk_function_is_killed_declared_answers_are_given_in_time_and_it_recovers(tmp_path: Path) -> None:
    options = ("--clients", "300", "--history", "1", "--limit", "300", "--rate", "30", "--kill", "risk_decision@20")
    summary = _summary(tmp_path, *options)
    lines = [json.loads(line) for line in (tmp_path / "logs/advice.jsonl").read_text().splitlines()]
    answers = [line for line in lines if line["kind"] == "answer"]
    decided_by = [line["decided_by"] for line in answers]
    assert summary["restarts"]["risk_decision"] == 1
    assert decided_by.count("declared") == summary["decided_by"]["declared"] > 0
    assert "risk_function" in decided_by[decided_by.index("declared") :]


def test_when_advice_is_killed_no_answer_that_was_given_is_lost(tmp_path: Path) -> None:
    """So many clients pay in one minute that questions are on their way whenever it is. On a busy machine it may have
    answered all of them when it is killed, which shows nothing: then another one is killed.
    """
    rows = [f"{n},2018-04-01 00:00:{n // 5:02},{n},{n % 7},{n}.50,0,0" for n in range(300)]
    data = tmp_path / "busy.csv"
    data.write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    asked_again = 0
    for number in (100, 130, 160, 190, 220):
        options = ("--data", str(data), "--limit", "0", "--concurrency", "8", "--kill", f"advice@{number}", *UNHURRIED)
        summary = _summary(tmp_path / f"state-{number}", *options)
        assert (summary["restarts"]["advice"], summary["transactions"]) == (1, 300)
        asked_again += summary["asked_again"]
        if asked_again:
            break
    assert asked_again > 0


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    done = _run(tmp_path / "state", "--data", str(tmp_path / "none.csv"))
    assert (done.returncode, done.stdout) == (2, f"error: there is no file {tmp_path / 'none.csv'}\n")


def test_a_wrong_column_is_one_clear_line(tmp_path: Path) -> None:
    data = tmp_path / "wrong.csv"
    data.write_text(",".join(COLUMNS).replace("TX_AMOUNT", "AMOUNT") + "\n")
    done = _run(tmp_path / "state", "--data", str(data))
    expected = f"error: {data}:1: one column TX_AMOUNT expected; did you mean 'AMOUNT'?\n"
    assert (done.returncode, done.stdout) == (2, expected)


def test_a_bad_row_found_half_way_stops_everything_with_one_clear_line(tmp_path: Path) -> None:
    rows = [f"{n},2018-04-01 00:00:{n % 60:02},{n % 40},{n % 7},1.50,0,0" for n in range(400)]
    data = tmp_path / "bad.csv"
    data.write_text("\n".join([",".join(COLUMNS), *rows, "400,never,1,1,1.0,0,0", ""]))
    done = _run(tmp_path / "state", "--data", str(data), "--limit", "0")
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == (
        f"error: {data}:402, column TX_DATETIME: a time like 2018-04-01 00:00:31 in the years 1980 to 2099 expected"
    )
    assert not of_state(tmp_path / "state")


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with bind(port, "somebody else") as taken:
        taken.listen()
        done = _run(tmp_path, *SMALL, "--port", str(port))
    assert done.returncode == 2
    assert f"error: port {port} is in use" in done.stdout
    assert not of_state(tmp_path)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_stopping_it_in_the_middle_leaves_nothing(tmp_path: Path, number: signal.Signals, status: int) -> None:
    [port] = free_ports(1)
    command = _command(tmp_path, "--clients", "150", "--history", "1", "--rate", "20", "--port", str(port))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while "days archived" not in running.stdout.readline():
            assert running.poll() is None
        assert of_state(tmp_path)
        os.kill(running.pid, number)
        running.stdout.read()
        assert running.wait(PATIENCE) == status
    assert gone(tmp_path)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_staying_up_offers_lines_that_work(tmp_path: Path) -> None:
    with subprocess.Popen(_command(tmp_path, *SMALL, "--stay"), cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        printed = [""]
        while not printed[-1].lstrip().startswith("curl"):
            printed.append(running.stdout.readline())
            assert running.poll() is None, "".join(printed)
        line = printed[-1].replace("curl -s", "curl -s -w '%{http_code}'")
        tried = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
        running.send_signal(signal.SIGINT)
        running.stdout.read()
        assert running.wait(PATIENCE) == 130
    assert (tried.stdout[-3:], '"advice"' in tried.stdout) == ("200", True), tried
    assert gone(tmp_path)
