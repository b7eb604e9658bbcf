"""Who is signed in to gcloud at this keyboard."""

import sys

import pytest

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Misconfigured, Unauthenticated
from shared.gcp.identity_token import identity_token
from tests.support.deadlines import plenty


def command(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_the_token_is_what_gcloud_prints() -> None:
    assert identity_token(plenty(), command("print('a.b.c')")) == "a.b.c"


@pytest.mark.parametrize("code", ["import sys; sys.exit(1)", "print('nonsense')", "pass"])
def test_without_a_token_it_says_how_to_sign_in(code: str) -> None:
    with pytest.raises(Unauthenticated, match="gcloud auth login"):
        identity_token(plenty(), command(code))


def test_a_gcloud_that_hangs_is_given_up() -> None:
    with pytest.raises(DeadlineExceeded):
        identity_token(Deadline.after(0.2), command("import time; time.sleep(60)"))


def test_where_there_is_no_gcloud_it_says_so() -> None:
    with pytest.raises(Misconfigured, match="gcloud is not installed"):
        identity_token(plenty(), ("there-is-no-such-program",))
