"""The publisher port in this process's memory, for tests and benchmarks."""

from collections.abc import Collection, Sequence

from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, NotFound
from shared.messaging.messages import Message
from shared.messaging.publisher import validate


class MemoryPublisher:
    """Implements `shared.messaging.publisher.Publisher`; `published` has every message, by topic.

    Where `topics` is given, there are no others.
    """

    def __init__(self, topics: Collection[str] | None = None) -> None:
        self._topics = topics
        self._count = 0
        self.published: dict[str, list[Message]] = {}

    async def publish(self, topic: str, messages: Sequence[Message], deadline: Deadline) -> list[str]:
        """See the port."""
        validate(messages)
        if deadline.passed():
            raise DeadlineExceeded("no time was left to publish")
        if self._topics is not None and topic not in self._topics:
            raise NotFound(f"there is no topic {topic}")
        self.published.setdefault(topic, []).extend(messages)
        first = self._count + 1
        self._count += len(messages)
        return [str(number) for number in range(first, self._count + 1)]

    async def close(self) -> None:
        """See the port."""
