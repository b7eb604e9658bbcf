"""Builds the decoder of events from the settings: the schema registry, its authorization, and the mappings."""

from shared.composition.ports import Ports
from shared.events.avro.events import EventDecoder
from shared.events.avro.open_registry import open_registry
from shared.events.avro.topic_encoding import topics


def build_decoder(ports: Ports) -> EventDecoder:
    """The decoder over `ports`; raises `Misconfigured` for a mapping that cannot be used."""
    settings = ports.settings
    schemas = open_registry(settings.registry, ports.registry_authorization, ports.clock)
    return EventDecoder(schemas, topics(settings.mappings))
