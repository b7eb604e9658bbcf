"""Who may call which function of the stack, and settings of single functions: what IAM and Terraform configure in
the cloud.
"""

from collections.abc import Mapping

from local.stack.topology import PUSHED, PUSHER

SCHEDULER = "scheduler@slacker.local"
"""The account that calls `scheduled_work`, Cloud Scheduler's."""

CALLERS: Mapping[str, str] = {
    **dict.fromkeys(PUSHED, PUSHER),
    "risk_decision": "advice@slacker.local",
    "scheduled_work": SCHEDULER,
    "notification_preferences": "app-gateway@slacker.local",
}
"""The accounts that may call a function, as `SLACKER_CALLERS`; who may call `advice` is said by each operation."""

OPERATORS = ("anna@slacker.local", "ben@slacker.local", "cleo@slacker.local")
"""The people who may do everything that `operator_api` offers; two of them make four eyes."""

_ROLES = ("reviewer", "on_call", "support", "auditor")

ENVIRONMENT: Mapping[str, Mapping[str, str]] = {
    "command_dispatch": {"SLACKER_JIRA_SETTLING": "12", "SLACKER_TRANSACTIONS_SETTLING": "1"},
    "operator_api": {"SLACKER_OPERATORS": ",".join(f"{role}={' '.join(OPERATORS)}" for role in _ROLES)},
    "push_notification": {"SLACKER_PUSH_BY": "fcm", "SLACKER_TEXT_BY": "sms"},
}
"""Environment variables of single functions, besides those that all get. Settling times (seconds) are short, as a
stand-in's search lags by seconds, not minutes.
"""
