"""The ID token of the account signed in to gcloud on this machine, which Cloud Run requires of a person.

Application Default Credentials of a person give access tokens, which Cloud Run does not take; gcloud's own sign-in
gives ID tokens (https://cloud.google.com/run/docs/authenticating/developers).
"""

import subprocess

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Misconfigured, Unauthenticated

COMMAND = ("gcloud", "auth", "print-identity-token", "--quiet")


def identity_token(deadline: Deadline, command: tuple[str, ...] = COMMAND) -> str:
    """The token; raises `Misconfigured` without gcloud, `Unauthenticated` where nobody is signed in,
    `DeadlineExceeded`.
    """
    try:
        run = subprocess.run(  # noqa: S603 - fixed words
            command, capture_output=True, text=True, timeout=max(0.1, deadline.remaining()), check=False
        )
    except FileNotFoundError as error:
        raise Misconfigured("gcloud is not installed here, which proves who you are") from error
    except subprocess.TimeoutExpired as error:
        raise DeadlineExceeded("gcloud did not give a token in time") from error
    token = run.stdout.strip()
    if run.returncode or token.count(".") != 2:
        raise Unauthenticated("nobody is signed in to Google Cloud here: gcloud auth login")
    return token
