"""Opens the schema registry that settings name: none, a directory, or a URL with Confluent's API."""

from pathlib import Path

from shared.clock import SYSTEM, Clock
from shared.events.avro.registry import Authorization, CachedRegistry, NoRegistry, Registry


def open_registry(where: str, authorization: Authorization | None = None, clock: Clock = SYSTEM) -> Registry:
    """The registry at `where`, the value of `SLACKER_REGISTRY`: empty, a path or a URL. Nothing is opened yet."""
    if not where:
        return NoRegistry()
    if where.startswith(("https://", "http://")):
        from shared.events.avro.confluent_registry import ConfluentRegistry  # noqa: PLC0415 - brings the HTTP client

        return CachedRegistry(ConfluentRegistry(where, authorization), clock=clock)
    from shared.events.avro.file_registry import FileRegistry  # noqa: PLC0415

    return CachedRegistry(FileRegistry(Path(where)), clock=clock)
