"""The collections of the document store: who alone writes each, what a key is made of, how long a document is kept.

`docs/data-model.md` tells the same to people, and a test holds the two tables equal.
"""

from dataclasses import dataclass
from datetime import timedelta

from shared.privacy import DataClass


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection. `key` shows a document id's pattern, `data_class` is the highest class of anything in it,
    `retention` how long a document lives after its last write (`None`: until it is deleted), `content` what it says.
    """

    name: str
    key: str
    owner: str
    data_class: DataClass
    retention: timedelta | None
    content: str


COLLECTIONS = (
    Collection(
        "operations",
        "{operation}@{version}, {operation}",
        "cli",
        DataClass.NONE,
        None,
        "published versions of an operation, never overwritten, and the pointer to the active one",
    ),
    Collection(
        "rule_sets",
        "{rule set}@{version}, {rule set}",
        "cli",
        DataClass.NONE,
        None,
        "published versions of a rule set, never overwritten, and the pointer to the active one",
    ),
    Collection(
        "answers",
        "{operation}.{operation id}.{attempt}",
        "advice",
        DataClass.PSEUDONYMOUS,
        timedelta(days=400),
        "the answer that was given, the hash of what was asked, versions, and commands still to be published",
    ),
    Collection(
        "attempts",
        "{client, card or device token}:{minute}",
        "risk_decision",
        DataClass.PSEUDONYMOUS,
        timedelta(days=1),
        "how often was asked in that minute, whatever was answered",
    ),
    Collection(
        "features_clients",
        "{client token}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        timedelta(days=400),
        "the state that a client's features are computed from",
    ),
    Collection(
        "features_devices",
        "{device token}",
        "risk_features",
        DataClass.PSEUDONYMOUS,
        timedelta(days=400),
        "the state that a device's features are computed from",
    ),
    Collection(
        "features_merchants",
        "{merchant id}",
        "merchant_features",
        DataClass.NONE,
        timedelta(days=400),
        "counts and sums over all clients of a merchant",
    ),
    Collection(
        "watermarks",
        "{stream}",
        "risk_features",
        DataClass.NONE,
        None,
        "how far a stream of events has been folded into features",
    ),
)
