"""The stand-ins of the bank's services and of vendors: one process, an address each, in every function's settings."""

import sys
from collections.abc import Mapping
from functools import partial

from local.stack.http_listener import HOST, free_ports
from local.stack.process import ProcessReaper, ServerProcess
from local.stack.state_directory import StateDirectory, inherited
from shared.deadline import Deadline
from shared.embedded.file_secrets import FileSecrets

STAND_INS: Mapping[str, str] = {
    "jira": "SLACKER_JIRA",
    "transactions": "SLACKER_TRANSACTIONS",
    "bank_notifications": "SLACKER_BANK_NOTIFICATIONS",
    "fcm": "SLACKER_FCM",
    "sms": "SLACKER_SMS",
    "contacts": "SLACKER_CONTACTS",
}
"""Each stand-in, a module of `local/stand_ins`, and the environment variable with its address."""

CALL_THEM = frozenset(("command_dispatch", "push_notification"))
"""The functions that need them."""

SECRETS: Mapping[str, bytes] = {
    "jira-token": b"slacker@bank.example:a-token-of-this-machine-only",
    "bank-notifications-token": b"a-token-of-this-machine-only",
    "contacts-token": b"a-token-of-this-machine-only",
    "sms-credential": b"slacker:a-password-of-this-machine-only",
    "transactions-token": b"a-token-of-this-machine-only",
}
"""The credentials that they accept, each as version 1 of a secret."""

_WITHIN = 10.0  # seconds for one secret


class StandIns:
    """The process that serves them all, each under its name."""

    def __init__(self, state: StateDirectory, reaper: ProcessReaper) -> None:
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "local.stand_ins", "--port", str(port)]
        # With the state in its environment, a process that a stack left behind can be recognised.
        environment = {**inherited(), "SLACKER_STATE": str(state.directory)}
        self.process = ServerProcess("stand_ins", command, port, environment, reaper, state.logs)
        self.urls: Mapping[str, str] = {name: f"http://{HOST}:{port}/{name}" for name in STAND_INS}

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables with the stand-ins' addresses."""
        return {STAND_INS[name]: url for name, url in self.urls.items()}


async def keep_secrets(state: StateDirectory) -> None:
    """Put their credentials where functions read secrets."""
    secrets = FileSecrets(state.secrets)
    for name, payload in SECRETS.items():
        await secrets.ensure(name, 1, partial(bytes, payload), Deadline.after(_WITHIN))
