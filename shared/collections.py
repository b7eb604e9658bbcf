"""The collections of the document store: who alone writes each, what a key is made of, how long a document is kept.

`docs/data-model.md` tells the same to people, and a test holds the two tables equal.
"""

from datetime import timedelta
from typing import Literal

import msgspec

from shared.privacy import DataClass

Retention = timedelta | Literal["until deleted", "as its operation declares"]
"""How long a document lives after its last write."""


class Collection(msgspec.Struct, frozen=True):
    """One collection. `key` shows a document id's pattern, `data_class` is the highest class of anything in it,
    `content` what it says.
    """

    name: str
    key: str
    owner: str
    data_class: DataClass
    retention: Retention
    content: str


COLLECTIONS = (
    Collection(
        "operations",
        "{name}@{version}, {name}, {name}!{epoch}, @index",
        "cli",
        DataClass.NONE,
        "until deleted",
        "versions of an operation, never overwritten; the pointer to the active one and its history; all names",
    ),
    Collection(
        "rule_sets",
        "{name}@{version}, {name}, {name}!{epoch}, @index",
        "cli",
        DataClass.NONE,
        "until deleted",
        "versions of a rule set, never overwritten; the pointer to the active one and its history; all names",
    ),
    Collection(
        "answers",
        "{operation}.{operation id}.{attempt}",
        "advice",
        DataClass.PERSONAL,
        "as its operation declares",
        "the answer that was given, the hash of what was asked, versions, and commands still to be published",
    ),
    Collection(
        "attempts",
        "{client|card|device}:{token}:{minute}",
        "risk_decision",
        DataClass.PSEUDONYMOUS,
        timedelta(minutes=10),
        "how often was asked in that minute, whatever was answered",
    ),
    Collection(
        "features_clients",
        "{client token}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        "until deleted",
        "the state that a client's features are computed from",
    ),
    Collection(
        "features_devices",
        "{device token}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        "until deleted",
        "the state that a device's features are computed from",
    ),
    Collection(
        "features_merchants",
        "{merchant digest}",
        "merchant_features",
        DataClass.NONE,
        "until deleted",
        "counts and sums over all clients of a merchant",
    ),
    Collection(
        "merchant_events",
        "{minute}",
        "merchant_features",
        DataClass.NONE,
        timedelta(days=45),
        "digests of the ids of the events of that minute that merchants have counted, so that none counts twice",
    ),
    Collection(
        "waiting_reversals",
        "{client token}.{digest of the event's id}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        timedelta(days=30),
        "a reversal whose event has not come, and when to ask where that is",
    ),
    Collection(
        "notification_history",
        "{client token}",
        "push_notification",
        DataClass.PERSONAL,
        timedelta(days=90),
        "what was sent to a client, what was not and why, without texts; and, while they wait, commands as they came",
    ),
    Collection(
        "notification_preferences",
        "{client token}",
        "notification_preferences",
        DataClass.PERSONAL,
        "until deleted",
        "which notifications a client wants by which channel, language, time zone and quiet hours",
    ),
    Collection(
        "notification_devices",
        "{client token}, @{address token}",
        "notification_preferences",
        DataClass.SECRET,
        "until deleted",
        "what FCM knows a client's devices by; whose an address is. push_notification takes out what FCM disowns",
    ),
    Collection(
        "watermarks",
        "features",
        "risk_features",
        DataClass.NONE,
        "until deleted",
        "the time of the newest transaction that the features hold",
    ),
    Collection(
        "commands",
        "{command id}",
        "command_dispatch",
        DataClass.PERSONAL,
        timedelta(days=90),
        "where a command stands and since when; until it is final, the command itself; a dead letter is kept "
        "until it is settled",
    ),
    Collection(
        "switches",
        "{type}, {type}.{channel}",
        "operator_api",
        DataClass.PERSONAL,
        "until deleted",
        "whether commands of a type, or of a channel, go through; who said so and why",
    ),
    Collection(
        "reviews",
        "{operation}.{operation id}.{attempt}",
        "command_dispatch",
        DataClass.PERSONAL,
        "as its operation declares",
        "what is to be reviewed, who said what, how it was decided, and commands still to be published",
    ),
    Collection(
        "audit",
        "{number}, head",
        "operator_api",
        DataClass.PERSONAL,
        "until deleted",
        "who read or did what, when, to whom and why, each entry with the hash of the one before; the newest's hash",
    ),
    Collection(
        "dead_letters",
        "{when it was published}.{digest}",
        "dead_letters",
        DataClass.PERSONAL,
        timedelta(days=90),
        "why a message could not be processed and what people did about it; while it waits for them, it is kept",
    ),
    Collection(
        "dead_letter_bodies",
        "{dead letter}.{part}, {dead letter}.edited",
        "dead_letters",
        DataClass.PERSONAL,
        timedelta(days=90),
        "the message as it came, in parts, and what is to be sent instead; kept as long as its letter",
    ),
)
