"""The three protobuf messages of a publish, as Pub/Sub's proto file describes them.

Google's own classes come with its whole client: importing them takes 100 to 300 ms of a cold start, describing these
two or three. (https://github.com/googleapis/googleapis/blob/master/google/pubsub/v1/pubsub.proto)
"""

from collections.abc import Sequence
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from shared.gcp.grpc_channel import Message
from shared.messaging.messages import Message as Published

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "google.pubsub.v1"


def _described() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="pubsub.proto", package=_PACKAGE, syntax="proto3")
    message = file.message_type.add(name="PubsubMessage")
    message.field.add(name="data", number=1, type=_Field.TYPE_BYTES, label=_Field.LABEL_OPTIONAL)
    entry = message.nested_type.add(name="AttributesEntry")
    entry.options.map_entry = True
    for number, name in enumerate(("key", "value"), start=1):
        entry.field.add(name=name, number=number, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    _add_messages(message, "attributes", 2, "PubsubMessage.AttributesEntry")
    message.field.add(name="ordering_key", number=5, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    request = file.message_type.add(name="PublishRequest")
    request.field.add(name="topic", number=1, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    _add_messages(request, "messages", 2, "PubsubMessage")
    response = file.message_type.add(name="PublishResponse")
    response.field.add(name="message_ids", number=1, type=_Field.TYPE_STRING, label=_Field.LABEL_REPEATED)
    return file


def _add_messages(into: Any, name: str, number: int, of: str) -> None:
    kind, many = _Field.TYPE_MESSAGE, _Field.LABEL_REPEATED
    into.field.add(name=name, number=number, type=kind, type_name=f".{_PACKAGE}.{of}", label=many)


# A pool of their own, so that Google's classes may be loaded in the same process.
_pool = descriptor_pool.DescriptorPool()
_pool.Add(_described())


def _class(name: str) -> Message:
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


PublishRequest, PublishResponse = _class("PublishRequest"), _class("PublishResponse")


def publish(topic: str, messages: Sequence[Published]) -> Message:
    """The request that publishes `messages` to `topic`, named `projects/{project}/topics/{topic}`."""
    request = PublishRequest(topic=topic)
    for message in messages:
        added = request.messages.add(data=message.data, ordering_key=message.ordering_key)
        added.attributes.update(message.attributes)
    return request
