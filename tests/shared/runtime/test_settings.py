"""What the environment may say, and what it may not."""

from pathlib import Path

import pytest

from shared.errors import Misconfigured
from shared.runtime.settings import AdapterSet, Environment, Settings, settings

LOCAL = {"SLACKER_ENVIRONMENT": "local"}


def test_a_developers_machine_needs_one_variable() -> None:
    assert settings(LOCAL) == Settings(
        environment=Environment.LOCAL,
        adapters=AdapterSet.EMBEDDED,
        state=Path(".slacker"),
        project="",
        callers=frozenset(),
        replay=False,
        token_key_version=1,
        firestore_emulator="",
        pubsub_emulator="",
        broker="",
        registry="",
        registry_secret_version=0,
        mappings=(),
        metadata_host="metadata.google.internal",
        key_ring="",
        signing_key_version=1,
        kms="https://cloudkms.googleapis.com",
        audit_log="",
    )


def test_the_cloud_needs_its_project_and_is_production_unless_told_otherwise() -> None:
    values = settings({"GOOGLE_CLOUD_PROJECT": "bank"})
    assert (values.environment, values.adapters, values.project) == (Environment.PRODUCTION, AdapterSet.GCP, "bank")


def test_every_variable_is_read() -> None:
    environ = {
        "SLACKER_ENVIRONMENT": "sandbox",
        "SLACKER_BACKEND": "memory",
        "SLACKER_STATE": "/var/slacker",
        "SLACKER_CALLERS": " Cards@Bank.example, ,loans@bank.example,",
        "SLACKER_REPLAY": "on",
        "SLACKER_TOKEN_KEY_VERSION": "12",
        "GOOGLE_CLOUD_PROJECT": "bank",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:8085",
        "SLACKER_BROKER": "http://127.0.0.1:7070",
        "SLACKER_REGISTRY": "https://registry.bank.example",
        "SLACKER_REGISTRY_SECRET_VERSION": "3",
        "SLACKER_MAPPINGS": "core-banking, cards",
        "GCE_METADATA_HOST": "127.0.0.1:9090",
        "SLACKER_KEY_RING": "projects/bank/locations/europe-west1/keyRings/slacker",
        "SLACKER_SIGNING_KEY_VERSION": "3",
        "SLACKER_KMS": "http://127.0.0.1:9091",
        "SLACKER_AUDIT_LOG": "projects/bank/locations/europe-west1/buckets/slacker-audit/views/_AllLogs",
    }
    assert settings(environ) == Settings(
        environment=Environment.SANDBOX,
        adapters=AdapterSet.MEMORY,
        state=Path("/var/slacker"),
        project="bank",
        callers=frozenset({"cards@bank.example", "loans@bank.example"}),
        replay=True,
        token_key_version=12,
        firestore_emulator="127.0.0.1:8080",
        pubsub_emulator="127.0.0.1:8085",
        broker="http://127.0.0.1:7070",
        registry="https://registry.bank.example",
        registry_secret_version=3,
        mappings=("core-banking", "cards"),
        metadata_host="127.0.0.1:9090",
        key_ring="projects/bank/locations/europe-west1/keyRings/slacker",
        signing_key_version=3,
        kms="http://127.0.0.1:9091",
        audit_log="projects/bank/locations/europe-west1/buckets/slacker-audit/views/_AllLogs",
    )


def test_an_empty_variable_is_an_absent_one() -> None:
    names = ("BACKEND", "STATE", "CALLERS", "REPLAY", "TOKEN_KEY_VERSION", "REGISTRY_SECRET_VERSION")
    assert settings(LOCAL | {f"SLACKER_{name}": "" for name in names}) == settings(LOCAL)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "GOOGLE_CLOUD_PROJECT"),
        ({"SLACKER_ENVIRONMENT": "prod"}, "SLACKER_ENVIRONMENT"),
        ({"SLACKER_BACKEND": "embedded"}, "SLACKER_BACKEND"),
        ({"SLACKER_BACKEND": "memory", "GOOGLE_CLOUD_PROJECT": "bank"}, "SLACKER_BACKEND"),
        ({"SLACKER_REPLAY": "on", "GOOGLE_CLOUD_PROJECT": "bank"}, "SLACKER_REPLAY"),
        ({"PUBSUB_EMULATOR_HOST": "x:1", "GOOGLE_CLOUD_PROJECT": "bank"}, "PUBSUB_EMULATOR_HOST"),
        ({"FIRESTORE_EMULATOR_HOST": "x:1", "GOOGLE_CLOUD_PROJECT": "bank"}, "FIRESTORE_EMULATOR_HOST"),
        (
            {
                "GOOGLE_CLOUD_PROJECT": "bank",
                "SLACKER_REGISTRY": "http://registry.bank.example",
                "SLACKER_REGISTRY_SECRET_VERSION": "1",
            },
            "SLACKER_REGISTRY must begin with https",
        ),
        (
            {
                "GOOGLE_CLOUD_PROJECT": "bank",
                "SLACKER_REGISTRY": "http://registry.bank.example",
            },
            "SLACKER_REGISTRY must begin with https",
        ),
        (LOCAL | {"SLACKER_BACKEND": "sqlite"}, "SLACKER_BACKEND"),
        (LOCAL | {"SLACKER_BACKEND": "gcp"}, "GOOGLE_CLOUD_PROJECT"),
        (LOCAL | {"SLACKER_REPLAY": "yes"}, "SLACKER_REPLAY"),
        (LOCAL | {"SLACKER_TOKEN_KEY_VERSION": "0"}, "SLACKER_TOKEN_KEY_VERSION"),
        (LOCAL | {"SLACKER_TOKEN_KEY_VERSION": "latest"}, "SLACKER_TOKEN_KEY_VERSION"),
        (LOCAL | {"SLACKER_TOKEN_KEY_VERSION": "²"}, "SLACKER_TOKEN_KEY_VERSION"),
        (LOCAL | {"SLACKER_REGISTRY_SECRET_VERSION": "0"}, "SLACKER_REGISTRY_SECRET_VERSION"),
    ],
)
def test_what_cannot_work_or_must_not_be_is_refused_with_the_variable_to_set(
    environ: dict[str, str], named: str
) -> None:
    with pytest.raises(Misconfigured, match=named):
        settings(environ)
