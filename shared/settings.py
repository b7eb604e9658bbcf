"""What a function is told by its environment, checked once, at its first request."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from shared.errors import Misconfigured

E = TypeVar("E", bound=StrEnum)


class Environment(StrEnum):
    """Where a function runs: `production` unless told otherwise, since that is where a mistake costs most."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    LOCAL = "local"


class Backing(StrEnum):
    """What the ports stand on: Google Cloud, files of this machine, or this process's memory (secrets in files)."""

    GCP = "gcp"
    EMBEDDED = "embedded"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Settings:
    """The variables, by name: see the README.

    `callers` are e-mail addresses in lower case, `state` a directory, `broker` a URL, an emulator its host and port,
    `registry` a URL or a directory, `mappings` names of files in `schemas/mappings/`.
    """

    environment: Environment
    backing: Backing
    state: Path
    project: str
    callers: frozenset[str]
    replay: bool
    token_key_version: int
    firestore_emulator: str
    pubsub_emulator: str
    broker: str
    registry: str
    mappings: tuple[str, ...]
    metadata_host: str


def settings(environ: Mapping[str, str]) -> Settings:
    """The settings of `environ`; raises `Misconfigured`, saying what to set, for what is wrong or not allowed there."""
    environment = _one_of(Environment, environ, "SLACKER_ENVIRONMENT", Environment.PRODUCTION)
    usual = Backing.EMBEDDED if environment is Environment.LOCAL else Backing.GCP
    found = Settings(
        environment=environment,
        backing=_one_of(Backing, environ, "SLACKER_BACKEND", usual),
        state=Path(environ.get("SLACKER_STATE") or ".slacker"),
        project=environ.get("GOOGLE_CLOUD_PROJECT", ""),
        callers=frozenset(email.strip().lower() for email in environ.get("SLACKER_CALLERS", "").split(",")) - {""},
        replay=_switch(environ, "SLACKER_REPLAY"),
        token_key_version=version(environ, "SLACKER_TOKEN_KEY_VERSION"),
        firestore_emulator=environ.get("FIRESTORE_EMULATOR_HOST", ""),
        pubsub_emulator=environ.get("PUBSUB_EMULATOR_HOST", ""),
        broker=environ.get("SLACKER_BROKER", ""),
        registry=environ.get("SLACKER_REGISTRY", ""),
        mappings=tuple(filter(None, map(str.strip, environ.get("SLACKER_MAPPINGS", "").split(",")))),
        metadata_host=environ.get("GCE_METADATA_HOST") or "metadata.google.internal",
    )
    _check(found)
    return found


def _check(found: Settings) -> None:
    if found.environment is Environment.PRODUCTION:
        if found.backing is not Backing.GCP:
            raise Misconfigured("in production SLACKER_BACKEND must be gcp, or set SLACKER_ENVIRONMENT to local")
        if found.replay:
            raise Misconfigured("in production SLACKER_REPLAY must be off, or set SLACKER_ENVIRONMENT to sandbox")
        if found.firestore_emulator or found.pubsub_emulator:
            raise Misconfigured("in production FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST must not be set")
    if found.backing is Backing.GCP and not found.project:
        raise Misconfigured("set GOOGLE_CLOUD_PROJECT to the project's id, or SLACKER_ENVIRONMENT to local")


def _one_of(kind: type[E], environ: Mapping[str, str], name: str, usual: E) -> E:
    text = environ.get(name) or usual
    try:
        return kind(text)
    except ValueError as error:
        raise Misconfigured(f"set {name} to one of {', '.join(kind)}") from error


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "off"
    if text not in {"on", "off"}:
        raise Misconfigured(f"set {name} to on or off")
    return text == "on"


def version(environ: Mapping[str, str], name: str) -> int:
    """The number of a secret's version, 1 where `name` is not set; raises `Misconfigured`."""
    text = environ.get(name) or "1"
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise Misconfigured(f"set {name} to the number of a version, 1 or more")
    return int(text)


def seconds(environ: Mapping[str, str], name: str, usual: float) -> float:
    """A length of time in seconds, `usual` where `name` is not set; raises `Misconfigured`."""
    try:
        found = float(environ.get(name) or usual)
    except ValueError:
        found = 0.0
    if not 0.0 < found <= 86_400.0:
        raise Misconfigured(f"set {name} to seconds, more than 0 and at most 86400")
    return found
