"""The settings and secrets of every function on a stage, and who calls them."""

import base64
import json
from pathlib import Path

PUSHER = "push@slacker.local"
"""Who pushes messages, and is the scheduler."""

_SECRETS = {
    "token-key": b"k" * 32,
    "jira-token": b"slacker@bank.example:a-token",
    "bank-notifications-token": b"a-token",
    "contacts-token": b"a-token",
    "sms-credential": b"slacker:a-password",
    "transactions-token": b"a-token",
}
_OPERATORS = (
    "reviewer=ana@slacker.local ben@slacker.local cem@slacker.local,on_call=ana@slacker.local ben@slacker.local"
    ",auditor=dora@slacker.local,support=sue@slacker.local"
)


def write_secrets(directory: Path) -> None:
    """Put the secrets where functions on one machine read them; makes `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    secrets = {name: {"1": base64.b64encode(value).decode()} for name, value in _SECRETS.items()}
    path = directory / "secrets.json"
    path.write_text(json.dumps(secrets))
    path.chmod(0o600)


def settings(directory: Path, port: int) -> dict[str, str]:
    """The variables: state in `directory`, everything that is called at `port` of this machine."""
    here = f"http://127.0.0.1:{port}"
    return {
        "SLACKER_ENVIRONMENT": "local",
        "SLACKER_BACKEND": "memory",
        "SLACKER_STATE": str(directory),
        "SLACKER_REPLAY": "on",
        "SLACKER_CALLERS": f"{PUSHER},gateway@slacker.local,advice@slacker.local",
        "SLACKER_RISK_FUNCTIONS": f"risk_decision={here}/risk_decision",
        "SLACKER_OPERATORS": _OPERATORS,
        "SLACKER_JIRA": f"{here}/jira",
        "SLACKER_TRANSACTIONS": f"{here}/transactions",
        "SLACKER_FCM": f"{here}/fcm",
        "SLACKER_FCM_PROJECT": "p",
        "SLACKER_SMS": f"{here}/sms",
        "SLACKER_CONTACTS": f"{here}/contacts",
        "SLACKER_BANK_NOTIFICATIONS": f"{here}/bank_notifications",
        "SLACKER_TIME_ZONE": "UTC",
        "GCE_METADATA_HOST": f"127.0.0.1:{port}",
    }
