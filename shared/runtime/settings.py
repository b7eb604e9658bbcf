"""The settings of a function, read from its environment variables and checked at its first request."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from shared.errors import Misconfigured

E = TypeVar("E", bound=StrEnum)


class Environment(StrEnum):
    """Where a function runs; `production` is the default, since a mistake costs most there."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    LOCAL = "local"


class AdapterSet(StrEnum):
    """Which adapters the ports have: Google Cloud, files of this machine, or memory (secrets in files)."""

    GCP = "gcp"
    EMBEDDED = "embedded"
    MEMORY = "memory"


class Settings(msgspec.Struct, frozen=True):
    """The variables, by name: see the README.

    `callers` are e-mail addresses in lower case, `state` a directory, `broker` a URL, an emulator its host and port,
    `registry` a URL or a directory, `registry_secret_version` the version of its authorization (0: none), `mappings`
    names of files in `schemas/mappings/`, `key_ring` the resource name of the key ring with the keys of functions that
    sign, `kms` the URL of Cloud KMS, `audit_log` the view of the log bucket that the audit's lines are in.
    """

    environment: Environment
    adapters: AdapterSet
    state: Path
    project: str
    callers: frozenset[str]
    replay: bool
    token_key_version: int
    firestore_emulator: str
    pubsub_emulator: str
    broker: str
    registry: str
    registry_secret_version: int
    mappings: tuple[str, ...]
    metadata_host: str
    key_ring: str
    signing_key_version: int
    kms: str
    audit_log: str


def settings(environ: Mapping[str, str]) -> Settings:
    """The settings of `environ`; raises `Misconfigured`, saying what to set, for what is wrong or not allowed there."""
    environment = _one_of(Environment, environ, "SLACKER_ENVIRONMENT", Environment.PRODUCTION)
    default = AdapterSet.EMBEDDED if environment is Environment.LOCAL else AdapterSet.GCP
    values = Settings(
        environment=environment,
        adapters=_one_of(AdapterSet, environ, "SLACKER_BACKEND", default),
        state=Path(environ.get("SLACKER_STATE") or ".slacker"),
        project=environ.get("GOOGLE_CLOUD_PROJECT", ""),
        callers=frozenset(email.strip().lower() for email in environ.get("SLACKER_CALLERS", "").split(",")) - {""},
        replay=_on_off(environ, "SLACKER_REPLAY"),
        token_key_version=version(environ, "SLACKER_TOKEN_KEY_VERSION"),
        firestore_emulator=environ.get("FIRESTORE_EMULATOR_HOST", ""),
        pubsub_emulator=environ.get("PUBSUB_EMULATOR_HOST", ""),
        broker=environ.get("SLACKER_BROKER", ""),
        registry=environ.get("SLACKER_REGISTRY", ""),
        registry_secret_version=version(environ, "SLACKER_REGISTRY_SECRET_VERSION", default=0),
        mappings=tuple(filter(None, map(str.strip, environ.get("SLACKER_MAPPINGS", "").split(",")))),
        metadata_host=environ.get("GCE_METADATA_HOST") or "metadata.google.internal",
        key_ring=environ.get("SLACKER_KEY_RING", ""),
        signing_key_version=version(environ, "SLACKER_SIGNING_KEY_VERSION"),
        kms=environ.get("SLACKER_KMS") or "https://cloudkms.googleapis.com",
        audit_log=environ.get("SLACKER_AUDIT_LOG", ""),
    )
    _check(values)
    return values


def _check(values: Settings) -> None:
    if values.environment is Environment.PRODUCTION:
        if values.adapters is not AdapterSet.GCP:
            raise Misconfigured("in production SLACKER_BACKEND must be gcp, or set SLACKER_ENVIRONMENT to local")
        if values.replay:
            raise Misconfigured("in production SLACKER_REPLAY must be off, or set SLACKER_ENVIRONMENT to sandbox")
        if values.firestore_emulator or values.pubsub_emulator:
            raise Misconfigured("in production FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST must not be set")
        if (values.registry_secret_version or "://" in values.registry) and not values.registry.startswith("https://"):
            # Who answers in its place says what events mean.
            raise Misconfigured("in production SLACKER_REGISTRY must begin with https://, or be a folder")
    if values.adapters is AdapterSet.GCP and not values.project:
        raise Misconfigured("set GOOGLE_CLOUD_PROJECT to the project's id, or SLACKER_ENVIRONMENT to local")


def _one_of(kind: type[E], environ: Mapping[str, str], name: str, default: E) -> E:
    text = environ.get(name) or default
    try:
        return kind(text)
    except ValueError as error:
        raise Misconfigured(f"set {name} to one of {', '.join(kind)}") from error


def _on_off(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "off"
    if text not in {"on", "off"}:
        raise Misconfigured(f"set {name} to on or off")
    return text == "on"


def version(environ: Mapping[str, str], name: str, default: int = 1) -> int:
    """The number of a secret's version, `default` where `name` is not set; raises `Misconfigured`."""
    text = environ.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise Misconfigured(f"set {name} to the number of a version, 1 or more")
    return int(text)


def seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    """A length of time in seconds, `default` where `name` is not set; raises `Misconfigured`."""
    try:
        length = float(environ.get(name) or default)
    except ValueError:
        length = 0.0
    if not 0.0 < length <= 86_400.0:
        raise Misconfigured(f"set {name} to seconds, more than 0 and at most 86400")
    return length
