"""The address of the operators' API, and the token for it: gcloud's sign-in, or the local stack's own key."""

import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.operator_client import OperatorClient
from shared.deadline import Deadline
from shared.embedded.stack_file import KEY, announced, no_stack
from shared.errors import Misconfigured, NotFound

if TYPE_CHECKING:
    from cli.session import Session

ADDRESS = "SLACKER_OPERATOR_API"

_FUNCTION = "operator_api"
_LOCAL = "@slacker.local"
_PATIENCE = 30.0  # seconds for gcloud


def operator_client(session: "Session", named: str | None) -> OperatorClient:
    """A client for whoever is signed in to gcloud, or on one machine for `named` (`ana`: ana@slacker.local).

    Raises `Misconfigured`, saying what to set, `NotFound` where no stack has run, and click's `UsageError`.
    """
    address = session.environment.get(ADDRESS, "").rstrip("/")
    if session.on_google_cloud:
        if named:
            raise click.UsageError("on Google Cloud you are who you are signed in as: leave out --as and SLACKER_USER")
        if not address.startswith("https://"):
            raise Misconfigured(f"set {ADDRESS} to the https address of {_FUNCTION}")
        return OperatorClient(address, cache(_signed_in))
    if not named:
        raise click.UsageError("say who you are: --as NAME, or SLACKER_USER in the environment")
    state = session.settings.state
    address = address or _announced(state)
    email = named if "@" in named else named + _LOCAL
    return OperatorClient(address, cache(lambda: _signed(state, email, address)))


def _signed_in() -> str:
    from shared.gcp.identity_token import identity_token  # noqa: PLC0415 - of Google Cloud only

    return identity_token(Deadline.after(_PATIENCE))


def _announced(state: Path) -> str:
    address = announced(state)["functions"].get(_FUNCTION)
    if address is None:
        raise NotFound(f"the stack in {state} runs without {_FUNCTION}")
    return str(address)


def _signed(state: Path, email: str, address: str) -> str:
    from shared.embedded.local_token import load_key, sign  # noqa: PLC0415 - of one machine only

    try:
        return sign(load_key(state / KEY), email, address, time.time())
    except FileNotFoundError as error:
        raise no_stack(state) from error
