"""A publisher that fails or hangs as told: the faults of everything that publishes."""

from collections.abc import Sequence

from shared.deadline import Deadline
from shared.embedded.memory_publisher import MemoryPublisher
from shared.errors import DeadlineExceeded, Unavailable
from shared.messaging.messages import Message


class TroubledPublisher(MemoryPublisher):
    """Publishing `work`s, `fail`s, `hang`s until the deadline, or is `lost`: done, but never confirmed."""

    def __init__(self, how: str = "work") -> None:
        super().__init__()
        self.how = how
        self.calls = 0

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        self.calls += 1
        if self.how == "fail":
            raise Unavailable("the publisher is down")
        if self.how == "hang":
            await deadline.sleep(deadline.remaining())
            raise DeadlineExceeded("the publisher is slow")
        ids = await super().publish(topic, messages, deadline)
        if self.how == "lost":
            raise DeadlineExceeded("the publisher did not confirm")
        return ids
