"""The decoder of events as a deployment has it: its registry, what that is shown, and its mappings."""

from shared.composition.ports import Ports
from shared.events.avro.events import EventDecoder
from shared.events.avro.open_registry import open_registry
from shared.events.avro.topic_encoding import topics


def build_decoder(behind: Ports) -> EventDecoder:
    """The decoder for whoever reads events; raises `Misconfigured` for a mapping that cannot be used."""
    settings = behind.settings
    schemas = open_registry(settings.registry, behind.registry_authorization, behind.clock)
    return EventDecoder(schemas, topics(settings.mappings))
