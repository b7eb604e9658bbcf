"""Commands go to the topics of their types."""

import pytest
from msgspec.structs import replace

from shared.commands.publisher import TopicCommandPublisher
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import NotFound
from tests.shared.commands.test_command import COMMAND
from tests.support.deadlines import plenty

TICKET = replace(COMMAND, id="t-1", type="create_ticket", payload={"kind": "fraud", "summary": "Look"})


async def test_each_goes_to_the_topic_of_its_type_and_the_ids_come_in_order() -> None:
    publisher = MemoryPublisher()
    ids = await TopicCommandPublisher(publisher).publish([TICKET, COMMAND, replace(TICKET, id="t-2")], plenty())
    sent = {topic: [message.data for message in messages] for topic, messages in publisher.published.items()}
    assert sent == {
        "commands-create-ticket": [TICKET.encoded(), replace(TICKET, id="t-2").encoded()],
        "commands-open-review": [COMMAND.encoded()],
    }
    assert ids == ["1", "3", "2"]


async def test_what_one_topic_does_not_take_is_told_after_the_others_were_sent() -> None:
    publisher = MemoryPublisher(topics={"commands-open-review"})
    with pytest.raises(NotFound):
        await TopicCommandPublisher(publisher).publish([TICKET, COMMAND], plenty())
    assert list(publisher.published) == ["commands-open-review"]
